"""Scores of evaluations, agreement, samples."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from perezvon.cores.quality import Question, Scorecard, agreement, draw, is_possible, missing, score

GREETING = Question("greeting", "talk", weight=1)
ANSWER = Question("answer", "talk", most=4, weight=3)
RECORDED = Question("recorded", "law", weight=1, critical=True)
RUDE = Question("rude", "law", weight=0, fatal=True)
CARD = Scorecard((GREETING, ANSWER, RECORDED, RUDE), pass_percent=70, critical_percent=100)
WELL = {"greeting": 1, "answer": 4, "recorded": 1, "rude": 1}


class TestScore:
    def test_is_the_weighted_share(self):
        found = score(CARD, WELL | {"answer": 2})

        assert found.percent == Decimal("70.0")  # (1 + 3 * 2/4 + 1) of 5
        assert found.sections == {"talk": Decimal("62.5"), "law": Decimal("100.0")}
        assert found.passed

    def test_leaves_out_what_does_not_apply(self):
        assert score(CARD, WELL | {"answer": None, "greeting": 0}).percent == Decimal("50.0")

    def test_is_nothing_where_a_fatal_question_is_not_met(self):
        found = score(CARD, WELL | {"rude": 0})

        assert (found.percent, found.failed_by, found.passed) == (0, ("rude",), False)
        assert found.sections["talk"] == 100

    def test_of_critical_questions_stands_apart(self):
        found = score(CARD, WELL | {"recorded": 0})

        assert (found.percent, found.critical, found.passed) == (Decimal("80.0"), 0, False)

    def test_is_none_where_nothing_applies(self):
        found = score(CARD, dict.fromkeys(WELL))

        assert (found.percent, found.critical, found.passed) == (None, None, None)

    def test_says_what_is_missing(self):
        assert missing(CARD, {"greeting": None, "answer": 3}) == ("recorded", "rude")

    @pytest.mark.parametrize(("value", "possible"), [(-1, False), (0, True), (4, True), (5, False), (None, True)])
    def test_knows_the_values_of_a_question(self, value, possible):
        assert is_possible(ANSWER, value) is possible

    @over(st.data())
    def test_never_leaves_its_bounds_and_never_falls_with_a_better_answer(self, data):
        of_any = st.tuples(st.sampled_from("ab"), st.integers(1, 5), st.integers(0, 5), st.booleans(), st.booleans())
        drawn = data.draw(st.lists(of_any, min_size=1, max_size=6))
        questions = tuple(Question(str(number), *of_one) for number, of_one in enumerate(drawn))
        card = Scorecard(questions)
        given = {one.code: data.draw(st.none() | st.integers(0, one.most)) for one in questions}
        before = score(card, given)
        for percent in (before.percent, before.critical, *before.sections.values()):
            assert percent is None or 0 <= percent <= 100
        better = data.draw(st.sampled_from(questions))
        value = given[better.code]
        if value is not None and value < better.most:
            after = score(card, given | {better.code: value + 1})
            assert (after.percent is None) == (before.percent is None)
            assert before.percent is None or after.percent >= before.percent


class TestAgreement:
    def test_is_the_share_of_what_most_gave(self):
        found = agreement(CARD, [WELL, WELL, WELL | {"greeting": 0}])

        assert found.questions == {"greeting": 67, "answer": 100, "recorded": 100, "rude": 100}
        assert found.spread == Decimal("20.0")

    def test_needs_two(self):
        found = agreement(CARD, [WELL])

        assert (found.questions, found.spread) == ({}, None)


class TestDraw:
    def test_takes_so_many_of_each_and_counts_those_before(self):
        heard = {"olga": list(range(10)), "ivan": list(range(10, 12)), "anna": [20]}

        found = draw(heard, {"olga": 1, "anna": 3}, 3, "week 47")

        assert len(found) == 2 + 2
        assert set(found) >= {10, 11}

    def test_is_the_same_each_time_and_another_for_another_purpose(self):
        heard = {"olga": list(range(100))}

        assert draw(heard, {}, 5, "a") == draw({"olga": list(reversed(range(100)))}, {}, 5, "a")
        assert draw(heard, {}, 5, "a") != draw(heard, {}, 5, "b")
