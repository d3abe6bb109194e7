"""What a task may belong to beside a customer and a contact: a case, a deal, an order; and what else somebody who
leaves hands over. Modules above register it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise

from perezvon.foundation.access import Actor


@dataclass(frozen=True, slots=True)
class SubjectCard:
    """What the board says of a subject: "No. 192, Delivery is late"."""

    title: str
    url: str = ""
    opened_at: datetime | None = None
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """code: unique. cards: of several subjects, as far as the actor sees them. One query, please."""

    code: str
    label: str | Promise
    cards: Callable[[Collection[UUID], Actor], Mapping[UUID, SubjectCard]]


# From somebody to somebody else, or None: to his team; how many, as far as the actor may give them out.
type HandOverWork = Callable[[int, int | None, Actor, datetime], int]

_kinds: dict[str, SubjectKind] = {}
_works: dict[str, HandOverWork] = {}


def register_subject_kind(kind: SubjectKind) -> None:
    """Let tasks belong to something. The same code twice is a mistake of the programmer."""
    if _kinds.setdefault(kind.code, kind) != kind:
        raise ValueError(f"the subject kind {kind.code} is registered twice")


def subject_cards(subjects: Collection[tuple[str, UUID]], by: Actor) -> dict[tuple[str, UUID], SubjectCard]:
    """A card for each (kind, id) that the actor sees. One query a kind."""
    found: dict[tuple[str, UUID], SubjectCard] = {}
    for code, kind in _kinds.items():
        keys = {key for of, key in subjects if of == code}
        if keys:
            found |= {(code, key): card for key, card in kind.cards(keys, by).items()}
    return found


def register_work(code: str, hand_over: HandOverWork) -> None:
    """Open work that is handed over together with tasks. Registering again replaces, which happens in tests only."""
    _works[code] = hand_over


def hand_over_other_work(from_id: int, to_id: int | None, by: Actor, now: datetime) -> int:
    return sum(hand_over(from_id, to_id, by, now) for hand_over in _works.values())


def is_known(kind: str) -> bool:
    return kind in _kinds
