"""Clicks on the call bar, and what the engine writes down about lines and recordings."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language

from perezvon.cores.calls import words as core
from perezvon.cores.calls.model import SUPERVISION
from perezvon.cores.calls.words import Act, Target
from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.copying import copy_in
from perezvon.foundation.outbox.services import publish
from perezvon.kernel.errors import NotFound, Refused
from perezvon.kernel.ids import AgentId, CallId
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers.services import must_be_contactable
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.routing.events import for_the_engine
from perezvon.modules.telephony.gateway import gateway
from perezvon.modules.telephony.models import EVENTS_KEPT, CallFact, Line, Listening, Recording
from perezvon.modules.telephony.selectors import (
    Mark,
    find_call,
    get_recording,
    get_standing,
    line_for_core,
    list_lines,
    marks_of,
)
from perezvon.modules.telephony.waves import COLUMNS, Peaks, outline, peaks_of

CLICK_LIVES = timedelta(seconds=5)
_MIDDLE = 36  # half the height of the drawing
_ICONS = {"hold": "player-pause", "consult": "users", "handed_over": "arrow-forward-up", "step": "list-details"}


class NotANumber(Refused):
    """What was typed can't be a telephone number. facts: text."""

    code = "telephony.not_a_number"


class NoLine(Refused):
    """The actor has no line to call from."""

    code = "telephony.no_line"


class ReasonMissing(Refused):
    """Who calls in spite of a ban says why."""

    code = "telephony.reason_missing"


class NoPhone(Refused):
    """The actor's own phone is not connected: there is nothing to hear the call with."""

    code = "telephony.no_phone"


@dataclass(frozen=True, slots=True)
class Click:
    """A button of the call bar. request_id: the browser's; seen: the version of the call it was pressed at."""

    request_id: UUID
    act: Act
    seen: int | None = None
    target: Target = core.NOWHERE
    digits: str = ""


@command("telephony.request", needs="telephony.use")
def request(*, call_id: UUID, click: Click, by: Person, now: datetime) -> UUID:
    """Hand an operator's click to the engine. It is good for five seconds; its outcome is a live event.

    What is a supervisor's to do goes through `supervise`.
    """
    if click.act in SUPERVISION:
        return supervise(call_id=call_id, click=click, by=by, now=now)
    publish(for_the_engine(_clicked(call_id, click, by, now)), now=now)
    return click.request_id


@command("telephony.supervise", needs="telephony.supervise")
def supervise(*, call_id: UUID, click: Click, by: Person, now: datetime) -> UUID:
    """Take part in somebody else's call, in another way than before, or take it over; as `request`.

    For calls of the actor's projects. Raises NotFound, NoPhone.
    """
    call = find_call(call_id)
    if call is None:
        raise NotFound(call=call_id)
    get_interaction(call.contact_id, by=by)
    standing = get_standing(by.id).agent
    if standing is None or not standing.reachable:
        raise NoPhone
    publish(for_the_engine(_clicked(call_id, click, by, now)), now=now)
    return click.request_id


def _clicked(call_id: UUID, click: Click, by: Person, now: datetime) -> core.CallRequest:
    return core.CallRequest(
        request_id=click.request_id,
        agent=AgentId(by.id),
        expires_at=now + CLICK_LIVES,
        call_id=CallId(call_id),
        act=click.act,
        seen=click.seen,
        target=click.target,
        digits=click.digits[:32],
    )


@command("telephony.call_out", needs="telephony.use")
def call_out(
    *, request_id: UUID, call_id: UUID, number: str, continues_id: UUID | None = None, by: Person, now: datetime
) -> UUID:
    """Call a number from the first of the actor's lines. Raises NotANumber, NoLine, ContactRefused."""
    asked = _asked(request_id, call_id, number, continues_id, by, now)
    served = (
        Interaction.objects.filter(pk=continues_id).values_list("customer", flat=True).first() if continues_id else None
    )
    must_be_contactable(customer_id=served, channel="call", address=asked.number, now=now)
    publish(for_the_engine(asked), now=now)
    return call_id


@command("telephony.call_out_anyway", needs="customers.contact_anyway")
def call_out_anyway(
    *,
    request_id: UUID,
    call_id: UUID,
    number: str,
    continues_id: UUID | None = None,
    reason: str,
    by: Person,
    now: datetime,
) -> UUID:
    """The same in spite of what the do-not-contact register says. `intent` puts the reason in the audit.

    Raises ReasonMissing, NotANumber, NoLine.
    """
    by.must("telephony.use")
    if not reason.strip():
        raise ReasonMissing
    publish(for_the_engine(_asked(request_id, call_id, number, continues_id, by, now)), now=now)
    return call_id


