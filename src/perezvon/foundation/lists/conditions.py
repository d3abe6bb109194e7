"""Filters: groups of conditions, joined by "and" or "or", as they stand in an address.

    ["or", ["and", ["status", "any", "existing", "potential"], ["created", "last", "7"]], ["and", ["vip", "yes"]]]

Two levels, because that is what people can read: conditions in groups, groups joined. A list of conditions alone is
one group.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from perezvon.foundation.lists.columns import LONGEST_VALUE, MOST_DAYS, MOST_VALUES, Asking, Column
from perezvon.foundation.lists.errors import WrongState
from perezvon.foundation.lists.operators import MANY, OPERATORS

MOST_CONDITIONS = 20
LONGEST_TEXT = 8_000
JOINS = ("and", "or")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")

type Columns = Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class Condition:
    """values: as in the address."""

    column: str
    operator: str
    values: tuple[str, ...] = ()

    def as_list(self) -> list[Any]:
        return [self.column, self.operator, *self.values]


@dataclass(frozen=True, slots=True)
class Group:
    join: str = "and"
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """join: between the groups. Without groups it lets everything through."""

    join: str = "and"
    groups: tuple[Group, ...] = ()

    def __bool__(self) -> bool:
        return any(group.conditions for group in self.groups)

    def __iter__(self) -> Iterator[Condition]:
        return (condition for group in self.groups for condition in group.conditions)

    def without(self, group: int, condition: int) -> Where:
        """The same with one condition less."""
        there = self.groups[group]
        left = tuple(one for place, one in enumerate(there.conditions) if place != condition)
        groups = [replace(there, conditions=left) if place == group else one for place, one in enumerate(self.groups)]
        return replace(self, groups=tuple(one for one in groups if one.conditions))

    def text(self) -> str:
        """As it stands in an address; empty without conditions."""
        filled = [group for group in self.groups if group.conditions]
        if not filled:
            return ""
        groups = [[group.join, *(one.as_list() for one in group.conditions)] for group in filled]
        whole = groups[0] if len(groups) == 1 else [self.join, *groups]
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def read_where(text: str, columns: Columns, asking: Asking) -> Where:
    """What an address says. Raises WrongState for anything that this list cannot filter by."""
    if not text:
        return Where()
    where = _read_shape(text)
    if sum(1 for _condition in where) > MOST_CONDITIONS:
        raise WrongState(part="where")
    for condition in where:
        values_of(condition, columns, asking)
    return where


def is_text(text: str) -> bool:
    """Whether a database keeps it: it has neither NUL nor half a letter, which the escapes of JSON can make."""
    return _NO_TEXT.search(text) is None


def _read_shape(text: str) -> Where:
    try:
        given = json.loads(text) if len(text) <= LONGEST_TEXT else None
    except (ValueError, RecursionError):
        given = None
    join, items = _joined(given)
    if all(_is_condition(item) for item in items):
        return Where("and", (Group(join, tuple(_condition(item) for item in items)),))
    return Where(join, tuple(_group(item) for item in items))


def _joined(given: object) -> tuple[str, list[Any]]:
    if not isinstance(given, list) or len(given) < 2 or given[0] not in JOINS or len(given) > MOST_CONDITIONS + 1:
        raise WrongState(part="where")
    return given[0], given[1:]


def _is_condition(item: object) -> bool:
    return isinstance(item, list) and bool(item) and item[0] not in JOINS


def _group(item: object) -> Group:
    if _is_condition(item):
        return Group("and", (_condition(item),))
    join, items = _joined(item)
    return Group(join, tuple(_condition(one) for one in items))


def _condition(item: object) -> Condition:
    if not isinstance(item, list) or len(item) < 2 or len(item) > MOST_VALUES + 2:
        raise WrongState(part="where")
    if not all(isinstance(part, str) and len(part) <= LONGEST_VALUE and is_text(part) for part in item):
        raise WrongState(part="where")
    return Condition(item[0], item[1], tuple(item[2:]))


def values_of(condition: Condition, columns: Columns, asking: Asking) -> list[Any]:
    """The values as the column understands them. Raises WrongState."""
    column, operator = columns.get(condition.column), OPERATORS.get(condition.operator)
    if column is None or operator is None or condition.operator not in column.operators or not column.can_filter:
        raise WrongState(part="where")
    count = len(condition.values)
    if count != operator.values and not (operator.values == MANY and count):
        raise WrongState(part="where")
    if operator.of == "days":
        return [_days(condition.values[0])]
    return [column.read(text, asking) for text in condition.values]


def _days(text: str) -> int:
    if not text.isdecimal() or len(text) > 5 or not 0 < int(text) <= MOST_DAYS:
        raise WrongState(part="where")
    return int(text)


def compile_where(where: Where, columns: Columns, asking: Asking) -> Q:
    groups = [
        _all([_compile(one, columns, asking) for one in group.conditions], group.join)
        for group in where.groups
        if group.conditions
    ]
    return _all(groups, where.join)


def _compile(condition: Condition, columns: Columns, asking: Asking) -> Q:
    values = values_of(condition, columns, asking)
    return columns[condition.column].condition(condition.operator, values, asking)


def _all(parts: Sequence[Q], join: str) -> Q:
    return reduce(and_ if join == "and" else or_, parts, Q()) if parts else Q()


def tell(condition: Condition, columns: Columns, asking: Asking) -> str:
    """ "Status: Existing, Potential", "Created: in the last 7 days", "Name: contains ivan" """
    column, operator = columns[condition.column], OPERATORS[condition.operator]
    values = values_of(condition, columns, asking)
    if operator.of == "days":
        return _("{column}: in the last {days} days").format(column=column.label, days=values[0])
    told = [column.told(value, asking) for value in values]
    words = f" {_('and')} ".join(told) if operator.values == 2 else ", ".join(told)
    if condition.operator in {"any", "is"}:
        return f"{column.label}: {words}"
    return f"{column.label}: {operator.label} {words}".strip()
