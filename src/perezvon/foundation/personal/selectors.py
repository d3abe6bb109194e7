from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.timezone import localtime

from perezvon.foundation.access import Actor
from perezvon.foundation.personal.models import Erasure, LegalHold
from perezvon.foundation.personal.registry import Subject, find_subject, holders
from perezvon.kernel.errors import NotFound


class NoSuchPerson(NotFound):
    code = "personal.no_such_person"


class NoSuchErasure(NotFound):
    code = "personal.no_such_erasure"


@dataclass(frozen=True, slots=True)
class Part:
    """What one module holds of a person. stays: what must stay and why."""

    code: str
    label: str
    count: int
    stays: str
    is_done: bool = False


def get_subject(key: UUID, *, by: Actor) -> Subject:
    """Raises NoSuchPerson, also for one who was erased or whom the actor does not see."""
    subject = find_subject(key, by)
    if subject is None:
        raise NoSuchPerson(person=key)
    return subject


def preview(subject: Subject) -> list[Part]:
    """What would go, and what must stay and why."""
    return [Part(one.code, str(one.label), one.count(subject), str(one.stays)) for one in holders()]


def hold_of(subject_id: UUID, now: datetime) -> LegalHold | None:
    """What forbids to erase this person's data today. One query."""
    today = localtime(now).date()
    in_force = LegalHold.objects.filter(Q(until=None) | Q(until__gte=today), subject=subject_id, lifted_at=None)
    return in_force.select_related("by").first()


def get_erasure(erasure_id: UUID, *, by: Actor) -> Erasure:
    """Raises NoSuchErasure."""
    by.must("personal.erase")
    erasure = Erasure.objects.select_related("by", "confirmed_by").filter(pk=erasure_id).first()
    if erasure is None:
        raise NoSuchErasure(erasure=erasure_id)
    return erasure


def progress_of(erasure: Erasure) -> list[Part]:
    """Holder by holder, what is done."""
    return [
        Part(one.code, str(one.label), erasure.done.get(one.code, 0), str(one.stays), one.code in erasure.done)
        for one in holders()
    ]


def export_of(subject: Subject) -> dict[str, Any]:
    """All that is held: {code: {label, sections: {name: rows}}}; what concerns himself first."""
    return {one.code: {"label": str(one.label), "sections": dict(one.export(subject))} for one in reversed(holders())}
