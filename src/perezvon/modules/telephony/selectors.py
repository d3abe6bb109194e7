"""Calls as they stand: the engine's own state, written in the transaction of each decision."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from perezvon.cores.calls import words as core
from perezvon.cores.calls.model import Call
from perezvon.cores.routing import Agent
from perezvon.foundation.access import Actor
from perezvon.kernel.errors import NotFound
from perezvon.kernel.ids import QueueId
from perezvon.modules.interactions.lines import LineName
from perezvon.modules.interactions.models import Interaction, Segment
from perezvon.modules.interactions.selectors import narrowed
from perezvon.modules.scripting.selectors import steps_of
from perezvon.modules.telephony.models import EngineState, Line, Recording
from perezvon.modules.telephony.state import STATE


@dataclass(frozen=True, slots=True)
class Standing:
    """An operator as the engine sees him now, and the calls that concern him, his own first.

    version: of the newest of these states; what a desk shows is this old.
    """

    agent: Agent | None
    calls: tuple[Call, ...]
    version: int


def get_standing(user_id: int) -> Standing:
    """One query."""
    rows = EngineState.objects.filter(kind="agent", key=str(user_id)).union(
        EngineState.objects.filter(kind="call", agents__contains=[user_id]), all=True
    )
    agent: Agent | None = None
    calls: list[Call] = []
    version = 0
    for row in rows:
        version = max(version, row.version)
        state = STATE.load({"type": "Agent" if row.kind == "agent" else "Call", **row.body})
        if isinstance(state, Agent):
            agent = state
        elif isinstance(state, Call):
            calls.append(state)
    in_hand = agent.work.item if agent and agent.work else ""
    calls.sort(key=lambda call: (call.item != in_hand, call.is_over, call.began_at))
    return Standing(agent, tuple(calls), version)


def find_call(call_id: UUID) -> Call | None:
    row = EngineState.objects.filter(kind="call", key=str(call_id)).first()
    return STATE.load({"type": "Call", **row.body}) if row else None


def list_standings() -> dict[int, Agent]:
    """All operators that the engine knows, by user id. One query."""
    rows = EngineState.objects.filter(kind="agent")
    return {int(row.key): STATE.load({"type": "Agent", **row.body}) for row in rows}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A call in a queue. offered: somebody is rung for it."""

    queue: QueueId
    since: datetime
    offered: bool


def list_waiting() -> list[Waiting]:
    """All calls that wait now, those being offered among them. One query."""
    rows = EngineState.objects.filter(kind="item", key__startswith="call:")
    items = (STATE.load({"type": "Item", **row.body}) for row in rows)
    return [Waiting(one.asked.queue, one.joined_at, one.offered_to is not None) for one in items]


def list_lines(*, by: Actor) -> QuerySet[Line]:
    lines = Line.objects.select_related("project", "queue").order_by("address")
    return lines if by.projects is None else lines.filter(project__in=by.projects)


def get_public_line(address: str) -> Line:
    """A line that has a call page. Raises NotFound."""
    line = Line.objects.select_related("project", "queue").filter(address=address, is_public=True).first()
    if line is None:
        raise NotFound(line=address)
    return line


def get_recording(recording_id: UUID, *, by: Actor) -> Recording:
    """A finished recording the actor may hear. Raises NotFound."""
    by.must("telephony.listen")
    about = ("agent", "customer", "project", "result")
    recordings = Recording.objects.select_related(*(f"interaction__{name}" for name in about))
    recording = recordings.filter(pk=recording_id).exclude(path="").first()
    if recording is None or not narrowed(Interaction.objects.filter(pk=recording.interaction_id), by).exists():
        raise NotFound(recording=recording_id)
    return recording


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened while it was recorded. at_s: seconds from its beginning. kind: hold, consult, handed_over
    or step. text: in words."""

    at_s: float
    kind: str
    text: str


def marks_of(recording: Recording, language: str) -> list[Mark]:
    """What to look for in a recording: holds, consultations, other operators, steps of scenarios. Two queries."""
    segments = Segment.objects.select_related("agent").filter(call=recording.call, kind__in=["hold", "consult", "talk"])
    found: list[Mark] = []
    spoke: int | None = None
    for segment in segments:
        at = _offset(segment.began_at, recording)
        if segment.kind != "talk":
            found.append(Mark(at, segment.kind, _MARKS[segment.kind]()))
        elif spoke not in {None, segment.agent_id} and segment.agent:
            found.append(Mark(at, "handed_over", segment.agent.short_name))
        spoke = segment.agent_id if segment.kind == "talk" else spoke
    steps = steps_of(recording.interaction_id, language)
    found += [Mark(_offset(at, recording), "step", title) for at, title in steps if at >= recording.began_at]
    return sorted((one for one in found if one.at_s <= (recording.seconds or 0)), key=lambda one: one.at_s)


_MARKS = {"hold": lambda: _("On hold"), "consult": lambda: _("Consult")}


def _offset(at: datetime, recording: Recording) -> float:
    return max(0.0, round((at - recording.began_at).total_seconds(), 1))


def visible_recordings(by: Actor) -> QuerySet[Recording]:
    """Finished ones of the contacts that the actor sees."""
    by.must("telephony.listen")
    contacts = narrowed(Interaction.objects.all(), by)
    return Recording.objects.exclude(path="").filter(interaction__in=contacts.values("pk"))


def list_recordings(interaction_ids: list[UUID]) -> QuerySet[Recording]:
    return Recording.objects.filter(interaction__in=interaction_ids).order_by("began_at", "id")


def recording_urls(interaction_ids: Collection[UUID], by: Actor) -> dict[UUID, list[str]]:
    """Where each contact's recordings play, for those who may hear them. One query, or none."""
    urls: dict[UUID, list[str]] = {}
    if by.may("telephony.listen"):
        for recording in list_recordings(list(interaction_ids)).exclude(path=""):
            urls.setdefault(recording.interaction_id, []).append(reverse("telephony:player", args=[recording.pk]))
    return urls


def configuration() -> Iterator[core.LineSet]:
    """All lines as the core takes them."""
    for line in Line.objects.order_by("id"):
        yield line_for_core(line)


def line_for_core(line: Line) -> core.LineSet:
    return core.LineSet(
        line=line.address,
        version=line.version,
        queue=QueueId(line.queue_id),
        switch=line.connector,
        shown=line.shown,
        greeting=tuple(line.greeting) or ("greeting",),
        language=line.language,
        record=line.record,
        announce_every_s=line.announce_every_s,
        return_s=line.return_s,
        patience_s=line.patience_s,
    )


def name_line(address: str) -> LineName | None:
    """What a contact must know of one of our lines."""
    line = Line.objects.filter(address=address).first()
    return LineName(line.project_id, str(line)) if line else None


def place_in_queue(call: Call) -> int | None:
    """The place of a waiting call among all that wait in its queue, from 1. One query."""
    rows = EngineState.objects.filter(kind="item").values_list("key", "body__key", "body__asked__queue")
    waiting = sorted((order, key) for key, order, queue in rows if queue == call.queue)
    places = {key: place for place, (_, key) in enumerate(waiting, start=1)}
    return places.get(call.item)
