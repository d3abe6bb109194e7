"""What lies above this module tells it: what an article may be opened for, which operations the tree can hold, and
what else its search finds.

register_occasion(OccasionKind("contact", find, send))                        # in registrations.py
register_operation(Operation("contracts", lazy("Contracts"), "customers.view_contracts", lines))
register_neighbour(Neighbour("cases", lazy("Solved cases"), "cases.view", lines))
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise

from perezvon.foundation.access import Actor, Person


@dataclass(frozen=True, slots=True)
class Occasion:
    """What an article is opened for: a contact that is served, a case. customer: whose it is, if that is known.

    addresses: where he may be written to, (channel, address), the likeliest first.
    """

    kind: str
    id: UUID
    label: str
    url: str
    customer: UUID | None = None
    customer_name: str = ""
    addresses: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """An article in words for a customer. to: one of the occasion's addresses."""

    channel: str
    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class OccasionKind:
    """find: the occasion, for whoever sees it. send: queue a letter about it so that it stands in its history."""

    code: str
    find: Callable[[UUID, Person], Occasion | None]
    send: Callable[[UUID, Letter, Actor, datetime], object]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of what an operation shows. tone: as a chip takes it."""

    text: str
    detail: str = ""
    url: str = ""
    state: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that is done for the customer who is served: an element of the tree like any document (F12.02).

    right: without it nothing is shown. lines: what it shows of a customer, for whoever sees him; raises NotFound.
    """

    code: str
    title: str | Promise
    right: str
    lines: Callable[[UUID, Person, datetime], Sequence[Line]]


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation that leads through what an article is about. url: a POST begins it and goes where it is led."""

    title: str
    url: str


# Conversations that may be begun from an article with these topics, in what is served now (F06.31).
type Talks = Callable[[Collection[int], Occasion, Person], Sequence[Talk]]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Records of another module that the search finds beside the articles, in a group of their own (F12.09).

    right: without it the group is not there. lines: at most so many that fit the text, the likeliest first, as far as
    the person may see them.
    """

    code: str
    title: str | Promise
    right: str
    lines: Callable[[str, Person, int], Sequence[Line]]


_talks: list[Talks] = []
_occasions: dict[str, OccasionKind] = {}
_operations: dict[str, Operation] = {}
_neighbours: dict[str, Neighbour] = {}


def register_occasion(kind: OccasionKind) -> None:
    """Registering again replaces, which happens in tests only."""
    _occasions[kind.code] = kind


def register_operation(operation: Operation) -> None:
    """Registering again replaces, which happens in tests only."""
    _operations[operation.code] = operation


def register_talks(offer: Talks) -> None:
    if offer not in _talks:
        _talks.append(offer)


def talks_for(topics: Collection[int], occasion: Occasion | None, by: Person) -> list[Talk]:
    return [one for offer in _talks if occasion and topics for one in offer(topics, occasion, by)]


def register_neighbour(neighbour: Neighbour) -> None:
    """Registering again replaces, which happens in tests only."""
    _neighbours[neighbour.code] = neighbour


def find_beside(text: str, by: Person, limit: int) -> list[tuple[Neighbour, Sequence[Line]]]:
    """What neighbours have found, without those that have found nothing or are closed to him."""
    asked = [(one, one.lines(text, by, limit)) for one in _neighbours.values() if by.may(one.right)] if text else []
    return [(one, lines) for one, lines in asked if lines]


def find_occasion(given: Mapping[str, str], by: Person) -> Occasion | None:
    """What the query of a request names, ?contact=… or ?case=…, if it is there and he sees it."""
    for code, kind in _occasions.items():
        try:
            key = UUID(given.get(code, ""))
        except ValueError:
            continue
        if found := kind.find(key, by):
            return found
    return None


def occasion_kind(code: str) -> OccasionKind:
    return _occasions[code]


def operations() -> Mapping[str, Operation]:
    """By code."""
    return dict(_operations)
