"""Handing out one person's data, and erasing them (DECISIONS 6, X.25).

An erasure is asked for, looked at and confirmed; then a job goes from holder to holder. Each overwrites its values and
those in the history in one transaction with the note that it has, so a killed job goes on where it was. Who did what
and when stays; what the values were does not.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from perezvon.foundation.access import Actor, System
from perezvon.foundation.commands.services import command
from perezvon.foundation.jobs.models import Job
from perezvon.foundation.jobs.services import Work, ask_for_job, results_folder
from perezvon.foundation.outbox.services import publish
from perezvon.foundation.people.models import User
from perezvon.foundation.personal.events import PersonErased
from perezvon.foundation.personal.models import Erasure, LegalHold
from perezvon.foundation.personal.registry import Subject, holders
from perezvon.foundation.personal.selectors import NoSuchErasure, export_of, get_subject, hold_of
from perezvon.kernel.errors import NotAllowed, NotFound, Refused
from perezvon.kernel.ids import uuid7

EXPORT, ERASE = "personal.export", "personal.erase"
LONGEST_REASON = 500


class Held(Refused):
    """A legal hold forbids to erase. facts: reason, until."""

    code = "personal.held"


class ReasonMissing(Refused):
    code = "personal.reason_missing"
    http_status = 422


class NotConfirmed(Refused):
    """The number typed is not that of the card."""

    code = "personal.not_confirmed"
    http_status = 422


# --- legal hold ---


@command("personal.put_hold", needs="personal.hold")
def put_hold(*, subject_id: UUID, reason: str, until: date | None, by: Actor, now: datetime) -> LegalHold:
    """Nobody erases this person's data until it is lifted or its last day is over. Raises ReasonMissing."""
    get_subject(subject_id, by=by)
    text = _reason(reason)
    return LegalHold.objects.create(subject=subject_id, reason=text, until=until, by_id=by.user_id, at=now)


@command("personal.lift_hold", needs="personal.hold")
def lift_hold(*, hold_id: int, by: Actor, now: datetime) -> LegalHold:
    """Lifted already, nothing happens."""
    hold = LegalHold.objects.select_for_update().filter(pk=hold_id).first()
    if hold is None:
        raise NotFound(hold=hold_id)
    get_subject(hold.subject, by=by)
    if hold.lifted_at is None:
        hold.lifted_at, hold.lifted_by_id = now, by.user_id
        hold.save(update_fields=["lifted_at", "lifted_by"])
    return hold


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonMissing
    return text.strip()[:LONGEST_REASON]


def _must_be_free(subject_id: UUID, now: datetime) -> None:
    hold = hold_of(subject_id, now)
    if hold:
        raise Held(reason=hold.reason, until=hold.until)


# --- erasure ---


@command("personal.ask_erasure", needs="personal.erase")
def ask_erasure(*, subject_id: UUID, reason: str, by: Actor, now: datetime) -> Erasure:
    """The first step: nothing is erased yet. One that waits for its confirmation is found again.

    Raises Held, ReasonMissing, NoSuchPerson.
    """
    subject, text = get_subject(subject_id, by=by), _reason(reason)
    _must_be_free(subject.key, now)
    waiting = Erasure.objects.filter(subject=subject.key, confirmed_at=None, by_id=by.user_id).first()
    return waiting or Erasure.objects.create(
        id=uuid7(now), subject=subject.key, number=subject.number, reason=text, by_id=by.user_id, at=now
    )


@command("personal.confirm_erasure", needs="personal.erase")
def confirm_erasure(*, erasure_id: UUID, number: str, by: Actor, now: datetime) -> Erasure:
    """The second step: whoever types the number of the card means it. Confirmed twice, it runs once.

    Raises Held, NotConfirmed, NoSuchErasure, NoSuchPerson.
    """
    erasure = _lock(erasure_id)
    if erasure.confirmed_at is not None:
        return erasure
    if number.strip() != str(erasure.number):
        raise NotConfirmed(number=erasure.number)
    get_subject(erasure.subject, by=by)
    _must_be_free(erasure.subject, now)
    erasure.confirmed_at, erasure.confirmed_by_id = now, by.user_id
    erasure.save(update_fields=["confirmed_at", "confirmed_by"])
    title = _("Erasure of card No. {number}").format(number=erasure.number)
    ask_for_job(ERASE, title=title, facts={"erasure": str(erasure.pk)}, by=by, now=now)
    return erasure


