"""From a question to a page of rows, in three statements: the limit on time, the count, the rows.

Pages follow each other by key, so the thousandth costs what the first does. Up to COUNTED_TO rows are counted, beyond
that the planner's estimate is shown. Over SORTED_TO rows only indexed columns can be sorted by.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import DataError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet

from perezvon.cores.conditions.reading import is_text
from perezvon.foundation.lists.asked import Asked, Sort
from perezvon.foundation.lists.columns import Row
from perezvon.foundation.lists.conditions import compile_where
from perezvon.foundation.lists.errors import TooSlow, WrongState
from perezvon.foundation.search.selectors import Guess

COUNTED_TO = 10_000
SORTED_TO = 100_000
SEARCHED_TO = 1_000
SURELY = 5  # times so many as are counted: then an estimate of the whole list will do
KEPT_TO = 1_000
LONGEST_MS = 8_000
_CANCELLED = "57014"


@dataclass(frozen=True, slots=True)
class Total:
    """is_exact: counted; otherwise about so many."""

    count: int
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list. after, before: tokens of the next and the previous page, empty where there is none.

    unsorted: the order asked for was left out, because so many rows cannot be sorted by it. read_as: what was looked
    for instead of what was typed. is_cut: more was found than the rows can hold.
    """

    rows: tuple[Row, ...] = ()
    total: Total | None = None
    after: str = ""
    before: str = ""
    unsorted: bool = False
    guess: Guess = Guess.NONE
    read_as: str = ""
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A queryset that is filtered but not ordered, with what its search says."""

    rows: QuerySet[Any]
    total: Total | None = None
    guess: Guess = Guess.NONE
    read_as: str = ""
    is_cut: bool = False


def list_page(asked: Asked) -> Listing:
    """Raises TooSlow, and WrongState when the page asked for cannot be found."""
    back, place = bool(asked.before), asked.before or asked.after
    with limited_time():
        question = ask(asked)
        if question.total:
            total, rows = question.total, question.rows
        elif not asked.where and (estimate := estimated(question.rows)) > SURELY * COUNTED_TO:
            total, rows = Total(estimate, is_exact=False), question.rows
        else:
            total, rows = count_and_keep(question.rows)
        sorts = sorts_for(asked, total)
        order = Order(sorts, asked.of.key)
        names = selected(asked, sorts)
        found: list[Row] = []
        for part in order.parts(rows, place, back=back, apart=is_large(total)):
            found += part.values(*names)[: asked.size + 1 - len(found)]
            if len(found) > asked.size:
                break
    more, page = len(found) > asked.size, found[: asked.size]
    if back:
        page.reverse()
    return Listing(
        rows=tuple(page),
        total=total,
        after=order.token(page[-1]) if page and (back or more) else "",
        before=order.token(page[0]) if page and (more if back else bool(place)) else "",
        unsorted=sorts != asked.sorts,
        guess=question.guess,
        read_as=question.read_as,
        is_cut=question.is_cut,
    )


@contextmanager
def limited_time(limit_ms: int = LONGEST_MS) -> Iterator[None]:
    """Statements inside may take so long; a list must never keep the database busy for everybody."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(limit_ms)])
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == _CANCELLED:
            raise TooSlow() from error
        raise
    except DataError as error:  # a number that no column can hold, in a cursor made by hand
        raise WrongState(part="where") from error


