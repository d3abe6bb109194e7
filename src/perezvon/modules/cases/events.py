from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class CaseRegistered(Event):
    """cause, here and below: what led to it in the end, so that rules that set each other off come to an end."""

    topic: ClassVar[str] = "cases.registered"
    case_id: UUID
    cause: str = ""


@dataclass(frozen=True, slots=True)
class CaseChanged(Event):
    """fields: their names, "custom_<key>" for an administrator's own."""

    topic: ClassVar[str] = "cases.changed"
    case_id: UUID
    fields: tuple[str, ...]
    cause: str = ""


@dataclass(frozen=True, slots=True)
class CaseTold(Event):
    """Somebody wrote or called. act: of the entry, as models.Act. is_public: the customer may be told of it."""

    topic: ClassVar[str] = "cases.told"
    case_id: UUID
    act: str
    is_public: bool
    by_id: int | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class CaseMoved(Event):
    """It is in another state. stage: of the new one."""

    topic: ClassVar[str] = "cases.moved"
    case_id: UUID
    state: str
    stage: str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class CaseHandedOver(Event):
    topic: ClassVar[str] = "cases.handed_over"
    case_id: UUID
    person_id: int | None
    team_id: int | None


@dataclass(frozen=True, slots=True)
class CaseMentioned(Event):
    """Somebody was named in a comment."""

    topic: ClassVar[str] = "cases.mentioned"
    case_id: UUID
    user_id: int


@dataclass(frozen=True, slots=True)
class CaseTermWarned(Event):
    """A promise will soon be broken. promise: a code of models.Promise."""

    topic: ClassVar[str] = "cases.term_warned"
    case_id: UUID
    policy: str
    promise: str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class CaseTermBroken(Event):
    topic: ClassVar[str] = "cases.term_broken"
    case_id: UUID
    policy: str
    promise: str
    cause: str = ""