def _asked(
    request_id: UUID, call_id: UUID, number: str, continues_id: UUID | None, by: Person, now: datetime
) -> core.CallOut:
    phone = parse_phone(number)
    if phone is None:
        raise NotANumber(text=number)
    line = list_lines(by=by).first()
    if line is None:
        raise NoLine()
    return core.CallOut(
        request_id=request_id,
        agent=AgentId(by.id),
        expires_at=now + CLICK_LIVES,
        call_id=CallId(call_id),
        number=phone.e164,
        line=line.address,
        continues=continues_id,
    )


@command("telephony.announce_lines", needs="telephony.configure")
def announce_lines(*, by: Actor, now: datetime) -> None:
    """Hand all lines to the engine."""
    for line in Line.objects.order_by("id"):
        publish(for_the_engine(line_for_core(line)), now=now)


@command("telephony.listen", needs="telephony.listen", reads=True)
def listen(*, recording_id: UUID, by: Person, now: datetime) -> Recording:
    """A recording to be played; that it was listened to is kept."""
    recording = get_recording(recording_id, by=by)
    Listening.objects.create(recording=recording, by_id=by.id, at=now)
    return recording


def keep_peaks(recording: Recording) -> Peaks | None:
    """What its sound looks like, made at the first time; None where there is no such sound any more."""
    if recording.peaks is None:
        try:
            peaks = peaks_of(Path(settings.RECORDINGS) / PurePath(recording.path).name)
        except (OSError, EOFError, wave.Error):
            return None
        Recording.objects.filter(pk=recording.pk, peaks__isnull=True).update(peaks=peaks)
        return peaks
    known: Peaks = recording.peaks
    return known


def player_of(recording: Recording) -> dict[str, Any]:
    """As telephony/_wave.html takes it."""
    peaks = keep_peaks(recording)
    seconds = recording.seconds or 0.0
    return {
        "url": reverse("telephony:sound", args=[recording.pk]),
        "seconds": f"{seconds:.1f}",  # as the script reads numbers, whatever the language
        "length": seconds,
        "columns": COLUMNS,
        "customer": outline(peaks[0], up=True, middle=_MIDDLE) if peaks else "",
        "ours": outline(peaks[1], up=False, middle=_MIDDLE) if peaks else "",
        "marks": [_mark(one, seconds) for one in marks_of(recording, get_language() or "ru")],
    }


def _mark(mark: Mark, seconds: float) -> dict[str, Any]:
    return {
        "at": mark.at_s,
        "at_s": f"{mark.at_s:.1f}",
        "column": round(mark.at_s / seconds * COLUMNS) if seconds else 0,
        "icon": _ICONS[mark.kind],
        "text": mark.text,
        "kind": mark.kind,
    }


def disconnect_phone(by: Person) -> None:
    """The person's browser is no phone any more, at once. Raises TryLater when the switch is away."""
    gateway().disconnect(agent=AgentId(by.id))


def begin_recording(*, recording_id: UUID, interaction_id: UUID, call_id: UUID, at: datetime) -> None:
    """Called by the engine. Twice does no harm."""
    Recording.objects.get_or_create(
        pk=recording_id, defaults={"interaction_id": interaction_id, "call": call_id, "began_at": at}
    )


def finish_recording(*, recording_id: UUID, call_id: UUID, path: str, seconds: float, at: datetime) -> None:
    """Called by the engine when the sound is complete, be it found after a crash."""
    interaction = Interaction.objects.filter(segments__call=call_id).first()
    recording = Recording.objects.filter(pk=recording_id).first()
    if recording is None and interaction is None:
        return
    if recording is None:
        began = at - timedelta(seconds=seconds)
        recording = Recording(pk=recording_id, interaction=interaction, call=call_id, began_at=began)
    recording.path, recording.seconds = PurePath(path).name, seconds
    recording.save()


@command("telephony.record_past_recordings", needs="interactions.record")
def record_past_recordings(*, facts: Sequence[core.Fact], by: Actor, now: datetime) -> int:
    """Recordings of calls that are over and already registered, as their facts tell. Returns how many."""
    rows: dict[UUID, Recording] = {}
    for fact in facts:
        match fact:
            case core.RecordingBegan():
                rows[fact.recording_id] = Recording(
                    id=fact.recording_id, interaction_id=fact.contact_id, call=fact.call_id, began_at=fact.at
                )
            case core.RecordingReady() if fact.recording_id in rows:
                rows[fact.recording_id].path = PurePath(fact.path).name
                rows[fact.recording_id].seconds = fact.seconds
    copy_in(rows.values())
    return len(rows)


def forget_old_facts(*, now: datetime) -> int:
    """Delete facts older than what they followed from (DECISIONS 21). Returns how many.

    A fact that never got into the history stays, whatever its age: `doctor` shows it until somebody has cared.
    """
    return CallFact.objects.filter(at__lt=now - EVENTS_KEPT, projected_at__isnull=False).delete()[0]