def _lock(erasure_id: UUID) -> Erasure:
    erasure = Erasure.objects.select_for_update().filter(pk=erasure_id).first()
    if erasure is None:
        raise NoSuchErasure(erasure=erasure_id)
    return erasure


def run_erasure(work: Work) -> dict[str, Any]:
    """What the job does: holder after holder, those that are done left out."""
    erasure = Erasure.objects.get(pk=work.job.facts["erasure"])
    parts = holders()
    for place, holder in enumerate(parts):
        if holder.code not in erasure.done:
            erase_part(erasure_id=erasure.pk, holder_id=holder.code, by=BY, now=work.now())
        work.advance(place + 1, len(parts))
    end_erasure(erasure_id=erasure.pk, by=BY, now=work.now())
    return {}


BY = System(name="personal")


@command("personal.erase_part", needs="personal.erase")
def erase_part(*, erasure_id: UUID, holder_id: str, by: Actor, now: datetime) -> int:
    """Let one holder erase what it holds; how many rows. Done already, nothing happens. Raises Held."""
    erasure = _lock(erasure_id)
    if holder_id in erasure.done or erasure.confirmed_at is None:
        return 0
    _must_be_free(erasure.subject, now)
    subject = get_subject(erasure.subject, by=by)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('perezvon.erasing', 'on', true)")
    holder = next(one for one in holders() if one.code == holder_id)
    erasure.done = {**erasure.done, holder_id: holder.erase(subject, now)}
    erasure.save(update_fields=["done"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('perezvon.erasing', '', true)")
    return int(erasure.done[holder_id])


@command("personal.end_erasure", needs="personal.erase")
def end_erasure(*, erasure_id: UUID, by: Actor, now: datetime) -> None:
    erasure = _lock(erasure_id)
    if erasure.ended_at is None:
        erasure.ended_at = now
        erasure.save(update_fields=["ended_at"])
        publish(PersonErased(subject_id=erasure.subject), now=now)


# --- export ---


@command("personal.ask_export", needs="personal.export")
def ask_export(*, subject_id: UUID, by: Actor, now: datetime) -> Job:
    """Let a worker gather all that is held of the person, as JSON and to be read, in one archive."""
    subject = get_subject(subject_id, by=by)
    title = _("Data of card No. {number}").format(number=subject.number)
    return ask_for_job(EXPORT, title=title, facts={"subject": str(subject.key)}, by=by, now=now)


@command("personal.note_download", needs="personal.export", reads=True)
def note_download(*, job_id: UUID, by: Actor, now: datetime) -> None:
    """Write down that the archive was fetched."""


def run_export(work: Work) -> dict[str, Any]:
    """What the job does: the archive, in the language of who asked for it."""
    owner = work.job.owner
    if owner is None:
        raise NotAllowed(right="personal.export")
    by = User.objects.select_related("role").get(pk=owner.pk).actor()
    by.must("personal.export")
    subject = get_subject(UUID(work.job.facts["subject"]), by=by)
    work.advance(0, len(holders()))
    with translation.override(by.language):
        return _write(work, subject, by.name)


def _write(work: Work, subject: Subject, made_by: str) -> dict[str, Any]:
    data, now = export_of(subject), work.now()
    path = results_folder() / f"{work.job.pk}.zip"
    about = {"number": subject.number, "name": subject.name, "made_at": now.isoformat(), "made_by": made_by}
    context = {"about": about, "parts": _readable(data), "now": now}
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            text = json.dumps({"about": about, "data": data}, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)
            archive.writestr("data.json", text)
            archive.writestr("data.html", render_to_string("personal/export.html", context))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    name = f"personal_{subject.number}_{localtime(now):%Y%m%d}.zip"
    return {"file": path.name, "name": name, "rows": sum(_rows(part) for part in data.values())}


def _rows(part: dict[str, Any]) -> int:
    return sum(len(rows) for rows in part["sections"].values())


def _readable(data: dict[str, Any]) -> list[dict[str, Any]]:
    """For the page: rows with those values only that say something, in people's words."""
    words = {one.code: one.word for one in holders()}
    return [
        {
            "label": part["label"],
            "sections": [
                {"name": words[code](name), "rows": [_said(row, words[code]) for row in rows]}
                for name, rows in part["sections"].items()
                if rows
            ],
        }
        for code, part in data.items()
        if _rows(part)
    ]


def _said(row: Mapping[str, Any], word: Callable[[str], str]) -> list[tuple[str, Any]]:
    return [(word(key), value) for key, value in row.items() if value not in ("", None, [], {})]
