"""The form of conditions: what is sent comes back as conditions, and every edit keeps what was typed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from django.utils import translation

from perezvon.cores.conditions import Condition, Group, Type, Where, read
from perezvon.foundation.access import System
from perezvon.foundation.conditions.forms import conditions_form, has_dropped, read_form
from perezvon.foundation.conditions.terms import Asking, Term, tell

TERMS = {
    term.code: term
    for term in (
        Term("subject", "Subject", Type.TEXT),
        Term("amount", "Amount", Type.NUMBER),
        Term("opened", "Opened", Type.MOMENT),
        Term("kind", "Kind", Type.CHOICE, picks=[("claim", "Claim"), ("complaint", "Complaint")]),
    )
}
TYPED = {
    "w.join": "or",
    "w.0.join": "and",
    "w.0.0.fact": "kind",
    "w.0.0.operator": "any",
    "w.0.0.value": "claim",
    "w.0.1.fact": "amount",
    "w.0.1.operator": "least",
    "w.0.1.value": "1000",
    "w.1.join": "and",
    "w.1.0.fact": "opened",
    "w.1.0.operator": "older",
    "w.1.0.value": "5",
}


@pytest.fixture
def asking() -> Asking:
    return Asking(System(name="test"), datetime(2026, 11, 22, 9, 0, tzinfo=UTC))


def _given(**changed: str) -> QueryDict:
    given = QueryDict(mutable=True)
    given.update({**TYPED, **{name.replace("__", "."): value for name, value in changed.items()}})
    return given


def test_what_is_typed_is_read_told_and_shown_again(asking: Asking) -> None:
    where = read_form(_given())
    assert where.as_list() == [
        "or",
        ["and", ["kind", "any", "claim"], ["amount", "least", "1000"]],
        ["and", ["opened", "older", "5"]],
    ]
    with translation.override("en"):
        assert (
            tell(where, TERMS, asking) == "(Kind: Claim and Amount: at least 1,000) or (Opened: more than 5 days ago)"
        )
    form = conditions_form(QueryDict(), where, TERMS, asking)
    assert [len(lines) for _, _, lines in form.groups] == [2, 1]
    assert form.groups[0][2][0].picks == [("claim", "Claim", True), ("complaint", "Complaint", False)]


def test_an_empty_value_takes_its_condition_away() -> None:
    assert read_form(_given(w__0__1__value="")).as_list()[1] == ["and", ["kind", "any", "claim"]]


@pytest.mark.parametrize(
    ("edit", "lines"),
    [("add.0", [3, 1]), ("group", [2, 1, 1]), ("remove.1.0", [2]), ("add.9", [2, 1]), ("remove.0.9", [2, 1])],
)
def test_an_edit_keeps_the_rest(asking: Asking, edit: str, lines: list[int]) -> None:
    form = conditions_form(_given(edit=edit), Where(), TERMS, asking)
    assert [len(group) for _, _, group in form.groups] == lines
    assert form.groups[0][2][1].values == ("1000",)


def test_another_fact_begins_without_values(asking: Asking) -> None:
    [_, line] = conditions_form(_given(w__0__1__fact="opened", edit="fact.0.1"), Where(), TERMS, asking).groups[0][2]
    assert (line.subject.code, line.operator, line.values, line.has_focus) == ("opened", "is", (), True)


def test_a_value_that_cannot_be_read_stays_and_is_marked(asking: Asking) -> None:
    form = conditions_form(_given(w__0__1__value="much"), Where(), TERMS, asking)
    assert form.has_problems
    assert [line.problem for line in form.groups[0][2]] == [False, True]
    assert form.groups[0][2][1].values == ("much",)


def test_what_is_gone_is_told_by_its_code(asking: Asking) -> None:
    where = Where("and", (Group("and", (Condition("gone", "yes"),)),))
    assert tell(where, TERMS, asking) == "gone?"
    assert tell(read(["and", ["kind", "any", "gone"]]), TERMS, asking).endswith(": gone")


def test_without_conditions_it_may_start_empty(asking: Asking) -> None:
    assert conditions_form(QueryDict(), Where(), TERMS, asking, starts_empty=True).groups == []
    assert len(conditions_form(QueryDict(), Where(), TERMS, asking).groups) == 1


def test_what_is_gone_stays_in_the_form_where_nothing_may_be_lost(asking: Asking) -> None:
    where = Where("and", (Group("and", (Condition("gone", "any", ("a", "b")), Condition("amount", "least", ("5",)))),))
    [_, joined, lines] = conditions_form(QueryDict(), where, TERMS, asking, keeps_gone=True).groups[0]
    assert [(line.subject.code, line.values, line.is_gone) for line in lines] == [
        ("gone", ("a", "b"), True),
        ("amount", ("5",), False),
    ]
    listed = conditions_form(QueryDict(), where, TERMS, asking).groups[0][2]
    assert (joined, [line.subject.code for line in listed]) == ("and", ["amount"])


def test_a_condition_that_reading_takes_away_is_noticed_and_marked(asking: Asking) -> None:
    empty = _given(w__0__1__value="")
    form = conditions_form(empty, Where(), TERMS, asking, marks_empty=True)
    assert (has_dropped(_given()), has_dropped(empty)) == (False, True)
    assert [line.is_empty for _, _, lines in form.groups for line in lines] == [False, True, False]
