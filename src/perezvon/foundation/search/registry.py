"""Which kinds of records can be found, and where their words come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as search knows it. title: what people see. text: its words, the main one first.

    project: only those who see it find the record; None means everybody.
    """

    kind: str
    key: UUID
    title: str
    text: str
    project: int | None = None


@dataclass(frozen=True, slots=True)
class SearchKind:
    """keys: of all records of the kind. entries: of those among the given keys that can be found."""

    code: str
    keys: Callable[[], Iterator[UUID]]
    entries: Callable[[Sequence[UUID]], Iterable[Entry]]


_declared: dict[str, SearchKind] = {}


def declare_kind(kind: SearchKind) -> None:
    """A module says what of its own can be found. The same code twice is a mistake of the programmer."""
    if _declared.setdefault(kind.code, kind) != kind:
        raise ValueError(f"the kind {kind.code} is declared twice")


def declared_kinds() -> dict[str, SearchKind]:
    return dict(_declared)
