from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from perezvon.modules.interactions.identification import (
    DEFAULT_QUESTIONS,
    Gate,
    Known,
    Outcome,
    Policy,
    Round,
    State,
    Unclear,
    answers_given,
    gate_of,
    is_right,
    judge,
    questions_to_put,
)

ELENA, OLEG = UUID(int=1), UUID(int=2)
POLICY = Policy(need=2, attempts=3)
KNOWN = Known("Смирнова Алёна Павловна", date(1981, 5, 14), "4509123456", ("г Москва",), lambda word: word == "ромашка")


def asked(outcome: str, *passed: str, customer: UUID = ELENA) -> Round:
    return Round(customer, frozenset(passed), outcome)


class TestAnswers:
    @pytest.mark.parametrize(
        ("code", "said", "right"),
        [
            ("full_name", "смирнова алена ПАВЛОВНА", True),
            ("full_name", "Алёна Павловна Смирнова", True),
            ("full_name", "Смирнова Алёна", False),
            ("full_name", "Смирнова Ольга Павловна", False),
            ("birth_date", "14.5.1981", True),
            ("birth_date", "15.05.1981", False),
            ("passport", "45 09 №123456", True),
            ("passport", "4509 123457", False),
            ("code_word", "ромашка", True),
            ("code_word", "роза", False),
            ("address", "yes", True),
            ("address", "no", False),
        ],
    )
    def test_are_compared_with_the_card(self, code, said, right):
        assert is_right(code, said, KNOWN) is right

    @pytest.mark.parametrize(
        ("code", "said"), [("birth_date", "в мае"), ("birth_date", "14.05.81"), ("passport", "123456")]
    )
    def test_that_are_half_an_answer_are_none(self, code, said):
        with pytest.raises(Unclear):
            is_right(code, said, KNOWN)

    def test_only_what_was_asked_counts(self):
        given = {"full_name": " ", "passport": "4509123456", "birth_date": "14.05.1981", "address": "", "nonsense": "x"}

        assert answers_given(POLICY, given, KNOWN) == {"passport": True}

    def test_only_what_the_card_can_answer_is_asked(self):
        assert questions_to_put(POLICY, Known("Смирнова", None, "", (), None)) == ["full_name"]
        assert list(questions_to_put(POLICY, KNOWN)) == list(DEFAULT_QUESTIONS)


class TestJudge:
    @pytest.mark.parametrize(
        ("right_before", "left", "answers", "outcome"),
        [
            ((), 3, {"full_name": True, "passport": True}, Outcome.PASSED),
            ((), 3, {"full_name": True, "passport": True, "code_word": False}, Outcome.PASSED),
            ((), 3, {"full_name": True}, Outcome.PARTIAL),
            (("full_name",), 3, {"code_word": True}, Outcome.PASSED),
            (("full_name",), 3, {"full_name": True}, Outcome.PARTIAL),
            ((), 3, {"full_name": True, "passport": False}, Outcome.FAILED),
            (("full_name",), 1, {"passport": False}, Outcome.LOCKED),
        ],
        ids=[
            "enough",
            "enough beside a wrong one",
            "more are needed",
            "the second one",
            "the same twice",
            "wrong",
            "last",
        ],
    )
    def test_a_round(self, right_before, left, answers, outcome):
        gate = Gate(State.OPEN, left, 2, frozenset(right_before))

        assert judge(gate, answers) is outcome


class TestGate:
    def test_nothing_asked(self):
        assert gate_of(POLICY, [], ELENA) == Gate(State.OPEN, 3, 2)

    def test_right_answers_add_up_and_only_wrong_ones_spend_attempts(self):
        gate = gate_of(POLICY, [asked("partial", "full_name"), asked("failed", "address")], ELENA)

        assert gate == Gate(State.OPEN, 2, 2, frozenset({"full_name", "address"}))

    def test_it_locks_when_the_attempts_are_spent(self):
        assert gate_of(POLICY, [asked("failed"), asked("failed"), asked("locked")], ELENA).state is State.LOCKED

    def test_it_opens_for_the_customer_identified_and_for_no_other(self):
        rounds = [asked("passed", "full_name", "passport")]

        assert gate_of(POLICY, rounds, ELENA).state is State.PASSED
        assert gate_of(POLICY, rounds, OLEG) == Gate(State.OPEN, 3, 2)
        assert gate_of(POLICY, rounds, None).state is State.OPEN

    def test_attempts_are_the_contacts_whoever_the_caller_claims_to_be(self):
        rounds = [asked("failed"), asked("failed", customer=OLEG), asked("failed")]

        assert gate_of(POLICY, rounds, OLEG).state is State.LOCKED


class TestPolicy:
    def test_is_the_projects_own(self):
        settings = {"identification": {"need": 1, "attempts": 2, "questions": ["passport", "shoe_size"]}}

        assert Policy.of(settings) == Policy(1, 2, ("passport",))

    def test_has_a_default(self):
        assert Policy.of({}) == POLICY
