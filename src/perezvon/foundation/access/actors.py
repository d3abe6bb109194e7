"""Actors: whoever reads or writes. Never None."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from perezvon.kernel.errors import NotAllowed


class Scope(StrEnum):
    """Whose records a right is for: one's own, those of one's team, all of the projects one sees."""

    OWN = "own"
    TEAM = "team"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Actor:
    """projects: ids of the projects he sees; None means all of them. scopes: of rights that are narrower than that."""

    kind = "actor"

    rights: frozenset[str] = frozenset()
    projects: frozenset[int] | None = frozenset()
    scopes: tuple[tuple[str, Scope], ...] = ()

    @property
    def key(self) -> str:
        """A short name for logs and history, e.g. "user:7"."""
        return self.kind

    @property
    def user_id(self) -> int | None:
        return None

    @property
    def behind(self) -> int | None:
        """The id of the user who acts as this one; None when everybody is himself."""
        return None

    def may(self, right: str) -> bool:
        return right in self.rights

    def must(self, right: str) -> None:
        """Raises NotAllowed when the right is missing."""
        if not self.may(right):
            raise NotAllowed(right=right)

    def scope_of(self, right: str) -> Scope:
        """For whose records he has the right, if he has it."""
        return next((scope for code, scope in self.scopes if code == right), Scope.PROJECT)

    def sees_project(self, project_id: int | None) -> bool:
        return self.projects is None or project_id in self.projects


@dataclass(frozen=True, slots=True)
class Person(Actor):
    """A user of the centre. groups: codes of the groups he is in. role: its code.

    acted_by: who acts in his name, if somebody does.
    """

    id: int = 0
    name: str = ""
    team_id: int | None = None
    groups: frozenset[str] = frozenset()
    language: str = "ru"
    acted_by: int | None = None
    role: str = ""

    @property
    def key(self) -> str:
        return f"user:{self.id}"

    @property
    def user_id(self) -> int | None:
        return self.id

    @property
    def behind(self) -> int | None:
        return self.acted_by

    def in_group(self, code: str) -> bool:
        return code in self.groups


@dataclass(frozen=True, slots=True)
class System(Actor):
    """A part of the product acting by itself. It may do everything."""

    name: str = ""
    projects: frozenset[int] | None = None

    @property
    def key(self) -> str:
        return f"system:{self.name}"

    def may(self, right: str) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Caller(Actor):
    """A customer at the public call page, known by nothing but his connection."""

    address: str = ""

    @property
    def key(self) -> str:
        return "caller"


@dataclass(frozen=True, slots=True)
class Integration(Actor):
    """Another program with a token of its own."""

    id: int = 0

    @property
    def key(self) -> str:
        return f"integration:{self.id}"
