"""Conditions as they are kept, read again: their shape first, then against the facts there are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perezvon.cores.conditions.facts import Fact
from perezvon.cores.conditions.words import (
    JOINS,
    LONGEST_TEXT,
    LONGEST_VALUE,
    MANY,
    MOST_CONDITIONS,
    MOST_DAYS,
    MOST_VALUES,
    OPERATORS,
    Condition,
    Group,
    Where,
)
from perezvon.kernel.checks import Wrong

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class Unreadable(ValueError):
    """It is not of the shape that conditions have."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the condition at this place, counted from 0 through all groups."""

    place: int
    condition: Condition
    code: str


def is_text(text: str) -> bool:
    """Whether a database keeps it: it has neither NUL nor half a letter, which the escapes of JSON can make."""
    return _NO_TEXT.search(text) is None


def read(kept: str | list[Any]) -> Where:
    """Conditions out of a text or of what JSON made of it; both empty ask for nothing. Raises Unreadable."""
    if not kept:
        return Where()
    join, items = _joined(_loaded(kept) if isinstance(kept, str) else kept)
    if all(_is_condition(item) for item in items):
        where = Where("and", (Group(join, tuple(_condition(item) for item in items)),))
    else:
        where = Where(join, tuple(_group(item) for item in items))
    if sum(1 for _each in where) > MOST_CONDITIONS:
        raise Unreadable("too many conditions")
    return where


def _loaded(text: str) -> Any:
    try:
        return json.loads(text) if len(text) <= LONGEST_TEXT else None
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None


def _joined(given: object) -> tuple[str, list[Any]]:
    if not isinstance(given, list) or len(given) < 2 or given[0] not in JOINS or len(given) > MOST_CONDITIONS + 1:
        raise Unreadable("no group")
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
        raise Unreadable("no condition")
    if not all(isinstance(part, str) and len(part) <= LONGEST_VALUE and is_text(part) for part in item):
        raise Unreadable("no condition")
    return Condition(item[0], item[1], tuple(item[2:]))


def has_right_count(condition: Condition) -> bool:
    """Its operator is known and it has as many values as that takes."""
    operator, count = OPERATORS.get(condition.operator), len(condition.values)
    return operator is not None and (count == operator.values or (operator.values == MANY and count > 0))


def days(text: str) -> int:
    """How many days "in the last" and its like go. Raises Wrong."""
    if not text.isdecimal() or len(text) > 5 or not 0 < int(text) <= MOST_DAYS:
        raise Wrong("condition.days")
    return int(text)


def values_of(condition: Condition, fact: Fact) -> list[Any]:
    """Its values as they compare. Raises Wrong."""
    if condition.operator not in fact.operators or not has_right_count(condition):
        raise Wrong("condition.operator")
    if OPERATORS[condition.operator].of == "days":
        return [days(condition.values[0])]
    return [fact.read(text) for text in condition.values]


def problems(where: Where, facts: Mapping[str, Fact]) -> list[Problem]:
    """What keeps these conditions from being asked; empty when all is well."""
    found = [(place, one, _problem(one, facts)) for place, one in enumerate(where)]
    return [Problem(place, one, code) for place, one, code in found if code]


def _problem(condition: Condition, facts: Mapping[str, Fact]) -> str:
    fact = facts.get(condition.fact)
    if fact is None:
        return "condition.fact"
    try:
        values_of(condition, fact)
    except Wrong as wrong:
        return wrong.code
    return ""
