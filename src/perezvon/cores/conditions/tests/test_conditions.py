"""What is written can be read, nothing else can, and what holds is what people would say holds."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perezvon.cores.conditions import Condition, Fact, Group, Type, Unreadable, Value, Where, explain, holds
from perezvon.cores.conditions.facts import OPERATORS_OF
from perezvon.cores.conditions.reading import problems, read
from perezvon.cores.conditions.words import MANY, MOST_CONDITIONS, OPERATORS

FACTS = {
    fact.code: fact
    for fact in (
        Fact("subject", Type.TEXT),
        Fact("amount", Type.NUMBER),
        Fact("born", Type.DAY),
        Fact("opened", Type.MOMENT),
        Fact("kind", Type.CHOICE, frozenset({"claim", "complaint"})),
        Fact("owner", Type.PERSON),
        Fact("tags", Type.MANY),
        Fact("vip", Type.FLAG),
        Fact("phone", Type.PHONE),
    )
}
MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 22, 23, 30, tzinfo=MOSCOW)
CASE: dict[str, Value] = {
    "subject": "\u0401lka upala",
    "amount": Decimal("1500.50"),
    "born": date(1980, 2, 29),
    "opened": datetime(2026, 11, 21, 21, 30, tzinfo=UTC),  # the 22nd in Moscow
    "kind": "claim",
    "owner": "7",
    "tags": frozenset({"fire", "flood"}),
    "vip": True,
    "phone": "+7 (921) 555-44-33",
}

_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)
_VALUES = {
    Type.NUMBER: st.decimals(-(10**9), 10**9, places=2).map(str),
    Type.DAY: st.dates(date(1800, 1, 1), date(2999, 12, 31)).map(date.isoformat),
    Type.MOMENT: st.dates(date(1800, 1, 1), date(2999, 12, 31)).map(date.isoformat),
    Type.CHOICE: st.sampled_from(["claim", "complaint"]),
    Type.PHONE: st.integers(1, 10**11).map(str),
}


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    fact = FACTS[draw(st.sampled_from(sorted(FACTS)))]
    code = draw(st.sampled_from(fact.operators))
    operator = OPERATORS[code]
    one = st.integers(1, 3000).map(str) if operator.of == "days" else _VALUES.get(fact.type, _texts)
    count = draw(st.integers(1, 4)) if operator.values == MANY else operator.values
    return Condition(fact.code, code, tuple(draw(one) for _ in range(count)))


groups = st.builds(Group, st.sampled_from(["and", "or"]), st.lists(conditions(), min_size=1, max_size=4).map(tuple))
wheres = st.builds(Where, st.sampled_from(["and", "or"]), st.lists(groups, max_size=4).map(tuple))


def _alone(condition: Condition) -> Where:
    return Where("and", (Group("and", (condition,)),))


@given(wheres)
def test_what_is_kept_reads_as_it_was(where: Where) -> None:
    for again in (read(where.text()), read(where.as_list())):
        assert list(again) == list(where)
        assert again.as_list() == where.as_list()
    assert problems(where, FACTS) == []


@given(wheres)
def test_all_hold_or_one_does(where: Where) -> None:
    told = [judged.held for judged in explain(where, FACTS, CASE, NOW, me="7")]
    assert len(told) == sum(1 for _ in where)
    judged = iter(told)
    joins = {"and": all, "or": any}
    by_group = [joins[group.join]([next(judged) for _ in group.conditions]) for group in where.groups]
    assert holds(where, FACTS, CASE, NOW, me="7") == (joins[where.join](by_group) if by_group else True)


@given(conditions())
def test_a_condition_and_its_opposite(condition: Condition) -> None:
    opposites = {"any": "none", "contains": "lacks", "filled": "empty", "yes": "no"}
    opposite = opposites.get(condition.operator)
    if opposite is None or opposite not in FACTS[condition.fact].operators:
        return
    other = Condition(condition.fact, opposite, condition.values)
    for values in (CASE, {}):
        [one], [not_one] = (
            explain(Where("and", (Group("and", (each,)),)), FACTS, values, NOW) for each in (condition, other)
        )
        assert one.held != not_one.held


@given(conditions())
def test_of_a_missing_value_only_its_absence_is_known(condition: Condition) -> None:
    [judged] = explain(_alone(condition), FACTS, {}, NOW, me="7")
    assert judged.held == (condition.operator in {"empty", "lacks", "none", "no"})


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        (["subject", "contains", "\u0435LKA"], True),
        (["subject", "starts", "\u0451lka"], True),
        (["subject", "is", "elka"], False),
        (["amount", "least", "1 500,50"], True),
        (["amount", "between", "0", "1500"], False),
        (["born", "before", "1980-03-01"], True),
        (["opened", "is", "2026-11-22"], True),
        (["opened", "last", "1"], True),
        (["opened", "older", "1"], False),
        (["born", "older", "30"], True),
        (["kind", "any", "claim", "complaint"], True),
        (["kind", "none", "complaint"], True),
        (["owner", "me"], True),
        (["tags", "any", "flood"], True),
        (["tags", "none", "flood", "storm"], False),
        (["vip", "yes"], True),
        (["phone", "ends", "44-33"], True),
    ],
)
def test_as_people_would_say(condition: list[str], held: bool) -> None:
    assert holds(read(["and", condition]), FACTS, CASE, NOW, me="7") is held


def test_the_last_days_and_the_next_meet_today() -> None:
    today = NOW.date()
    for days in (1, 7):
        for offset in range(-10, 11):
            values: dict[str, Value] = {"born": today + timedelta(days=offset)}
            last, following, older = (
                holds(read(["and", ["born", word, str(days)]]), FACTS, values, NOW)
                for word in ("last", "next", "older")
            )
            assert last == (-days < offset <= 0)
            assert following == (0 <= offset < days)
            assert older == (offset <= -days)


@pytest.mark.parametrize(
    "kept",
    [
        "x", "{}", "[]]", '["and"]', '["xor", ["vip", "yes"]]', '["and", ["vip"]]', '["and", ["vip", 1]]',
        '["and", ["and", ["and", ["vip", "yes"]]]]', '["and", ["subject", "is", "\\u0000"]]',
        '["and", ["subject", "is", "\\ud800"]]', json.dumps(["and", *[["vip", "yes"]] * (MOST_CONDITIONS + 1)]),
        json.dumps(["or", *[["and", *[["vip", "yes"]] * 8]] * 3]), "[" * 100_000,
    ],
)  # fmt: skip
def test_nothing_else_is_read(kept: str) -> None:
    with pytest.raises(Unreadable):
        read(kept)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (["gone", "is", "1"], "condition.fact"),
        (["amount", "contains", "1"], "condition.operator"),
        (["amount", "is"], "condition.operator"),
        (["amount", "is", "nan"], "condition.number"),
        (["born", "is", "2026-02-30"], "condition.day"),
        (["born", "last", "0"], "condition.days"),
        (["kind", "any", "other"], "condition.choice"),
        (["phone", "is", "x"], "condition.phone"),
        (["subject", "is", " "], "condition.text"),
    ],
)
def test_what_cannot_be_asked_is_told_and_never_holds(condition: list[str], code: str) -> None:
    where = read(["and", ["vip", "yes"], condition])
    assert [(one.place, one.code) for one in problems(where, FACTS)] == [(1, code)]
    assert not holds(where, FACTS, CASE, NOW)


def test_every_type_has_operators_that_exist() -> None:
    assert set(OPERATORS_OF) == set(Type)
    assert {code for codes in OPERATORS_OF.values() for code in codes} == set(OPERATORS)
