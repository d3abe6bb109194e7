"""The audit: commands say who, when and why; the history says what was before and after (DECISIONS 6).

A page is read from its cursor, never counted to, so it costs the same whether there are a thousand rows or a million.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.commands.services import BEHIND, REGISTER
from perezvon.foundation.history.models import Change
from perezvon.foundation.history.triggers import join_tables, models_with_history
from perezvon.foundation.people.selectors import names_of_people

RIGHT = "administration.audit"
PAGE = 50
HIDDEN = "\u2022" * 3
PEOPLE, SYSTEM, READING, BY_HAND = "people", "system", "reading", "by_hand"

_SILENT = frozenset({"id", "version"})

# An import changes a hundred thousand rows by one command; a page shows the first few of each.
SHOWN_ROWS = 5
ROWS = SHOWN_ROWS + 1
_CHANGES = f"""
SELECT few.* FROM unnest(%s::uuid[]) AS wanted(command) CROSS JOIN LATERAL (
  SELECT * FROM history_change WHERE history_change.command = wanted.command LIMIT {ROWS}
) few
"""  # noqa: S608  (a number of ours)
_CHILDREN = f"""
SELECT few.* FROM unnest(%s::uuid[]) AS wanted(id) CROSS JOIN LATERAL (
  SELECT * FROM commands_commandrecord WHERE commands_commandrecord.parent_id = wanted.id LIMIT {ROWS}
) few
"""  # noqa: S608  (a number of ours)

type After = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Question:
    """How the audit is narrowed. kind: PEOPLE, SYSTEM, READING, BY_HAND or "" for every command.

    person: a user's id. table, row: one record. since <= at < until.
    """

    kind: str = ""
    person: int | None = None
    command: str = ""
    table: str = ""
    row: str = ""
    since: datetime | None = None
    until: datetime | None = None


def read_question(given: Mapping[str, str]) -> Question:
    """As an address says it; what is no answer narrows nothing."""
    person = given.get("person", "")
    return Question(
        kind=given.get("kind", "" if given.get("table") else PEOPLE),
        person=int(person) if person.isdecimal() and len(person) < 10 else None,
        command=_text(given.get("command", ""), 100),
        table=_text(given.get("table", ""), 63),
        row=_text(given.get("row", ""), 64),
        since=_midnight(given.get("since", "")),
        until=_midnight(given.get("until", ""), later=timedelta(days=1)),
    )


def _text(text: str, longest: int) -> str:
    return text.replace("\x00", "")[:longest]


def _midnight(text: str, later: timedelta = timedelta()) -> datetime | None:
    """The beginning of a day in the zone of the installation; None for no day, and after the last one there is."""
    try:
        return datetime.combine(date.fromisoformat(text) + later, time(), get_current_timezone())
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Difference:
    """One column. before, after: as people read them, HIDDEN where the actor may not."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """act: "I", "U" or "D"."""

    table: str
    row: str
    act: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was done. rows: the first ROWS of each command in it. cursor: to go on from.

    command is empty for a change made by hand in the database.
    """

    at: datetime
    who: str
    behind: str
    command: str
    why: str
    facts: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[ChangedRow, ...] = ()
    cursor: str = ""


def read_audit(asked: Question, *, by: Actor, after: str = "", limit: int = PAGE) -> tuple[list[Line], str]:
    """A page, newest first, and the cursor of the next one; empty when there is none. Six queries at most, plus one
    for each kind of record that is named."""
    by.must(RIGHT)
    if asked.kind == BY_HAND:
        return _by_hand(asked, by, after, limit)
    records = list(_commands(asked, after)[: limit + 1])
    further = _cursor(records[limit - 1]) if len(records) > limit else ""
    records = records[:limit]
    owners = {record.pk: record.pk for record in records}
    children = CommandRecord.objects.raw(_CHILDREN, [list(owners)])
    owners |= {child.pk: child.parent_id for child in children if child.parent_id}
    changes: dict[UUID, list[Change]] = defaultdict(list)
    for change in sorted(Change.objects.raw(_CHANGES, [list(owners)]), key=lambda one: one.pk):
        changes[owners[change.command]].append(change)  # type: ignore[index]
    reader = _Reader(by, [change for found in changes.values() for change in found])
    names = _names(records)
    return [_line(record, changes[record.pk], reader, names) for record in records], further


def known_commands() -> list[str]:
    return sorted(REGISTER)


def _commands(asked: Question, after: str) -> QuerySet[CommandRecord]:
    found = CommandRecord.objects.filter(parent=None)
    if asked.person:
        found = found.filter(actor=f"user:{asked.person}")
    elif asked.kind == PEOPLE:
        found = found.filter(actor__startswith="user:")
    elif asked.kind == SYSTEM:
        found = found.exclude(actor__startswith="user:")
    if asked.kind == READING:
        found = found.filter(name__in=[info.name for info in REGISTER.values() if info.reads])
    if asked.command:
        found = found.filter(name=asked.command)
    if asked.table and asked.row:
        found = found.filter(pk__in=_commands_of(asked.table, asked.row))
    found = _within(found, asked)
    if cursor := _read_cursor(after):
        at, key = cursor
        found = found.filter(at__lte=at).exclude(Q(at=at) & Q(pk__gte=key))
    return found.order_by("-at", "-id")


def _commands_of(table: str, row: str) -> list[UUID]:
    """The commands that changed a record, themselves or through another one inside."""
    keys = Change.objects.filter(table=table, row=row, command__isnull=False).values_list("command", flat=True)
    own = {key for key in keys if key}
    parents = CommandRecord.objects.filter(pk__in=own, parent__isnull=False).values_list("parent_id", flat=True)
    return [*own, *(key for key in parents if key)]


