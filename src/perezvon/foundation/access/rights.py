"""The register of rights. A module declares its own in `registrations.py`; nothing else makes one up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

OPERATOR = "operator"
EXTENDED = "extended_operator"
SUPERVISOR = "supervisor"
INFORMATION = "information_administrator"
SYSTEM = "system_administrator"
ROLES = (OPERATOR, EXTENDED, SUPERVISOR, INFORMATION, SYSTEM)


@dataclass(frozen=True, slots=True)
class Right:
    """code: `module.thing`. roles: those that have it in a new installation; an administrator may change that.

    narrows: a role may have it for less than the projects it sees, as `Scope` says.
    """

    code: str
    title: str
    roles: frozenset[str]
    narrows: bool = False


_declared: dict[str, Right] = {}


def declare(code: str, title: str, *, roles: Iterable[str], narrows: bool = False) -> Right:
    """Add a right to the register. The same code twice is a mistake of the programmer."""
    right = Right(code, title, frozenset(roles), narrows)
    if unknown := right.roles - set(ROLES):
        raise ValueError(f"{code}: no such role {sorted(unknown)}")
    if _declared.setdefault(code, right) != right:
        raise ValueError(f"the right {code} is declared twice")
    return right


def declared() -> dict[str, Right]:
    return dict(_declared)