def ask(asked: Asked) -> Question:
    """The rows that fit everything asked. With a quick search there are at most SEARCHED_TO."""
    rows = asked.of.rows(asked.asking.by, deleted=asked.deleted)
    used = {*(one.column for one in asked.shown), *(one.column for one in asked.sorts)}
    used |= {asked.columns[condition.fact] for condition in asked.where}
    expressions = {column.name: column.expression for column in used if column.expression is not None}
    rows = rows.annotate(**expressions) if expressions else rows
    if asked.where:
        rows = rows.filter(compile_where(asked.where, asked.columns, asked.asking))
    if not asked.text:
        return Question(rows)
    if not asked.of.has_own_search:
        return Question(rows.filter(has_text(asked)))
    found = asked.of.search(asked.text, asked.asking.by, SEARCHED_TO)
    if found is None:
        return Question(rows.none(), Total(0))
    among = rows.filter(**{f"{asked.of.key}__in": found.keys})
    is_cut = found.total > len(found.keys) or not found.is_exact
    # Without a filter the search itself has counted, also what is beyond the keys that it gives.
    total = Total(found.total, found.is_exact) if is_cut and not asked.where and not asked.deleted else None
    return Question(among, total, found.guess, found.read_as, is_cut)


def has_text(asked: Asked) -> Q:
    """Rows with what was typed in one of their columns, shown or not: for lists of some thousands."""
    found = Q(pk__in=[])
    for column in asked.columns.values():
        operator = next((one for one in ("contains", "is", "ends") if one in column.operators), None)
        if operator is None or column.input == "date" or not column.can_filter or column.expression is not None:
            continue
        with suppress(WrongState):  # a word is no number
            found |= column.condition(operator, [column.read(asked.text, asked.asking)], asked.asking)
    return found


def count(rows: QuerySet[Any]) -> Total:
    """Counted up to COUNTED_TO, else as many as the planner believes."""
    return count_and_keep(rows)[0]


def count_and_keep(rows: QuerySet[Any]) -> tuple[Total, QuerySet[Any]]:
    """The same, and the rows to go on with: few ones are named by their keys, so that they are looked for only once.

    One statement, which ends at the row that is too many.
    """
    try:
        statement, values = rows.order_by().values("pk")[: COUNTED_TO + 1].query.sql_with_params()
    except EmptyResultSet:  # Django sees that nothing can fit
        return Total(0), rows.none()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), CASE WHEN count(*) <= %s THEN array_agg(pk) END"  # noqa: S608  (ours and Django's)
            f" FROM ({statement}) found(pk)",
            [KEPT_TO, *values],
        )
        counted, keys = cursor.fetchone()
    if counted <= COUNTED_TO:
        return Total(counted), rows if keys is None else rows.filter(pk__in=keys)
    return Total(max(COUNTED_TO, estimated(rows)), is_exact=False), rows


def estimated(rows: QuerySet[Any]) -> int:
    """How many the planner believes there are: near the truth for a whole table, a guess for a filter."""
    plan = rows.order_by().values("pk").explain(format="json")
    if not plan:  # Django sees that nothing can fit
        return 0
    return int(json.loads(plan)[0]["Plan"]["Plan Rows"])


def sorts_for(asked: Asked, total: Total) -> tuple[Sort, ...]:
    """The order asked for, or the list's own where too many rows would have to be sorted."""
    if not is_large(total) or _is_indexed(asked.sorts):
        return asked.sorts
    usual = tuple(
        Sort(asked.columns[code], part.startswith("-"))
        for part in asked.of.default_sort
        if (code := part.removeprefix("-")) in asked.columns
    )
    return usual if _is_indexed(usual) else ()


def is_large(total: Total) -> bool:
    """So many rows that only an index can sort them."""
    return not total.is_exact and total.count > SORTED_TO


def _is_indexed(sorts: Sequence[Sort]) -> bool:
    """An index serves the first column, and equal values of it are few enough to be sorted."""
    return not sorts or (sorts[0].column.indexed and len(sorts) == 1)


def selected(asked: Asked, sorts: Sequence[Sort]) -> list[str]:
    """Fields of the shown columns, of the row's link and of the page's tokens; nothing else is read."""
    names = [asked.of.key, *asked.of.fields]
    names += [name for one in asked.shown for name in one.column.selected]
    names += [one.column.sorted_by for one in sorts if one.column.sorted_by]
    return list(dict.fromkeys(names))