def _within[M: (CommandRecord, Change)](found: QuerySet[M], asked: Question) -> QuerySet[M]:
    if asked.since:
        found = found.filter(at__gte=asked.since)
    return found.filter(at__lt=asked.until) if asked.until else found


def _by_hand(asked: Question, by: Actor, after: str, limit: int) -> tuple[list[Line], str]:
    found = _within(Change.objects.filter(command=None), asked)
    if asked.table and asked.row:
        found = found.filter(table=asked.table, row=asked.row)
    if after.isdecimal() and len(after) < 19:
        found = found.filter(id__lt=int(after))
    changes = list(found.order_by("-id")[: limit + 1])
    further = str(changes[limit - 1].pk) if len(changes) > limit else ""
    reader = _Reader(by, changes[:limit])
    lines = [Line(change.at, "", "", "", "", rows=(reader.row(change),)) for change in changes[:limit]]
    return lines, further


def _line(record: CommandRecord, changes: Iterable[Change], reader: _Reader, names: Mapping[int, str]) -> Line:
    facts = {name: value for name, value in record.facts.items() if name != BEHIND}
    return Line(
        at=record.at,
        who=_name(record.actor, names),
        behind=_name(record.facts.get(BEHIND, ""), names),
        command=record.name,
        why=record.why,
        facts=facts,
        rows=tuple(row for row in map(reader.row, changes) if row.differences or row.act != "U"),
        cursor=_cursor(record),
    )


def _names(records: Iterable[CommandRecord]) -> dict[int, str]:
    actors = {key for record in records for key in (record.actor, record.facts.get(BEHIND, ""))}
    return names_of_people([int(key.partition(":")[2]) for key in actors if key.startswith("user:")])


def _name(actor: str, names: Mapping[int, str]) -> str:
    """A colleague's name, or the part of the product that did it."""
    kind, _sep, key = actor.partition(":")
    return names.get(int(key), actor) if kind == "user" and key.isdecimal() else key or kind


def _cursor(record: CommandRecord) -> str:
    return f"{record.at.isoformat()}_{record.pk}"


def _read_cursor(text: str) -> After | None:
    at, _sep, key = text.partition("_")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, UUID(key)) if moment.tzinfo else None
    except ValueError:
        return None


# --- values as people read them ---


@cache
def _models() -> dict[str, type[models.Model]]:
    """By table: every model that keeps history, and for a join table the model whose field it is."""
    known = {model._meta.db_table: model for model in models_with_history()}
    owners = [model for model in apps.get_models() if getattr(model, "keeps_history", False)]
    return known | {join._meta.db_table: owner for owner in owners for join in join_tables(owner)}


class _Reader:
    """Turns changes into words, as far as somebody may read them; names of related records in one query per kind."""

    def __init__(self, by: Actor, changes: Iterable[Change]) -> None:
        self._by = by
        self._related = self._fetch(changes)

    def row(self, change: Change) -> ChangedRow:
        """Of what somebody may not read he is told which columns changed; of a new or removed row not even that."""
        if not self._may(change.table):
            columns = [] if change.act != "U" else [*(change.after or {})]
            told = tuple(Difference(column, "", HIDDEN) for column in columns if column not in _SILENT)
            return ChangedRow(change.table, change.row, change.act, told)
        before, after = change.before or {}, change.after or {}
        columns = [*before, *(name for name in after if name not in before)]
        pairs = ((column, before.get(column), after.get(column)) for column in columns if column not in _SILENT)
        differences = tuple(
            Difference(column, *self._texts(change.table, column, old, new))
            for column, old, new in pairs
            if not (_is_nothing(old) and _is_nothing(new))
        )
        return ChangedRow(change.table, change.row, change.act, differences)

    def _may(self, table: str) -> bool:
        right = getattr(_models().get(table), "history_shown_with", None)
        return right is not None and self._by.may(right)

    def _texts(self, table: str, column: str, old: Any, new: Any) -> tuple[str, str]:
        if column in getattr(_models().get(table), "history_masks", ()):
            return "" if _is_nothing(old) else HIDDEN, "" if _is_nothing(new) else HIDDEN
        if isinstance(old, list) and isinstance(new, list):
            gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
            return ", ".join(f"\u2212 {one}" for one in gone), ", ".join(f"+ {one}" for one in come)
        return self._text(table, column, old), self._text(table, column, new)

    def _text(self, table: str, column: str, value: Any) -> str:
        if _is_nothing(value):
            return ""
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, dict):
            return ", ".join(f"{key}: {one}" for key, one in value.items())
        target = _target(table, column)
        return self._related.get((target, str(value)), str(value)) if target else str(value)

    def _fetch(self, changes: Iterable[Change]) -> dict[tuple[type[models.Model], str], str]:
        wanted: dict[type[models.Model], set[str]] = defaultdict(set)
        for change in changes:
            for values in (change.before or {}, change.after or {}):
                for column, value in values.items():
                    target = _target(change.table, column) if value is not None else None
                    if target and self._may(target._meta.db_table):
                        wanted[target].add(str(value))
        return {
            (model, str(row.pk)): str(row)
            for model, keys in wanted.items()
            for row in model._default_manager.filter(pk__in=keys)
        }


def _is_nothing(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


@cache
def _target(table: str, column: str) -> type[models.Model] | None:
    """The model that a column points to."""
    known = {model._meta.db_table: model for model in models_with_history()}.get(table)
    if known is None or not column.endswith("_id"):
        return None
    try:
        related = known._meta.get_field(column.removesuffix("_id")).related_model
    except FieldDoesNotExist:
        return None
    return related if isinstance(related, type) else None
