"""What other modules tell us: whether somebody may be written to, and what can stand in a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Model
from django.utils.functional import Promise

from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Project

SERVICE = "service"  # the usual purpose: something the customer asked for
TEST, COLLEAGUE, SIGN_IN = "test", "colleague", "sign_in"
INSIDE = frozenset({TEST, COLLEAGUE, SIGN_IN})  # to people of the centre itself


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants to tell somebody something.

    purpose: SERVICE, one of INSIDE, or a code of the gates' own, e.g. "marketing"; kind, record: about whom. address: a
    number in E.164, or an e-mail address.
    """

    channel: str
    address: str
    purpose: str
    kind: str
    record: UUID | None
    by: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it must not be sent. words: a sentence for people, lazy or translated."""

    code: str
    words: str | Promise


type Gate = Callable[[Wish], Refusal | None]

_gates: list[Gate] = []


def register_gate(gate: Gate) -> None:
    """Ask this before anything is queued: a ban on contact, a missing consent. In registrations.py."""
    if gate not in _gates:
        _gates.append(gate)


def refusal_of(wish: Wish) -> Refusal | None:
    """The first reason why not."""
    return next((refusal for gate in _gates if (refusal := gate(wish))), None)


@dataclass(frozen=True, slots=True)
class About:
    """What a text is made for. record: of the kind `kind`, if it is about one."""

    by: Actor
    now: datetime
    language: str
    project: Project | None = None
    record: Model | None = None


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A place in a template: {code}. read: what stands there; sample: in a preview. kind: of the records that have it,
    "" for all texts."""

    code: str
    label: str | Promise
    read: Callable[[About], str]
    sample: str | Promise
    kind: str = ""


_placeholders: dict[str, Placeholder] = {}


def register_placeholder(placeholder: Placeholder) -> None:
    """Let templates say it. The same code replaces, which happens in tests only."""
    _placeholders[placeholder.code] = placeholder


def placeholders() -> Mapping[str, Placeholder]:
    return dict(_placeholders)