class Order:
    """An order without ties, and places in it. Empty values come last, whatever the direction."""

    def __init__(self, sorts: Sequence[Sort], key: str) -> None:
        self._parts = [
            (str(one.column.sorted_by), one.descending, one.column.nullable or not one.column.indexed) for one in sorts
        ]
        # The key in the direction of what stands before it: an index of both can then be walked either way.
        self._parts.append((key, sorts[-1].descending if sorts else False, False))

    def of(self, rows: QuerySet[Any], *, back: bool = False) -> QuerySet[Any]:
        """All rows in order; with `back` from the end."""
        return rows.order_by(*(_ordering(name, down != back, nulls, back) for name, down, nulls in self._parts))

    def parts(self, rows: QuerySet[Any], place: str, *, back: bool, apart: bool) -> Iterator[QuerySet[Any]]:
        """The rows behind a place, or before it, in order, as one queryset or as two that follow each other.

        apart: rows with an empty first value are asked for apart from the others, because no index has them last in
        both directions.
        """
        values = self._read(place) if place else None
        there = self._past(rows, values, back) if values else rows
        name, down, nulls = self._parts[0]
        if not (apart and nulls):
            yield self.of(self._from(there, values, back) if not nulls else there, back=back)
            return
        filled = self._from(there.filter(**{f"{name}__isnull": False}), values, back)
        rest = [(one, one_down != back) for one, one_down, _ in self._parts[1:]]
        filled = filled.order_by(_plain(name, down != back), *(_plain(*one) for one in rest))
        empty = there.filter(**{f"{name}__isnull": True}).order_by(*(_plain(*one) for one in rest))
        at_empty = values is not None and values[0] is None
        if back:
            yield from (empty, filled) if at_empty else (filled,)
        else:
            yield from (empty,) if at_empty else (filled, empty)

    def token(self, row: Row) -> str:
        """The place of a row, for an address."""
        values = [_as_text(row[name]) for name, _, _ in self._parts]
        whole = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(whole.encode()).decode().rstrip("=")

    def _past(self, rows: QuerySet[Any], values: Sequence[str | None], back: bool) -> QuerySet[Any]:
        """Rows behind a place; with `back` those before it. Raises WrongState."""
        beyond, equal = [], Q()
        for (name, down, nulls), value in zip(self._parts, values, strict=True):
            beyond.append(equal & _beyond(name, value, down != back, nulls, back))
            equal &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
        try:
            return rows.filter(reduce(or_, beyond))
        except (ValueError, TypeError, ValidationError):
            raise WrongState(part="page") from None

    def _from(self, rows: QuerySet[Any], values: Sequence[str | None] | None, back: bool) -> QuerySet[Any]:
        """Says of the first field what the alternatives have in common, so that an index is entered at the place."""
        name, down, _ = self._parts[0]
        if not values or values[0] is None:
            return rows
        return rows.filter(**{f"{name}__{'lte' if down != back else 'gte'}": values[0]})

    def _read(self, token: str) -> list[str | None]:
        try:
            values = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        except (ValueError, binascii.Error, RecursionError):
            raise WrongState(part="page") from None
        fits = isinstance(values, list) and len(values) == len(self._parts)
        if not fits or not all(value is None or (isinstance(value, str) and is_text(value)) for value in values):
            raise WrongState(part="page")
        return list(values)


def _plain(name: str, down: bool) -> Any:
    return F(name).desc() if down else F(name).asc()


def _ordering(name: str, down: bool, nulls: bool, back: bool) -> Any:
    if not nulls:
        return _plain(name, down)
    place = {"nulls_first": True} if back else {"nulls_last": True}
    return F(name).desc(**place) if down else F(name).asc(**place)


def _beyond(name: str, value: str | None, down: bool, nulls: bool, back: bool) -> Q:
    """Rows that differ in this field and come later; going back, nothing comes first."""
    if value is None:
        return Q(**{f"{name}__isnull": False}) if back else Q(pk__in=[])
    later = Q(**{f"{name}__{'lt' if down else 'gt'}": value})
    return later | Q(**{f"{name}__isnull": True}) if nulls and not back else later


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
