"""Results by their rules: whatever the tree, what is offered can be saved and what is not offered cannot."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from perezvon.cores.conditions import Fact, Type, Where, read
from perezvon.cores.results import (
    DialerGroup,
    Option,
    Problem,
    Reason,
    Rule,
    Situation,
    dialer_group,
    meant,
    offered,
    problems,
    proposed_day,
    required,
    rule_of,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FACTS = {"group": Fact("group", Type.MANY), "angry": Fact("angry", Type.FLAG), "tries": Fact("tries", Type.NUMBER)}
FIELDS = ("reason", "callback_at", "office", "comment")

wheres = st.sampled_from(
    [
        Where(),
        read(["and", ["group", "any", "a"]]),
        read(["and", ["group", "none", "a"]]),
        read(["and", ["angry", "yes"]]),
        read(["or", ["angry", "no"], ["group", "any", "b"]]),
    ]
)
rules = st.builds(
    Rule,
    when=wheres,
    must=st.sampled_from([Where(), read(["and", ["tries", "least", "2"]])]),
    requires=st.lists(st.sampled_from(FIELDS), unique=True).map(tuple),
    dialer=st.sampled_from(["", *DialerGroup]),
)
options = st.builds(
    Option,
    code=st.sampled_from("xyz"),
    rule=rules,
    reasons=st.lists(st.builds(Reason, st.sampled_from("pqr"), rules), unique_by=lambda one: one.code).map(tuple),
)
trees = st.lists(options, unique_by=lambda one: one.code, max_size=3)
situations = st.builds(
    lambda groups, angry, tries: Situation(FACTS, {"group": groups, "angry": angry, "tries": tries}, NOW),
    st.frozensets(st.sampled_from("ab")),
    st.booleans(),
    st.sampled_from([None, 0, 1, 2, 5]),
)


@given(trees, situations)
def test_what_is_offered_fails_for_its_musts_alone_once_everything_is_filled_in(tree, situation):
    for one in offered(tree, situation):
        for reason in [each.code for each in one.reasons]:
            found = problems(tree, (one.option.code, reason), FIELDS, situation)
            assert {problem.code for problem in found} <= {"must"}


@given(trees, situations, st.sampled_from("xyz"), st.sampled_from(["", *"pqr"]), st.frozensets(st.sampled_from(FIELDS)))
def test_nothing_is_saved_that_is_not_offered_and_nothing_incomplete(tree, situation, result, reason, filled):
    if problems(tree, (result, reason), filled, situation):
        return
    chosen = next(one for one in offered(tree, situation) if one.option.code == result)
    assert not reason or reason in {one.code for one in chosen.reasons}
    assert set(required(rule_of(chosen.option, reason))) <= filled


@given(trees, situations, st.randoms())
def test_who_may_choose_a_result_does_not_depend_on_its_place(tree, situation, chance):
    shuffled = list(tree)
    chance.shuffle(shuffled)
    assert {one.option.code for one in offered(shuffled, situation)} == {
        one.option.code for one in offered(tree, situation)
    }


def test_a_reason_is_known_by_its_result():
    """X.02: the same code under two results is two reasons."""
    silent, talked = read(["and", ["angry", "no"]]), read(["and", ["angry", "yes"]])
    tree = [
        Option("not_reached", Rule(requires=("reason",)), (Reason("wrong_number", Rule(when=silent)),)),
        Option("do_not_disturb", Rule(requires=("reason",)), (Reason("wrong_number", Rule(when=talked)),)),
    ]
    calm = Situation(FACTS, {"angry": False}, NOW)
    assert problems(tree, ("not_reached", "wrong_number"), ["reason"], calm) == []
    assert problems(tree, ("do_not_disturb", "wrong_number"), ["reason"], calm) == [Problem("not_offered", "result")]


def test_a_short_way_stands_for_another_result():
    broken = Option("broken", records=("call_back", "line"))
    call_back = Option("call_back", reasons=(Reason("line"),))
    assert meant([broken, call_back], "broken", "") == (call_back, "line")
    assert meant([call_back], "call_back", "other") == (call_back, "other")
    assert meant([broken], "broken", "") == (None, "line")


def test_the_proposed_day_is_the_reasons_before_the_results():
    option = Option("x", Rule(days=1), (Reason("asked", Rule(days_declined=14)), Reason("later", Rule(days=0))))
    today = date(2026, 11, 23)
    asked = rule_of(option, "asked")
    assert proposed_day(asked, today) == date(2026, 11, 24)
    assert proposed_day(asked, today, declined=True) == date(2026, 12, 7)
    assert proposed_day(rule_of(option, "later"), today) == today
    assert proposed_day(Rule(), today) is None
    assert required(asked, declined=True) == ("comment",)


@given(st.integers(0, 60), st.sampled_from(DialerGroup))
def test_a_call_back_today_stays_with_the_dialer_and_a_later_one_leaves_it(days, group):
    today = date(2026, 11, 23)
    rule = Rule(requires=("callback_at",), dialer=group)
    expected = DialerGroup.AGAIN if days == 0 else group
    assert dialer_group(rule, today + timedelta(days=days), today) == expected
    assert dialer_group(Rule(dialer=group), None, today) == group
    assert dialer_group(Rule(), None, today) is None
