"""What can be imported. A module says it in its registrations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from perezvon.foundation.access import Actor
from perezvon.kernel.errors import NotFound

type Label = str | Promise


class NoSuchKind(NotFound):
    code = "imports.no_such_kind"


class As(StrEnum):
    """What a column holds, as far as cells are transformed by it."""

    TEXT = "text"
    NAME = "name"  # a part of a person's name
    FULL_NAME = "full_name"  # cut into the parts that Target.parts names
    PHONE = "phone"
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Target:
    """A field that a column can fill. words: what headers call it, parted by commas, in every language.

    many: several columns, or several values in a cell, may fill it. key: rows can be matched by it. only_key: it is
    never written. parts: of a full name, the fields it is cut into.
    """

    code: str
    label: Label
    group: Label = ""
    type: As = As.TEXT
    words: Label = ""
    choices: tuple[tuple[str, Label], ...] = ()
    many: bool = False
    key: bool = False
    only_key: bool = False
    parts: tuple[str, ...] = ()


class OnMatch(StrEnum):
    FILL = "fill"
    OVERWRITE = "overwrite"
    SKIP = "skip"


class OnNew(StrEnum):
    CREATE = "create"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Policy:
    """keys: codes of targets that rows are matched by. project: of new records; those without one are everybody's."""

    keys: tuple[str, ...] = ()
    on_match: OnMatch = OnMatch.FILL
    on_new: OnNew = OnNew.CREATE
    project_id: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell, or a whole row (no field), is refused."""

    field: str
    code: str
    facts: Mapping[str, Any] = made(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """values: what each target is given, by its code. problems: found while cells were transformed."""

    number: int
    values: Mapping[str, tuple[str, ...]]
    problems: tuple[Problem, ...] = ()


class Act(StrEnum):
    CREATE = "create"
    CHANGE = "change"
    SAME = "same"
    SKIP = "skip"  # the policy passes it over
    REFUSE = "refuse"
    SEVERAL = "several"  # more than one record fits
    REPEAT = "repeat"  # an earlier row of the file makes the record; this one will be held against it


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comes of a row. record: key of the record, title: what people call it. changes: field → (before, after).

    undo: what the module needs to take it back, as JSON. version: of the record after it was written.
    """

    row: Row
    act: Act
    record: UUID | None = None
    title: str = ""
    changes: Mapping[str, tuple[str, str]] = made(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    undo: Mapping[str, Any] = made(default_factory=dict)
    version: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """A row that was written, when it is to be taken back."""

    record: UUID
    act: Act
    version: int
    undo: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Importable:
    """A kind of records that can be imported. right: of whoever imports them. Keys that are numbers: UUID(int=…).
    has_cards: rows can belong to records that are there, of a project; else each row stands for itself.

    look: what would come of these rows. write: does it, inside a command of the module. undo: takes rows back, and
    gives the keys of records that were changed or used since and were left. words: of a problem. row_keys: what a row
    is matched by, as one text each; rows that share one are written one after the other.
    """

    code: str
    label: Label
    right: str
    targets: Callable[[Actor], Sequence[Target]]
    look: Callable[[Sequence[Row], Policy, Actor, datetime], list[Verdict]]
    write: Callable[[Sequence[Row], Policy, Actor, datetime], list[Verdict]]
    undo: Callable[[Sequence[Done], Actor, datetime], list[UUID]]
    words: Callable[[Problem], str]
    url: Callable[[UUID], str]
    row_keys: Callable[[Row, Policy], Sequence[str]]
    usual_keys: tuple[str, ...] = ()
    has_cards: bool = True


_kinds: dict[str, Importable] = {}


def register_importable(one: Importable) -> None:
    """The same code twice is a mistake of the programmer."""
    if _kinds.setdefault(one.code, one) != one:
        raise ValueError(f"the importable {one.code} is registered twice")


def importables(by: Actor) -> list[Importable]:
    """What somebody may import."""
    return [one for one in _kinds.values() if by.may(one.right)]


def importable(code: str) -> Importable:
    """Raises NoSuchKind."""
    if code not in _kinds:
        raise NoSuchKind(kind=code)
    return _kinds[code]
