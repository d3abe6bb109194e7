"""Filters as they stand in an address: what is written can be read, and nothing else can."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from perezvon.cores.conditions import MANY, OPERATORS, Condition, Group, Where
from perezvon.cores.conditions.words import MOST_CONDITIONS
from perezvon.foundation.access import System
from perezvon.foundation.conditions.terms import Asking
from perezvon.foundation.lists.columns import (
    Choice,
    Colleague,
    Column,
    Day,
    Flag,
    Number,
    Text,
)
from perezvon.foundation.lists.conditions import compile_where, read_where, tell
from perezvon.foundation.lists.errors import WrongState

ASKING = Asking(System(name="test"), datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
COLUMNS: dict[str, Column] = {
    column.code: column
    for column in (
        Text("name", "Name"),
        Number("limit", "Limit"),
        Day("born", "Born"),
        Choice("state", "State", picks=[("a", "Alpha"), ("b", "Beta")]),
        Colleague("agent", "Operator", picks=[(1, "Olga"), (2, "Ivan")]),
        Flag("vip", "VIP"),
    )
}

_typed = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
_values = {
    "text": _typed.filter(str.strip),
    "number": st.decimals(-(10**9), 10**9, places=2).map(str),
    "date": st.dates(date(1800, 1, 1), date(2999, 12, 31)).map(date.isoformat),
}


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    column = COLUMNS[draw(st.sampled_from(sorted(COLUMNS)))]
    code = draw(st.sampled_from(column.operators))
    operator = OPERATORS[code]
    if operator.values == MANY:
        assert isinstance(column, Choice)
        picked = st.sampled_from(list(column.choices_for(ASKING)))
        return Condition(column.code, code, tuple(draw(st.lists(picked, min_size=1, max_size=3))))
    if operator.values == 0:
        return Condition(column.code, code)
    value = st.integers(1, 9999).map(str) if operator.of == "days" else _values[column.input]
    return Condition(column.code, code, tuple(draw(value) for _ in range(operator.values)))


def groups() -> st.SearchStrategy[Group]:
    inside = st.lists(conditions(), min_size=1, max_size=4).map(tuple)
    return st.builds(Group, st.sampled_from(["and", "or"]), inside)


wheres = st.builds(Where, st.sampled_from(["and", "or"]), st.lists(groups(), min_size=1, max_size=4).map(tuple))


@settings(deadline=None)
@given(wheres)
def test_what_is_written_is_read_again(where: Where) -> None:
    read = read_where(where.text(), COLUMNS, ASKING)

    assert list(read) == list(where)
    assert read.text() == where.text()
    assert compile_where(read, COLUMNS, ASKING) == compile_where(where, COLUMNS, ASKING)


@settings(deadline=None)
@given(wheres, st.data())
def test_a_chip_takes_away_its_condition_and_no_other(where: Where, data: st.DataObject) -> None:
    group = data.draw(st.integers(0, len(where.groups) - 1))
    place = data.draw(st.integers(0, len(where.groups[group].conditions) - 1))

    less = list(where.without(group, place))

    whole = list(where)
    gone = sum(len(one.conditions) for one in where.groups[:group]) + place
    assert less == whole[:gone] + whole[gone + 1 :]


@settings(deadline=None)
@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=30).map(json.dumps))
def test_anything_else_is_refused_and_breaks_nothing(text: str) -> None:
    try:
        where = read_where(text, COLUMNS, ASKING)
    except WrongState:
        return
    assert all(one.column in COLUMNS for one in where)


def test_there_is_a_limit_to_conditions() -> None:
    most = [Condition("vip", "yes")] * MOST_CONDITIONS
    read_where(Where("and", (Group("or", tuple(most)),)).text(), COLUMNS, ASKING)

    with pytest.raises(WrongState):
        read_where(Where("and", (Group("or", (*most, most[0])),)).text(), COLUMNS, ASKING)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1799-12-31"])
def test_a_day_beyond_all_counting_is_refused(day: str) -> None:
    with pytest.raises(WrongState):
        read_where(json.dumps(["and", ["born", "is", day]]), COLUMNS, ASKING)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition("name", "contains", ("ivan",)), "Name: contains ivan"),
        (Condition("born", "between", ("2020-01-01", "2020-02-01")), "Born: between 01.01.2020 and 01.02.2020"),
        (Condition("born", "last", ("7",)), "Born: in the last 7 days"),
        (Condition("state", "any", ("a", "b")), "State: Alpha, Beta"),
        (Condition("state", "none", ("a",)), "State: none of Alpha"),
        (Condition("agent", "me"), "Operator: is me"),
        (Condition("limit", "least", ("1000.50",)), "Limit: at least 1,000.50"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_condition_reads_as_a_sentence(condition: Condition, words: str) -> None:
    with translation.override("en"):
        assert tell(condition, COLUMNS, ASKING) == words
