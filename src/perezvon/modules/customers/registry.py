"""Where modules above add what they know of a customer. Filled once, when the process starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

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


type Context = Callable[[Customer, Actor, datetime], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the customer's page. context: what `template` is given, with `customer` added.

    needs: the right without which it is left out. position: smaller ones stand higher; column: "main" or "side".
    """

    code: str
    template: str
    context: Context
    needs: str
    position: int = 100
    column: str = "main"


_sections: dict[str, Section] = {}


def register_section(section: Section) -> None:
    """Add a part to the customer's page. The same code twice is a mistake of the programmer."""
    if _sections.setdefault(section.code, section) != section:
        raise ValueError(f"the section {section.code} is registered twice")


def sections_for(by: Actor, column: str) -> list[Section]:
    open_to_him = [section for section in _sections.values() if section.column == column and by.may(section.needs)]
    return sorted(open_to_him, key=lambda section: (section.position, section.code))
