"""Who holds what of a person. Each module registers its own; export and erasure ask them all.

    register_holder(Holder("notes", lazy("Notes"), order=50, export=…, count=…, erase=…, stays=lazy("…")))

`order`: the larger ones erase first, so that what a module above needs to find its rows is still there. Erasing twice
does no harm: a job that was killed begins with the holder it had in hand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from perezvon.foundation.access import Actor

type Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A person. keys: of all cards that are his. addresses: his numbers, in digits, and mailboxes, in small letters."""

    keys: tuple[UUID, ...]
    number: int
    name: str
    addresses: frozenset[str]

    @property
    def key(self) -> UUID:
        return self.keys[0]

    @property
    def texts(self) -> list[str]:
        """His keys as texts, as facts and audiences hold them."""
        return [str(key) for key in self.keys]


@dataclass(frozen=True, slots=True)
class Holder:
    """export: {section: rows} of values that JSON can hold. count: how many rows would be erased.

    erase: overwrites what is personal, in one transaction, history included; how many rows. stays: in words, what of
    it must stay and why; "" when nothing does. word: what people call a key of the rows.
    """

    code: str
    label: str | Promise
    order: int
    export: Callable[[Subject], Mapping[str, Rows]]
    count: Callable[[Subject], int]
    erase: Callable[[Subject, datetime], int]
    stays: str | Promise = ""
    word: Callable[[str], str] = str


type Find = Callable[[UUID, Actor], Subject | None]

_holders: dict[str, Holder] = {}
_finders: list[Find] = []


def register_holder(holder: Holder) -> None:
    """The same code twice is a mistake of the programmer."""
    if _holders.setdefault(holder.code, holder) != holder:
        raise ValueError(f"the holder {holder.code} is registered twice")


def register_finder(find: Find) -> None:
    """How a record's key becomes a person, for whoever sees it. There is one kind of people whose data are held."""
    _finders[:] = [find]


def holders() -> list[Holder]:
    """In the order in which they erase."""
    return sorted(_holders.values(), key=lambda holder: -holder.order)


def find_subject(key: UUID, by: Actor) -> Subject | None:
    return _finders[0](key, by) if _finders else None
