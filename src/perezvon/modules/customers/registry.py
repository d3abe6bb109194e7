"""Where modules above add what they know of a customer. Filled once, when the process starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from perezvon.foundation.access import Actor
from perezvon.modules.customers.models import Customer


@dataclass(frozen=True, slots=True)
class Standing:
    """What is going on with a customer: anything open, and when he was last in touch."""

    has_open: bool = False
    last_at: datetime | None = None


type Standings = Callable[[Collection[UUID]], Mapping[UUID, Standing]]

_standings: list[Standings] = []


def register_standings(look: Standings) -> None:
    """Offer to say how things stand with several customers at once. One query, please: a telephone is ringing."""
    if look not in _standings:
        _standings.append(look)


def standings_of(customers: Collection[UUID]) -> dict[UUID, Standing]:
    """How things stand with each, as far as any module knows."""
    joined = dict.fromkeys(customers, Standing())
    for look in _standings if customers else []:
        for customer, found in look(customers).items():
            joined[customer] = _join(joined[customer], found)
    return joined


def _join(one: Standing, other: Standing) -> Standing:
    times = [time for time in (one.last_at, other.last_at) if time]
    return Standing(one.has_open or other.has_open, max(times, default=None))


type Context = Callable[[Customer, Actor, datetime], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the customer's page. context: what `template` is given, with `customer` added; None: nothing to show.

    needs: the right without which it is left out. Where it stands until an administrator arranges it: position,
    smaller ones higher; column: "top", "main", "side" or "hidden". label: what the layout editor calls it.
    """

    code: str
    template: str
    context: Context
    needs: str
    position: int = 100
    column: str = "main"
    label: str | Promise = ""


_sections: dict[str, Section] = {}


def register_section(section: Section) -> None:
    """Add a part to the customer's page. The same code twice is a mistake of the programmer."""
    if _sections.setdefault(section.code, section) != section:
        raise ValueError(f"the section {section.code} is registered twice")


def all_sections() -> list[Section]:
    return list(_sections.values())


def sections_for(by: Actor) -> list[Section]:
    """Those that the actor's rights open to him."""
    return [section for section in _sections.values() if by.may(section.needs)]


@dataclass(frozen=True, slots=True)
class ContactLinks:
    """What these pages can do for the contact that somebody has in hand; modules of contacts and desks know how.

    project: of a contact the actor may see, else NotFound. link: attach it to a customer. Addresses: link_url attaches
    by a POST, refuse_url says by a POST that the customer refuses registration, back_url shows the contact again,
    dial_url takes the number to call by a POST, "" for those who do not call. in_hand: words for the contact that the
    actor has with the customer right now, "" without one.
    """

    project: Callable[[UUID, Actor], int]
    link: Callable[[UUID, UUID, Actor, datetime], None]
    link_url: Callable[[UUID, UUID], str]
    refuse_url: Callable[[UUID], str]
    back_url: Callable[[UUID], str]
    dial_url: Callable[[Actor], str]
    in_hand: Callable[[UUID, Actor], str]


_contact_links: list[ContactLinks] = []


def register_contact_links(links: ContactLinks) -> None:
    """There is one desk. Registering again replaces, which happens in tests only."""
    _contact_links[:] = [links]


def contact_links() -> ContactLinks | None:
    return _contact_links[0] if _contact_links else None


# Whether commercial data of a customer are open to somebody now; the module of contacts knows, after identification.
type Gate = Callable[[Customer, Actor], bool]

_gates: list[Gate] = []


def register_commercial_gate(gate: Gate) -> None:
    """There is one way of identifying. Registering again replaces, which happens in tests only."""
    _gates[:] = [gate]


def commercial_is_open(customer: Customer, by: Actor) -> bool:
    """Closed where nobody can tell."""
    return bool(_gates) and _gates[0](customer, by)
