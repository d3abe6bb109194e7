"""What a contact must know of the line it came by. Lines belong to modules above, which register here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from perezvon.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class LineName:
    project_id: int
    name: str


type Lookup = Callable[[str], LineName | None]

_lookups: list[Lookup] = []


def register_lines(lookup: Lookup) -> None:
    """A module with lines, mailboxes or the like offers to name them."""
    if lookup not in _lookups:
        _lookups.append(lookup)


def line_of(address: str) -> LineName:
    """Raises NotFound for an address that no module knows."""
    for lookup in _lookups:
        if found := lookup(address):
            return found
    raise NotFound(line=address)
