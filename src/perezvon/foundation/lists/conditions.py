"""Filters of a list: conditions about its columns, as they stand in an address, made into questions to the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q

from perezvon.cores.conditions import OPERATORS, Condition, Unreadable, Where, read
from perezvon.foundation.conditions.terms import Asking, say
from perezvon.foundation.lists.columns import Column
from perezvon.foundation.lists.errors import WrongState

type Columns = Mapping[str, Column]


def read_where(text: str, columns: Columns, asking: Asking) -> Where:
    """What an address says. Raises WrongState for anything that this list cannot filter by."""
    try:
        where = read(text)
    except Unreadable:
        raise WrongState(part="where") from None
    for condition in where:
        values_of(condition, columns, asking)
    return where


def values_of(condition: Condition, columns: Columns, asking: Asking) -> list[Any]:
    """The values as the column understands them. Raises WrongState."""
    column = columns.get(condition.fact)
    if column is None or not column.can_filter:
        raise WrongState(part="where")
    return column.values_of(condition, asking)


def compile_where(where: Where, columns: Columns, asking: Asking) -> Q:
    groups = [
        _all([_compile(one, columns, asking) for one in group.conditions], group.join)
        for group in where.groups
        if group.conditions
    ]
    return _all(groups, where.join)


def _compile(condition: Condition, columns: Columns, asking: Asking) -> Q:
    values = values_of(condition, columns, asking)
    return columns[condition.fact].condition(condition.operator, values, asking)


def _all(parts: Sequence[Q], join: str) -> Q:
    return reduce(and_ if join == "and" else or_, parts, Q()) if parts else Q()


def tell(condition: Condition, columns: Columns, asking: Asking) -> str:
    """ "Status: Existing, Potential", "Created: in the last 7 days", "Name: contains ivan" """
    column = columns[condition.fact]
    values = values_of(condition, columns, asking)
    told = [] if OPERATORS[condition.operator].of else [column.told(value, asking) for value in values]
    return say(column.label, condition.operator, values, told)
