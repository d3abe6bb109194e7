"""The rules of identification: what may be asked, when an answer is right, when the gate opens or locks.

Only typed answers are compared by the system; what the operator compared himself, like an address, he ticks. An attempt
is spent by a wrong answer, not by too few right ones: asking on is no failure. Attempts are counted for the contact,
whoever the caller claims to be, so that nobody can try one customer after another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from perezvon.foundation.search.words import words_of
from perezvon.kernel.checks import Wrong, day, digits_of

NEED, ATTEMPTS = 2, 3
TYPED = ("full_name", "birth_date", "passport", "code_word")
TICKED = ("address",)
KNOWN_QUESTIONS = (*TYPED, *TICKED)
DEFAULT_QUESTIONS = ("full_name", "passport", "address", "code_word")
YES, NO = "yes", "no"


class State(StrEnum):
    """Of the gate before commercial data."""

    OPEN = "open"
    PASSED = "passed"
    LOCKED = "locked"


class Outcome(StrEnum):
    """Of one round of questions. partial: all right, but more are needed."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a project wants: so many right answers of these questions, within so many attempts."""

    need: int = NEED
    attempts: int = ATTEMPTS
    questions: tuple[str, ...] = DEFAULT_QUESTIONS

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Policy:
        """From the settings of a project; questions that we cannot ask are left out."""
        given = settings.get("identification", {})
        asked = tuple(code for code in given.get("questions", DEFAULT_QUESTIONS) if code in KNOWN_QUESTIONS)
        return cls(int(given.get("need", NEED)), int(given.get("attempts", ATTEMPTS)), asked)


@dataclass(frozen=True, slots=True)
class Known:
    """What the customer's card holds. is_code_word: asks whether a word is his; None when he has none."""

    full_name: str = ""
    birth_date: date | None = None
    passport: str = ""
    addresses: tuple[str, ...] = ()
    is_code_word: Callable[[str], bool] | None = None

    def has(self, code: str) -> bool:
        """Whether there is anything to compare an answer with."""
        values = {
            "full_name": self.full_name,
            "birth_date": self.birth_date,
            "passport": self.passport,
            "address": self.addresses,
            "code_word": self.is_code_word,
        }
        return bool(values[code])


@dataclass(frozen=True, slots=True)
class Round:
    """One row of what was asked, without the answers."""

    customer_id: UUID
    passed: frozenset[str]
    outcome: str


@dataclass(frozen=True, slots=True)
class Gate:
    """right: questions answered rightly so far in this contact. needed: how many must be."""

    state: State
    attempts_left: int
    needed: int
    right: frozenset[str] = frozenset()


def gate_of(policy: Policy, rounds: Iterable[Round], customer_id: UUID | None) -> Gate:
    """Where a contact stands, for the customer it is linked to."""
    rounds = list(rounds)
    own = [each for each in rounds if each.customer_id == customer_id]
    spent = sum(each.outcome in {Outcome.FAILED, Outcome.LOCKED} for each in rounds)
    right = frozenset[str]().union(*(each.passed for each in own))
    left = max(0, policy.attempts - spent)
    if any(each.outcome == Outcome.PASSED for each in own):
        return Gate(State.PASSED, left, policy.need, right)
    return Gate(State.OPEN if left else State.LOCKED, left, policy.need, right)


def judge(gate: Gate, answers: Mapping[str, bool]) -> Outcome:
    """What a round comes to. answers: question → whether it was answered rightly."""
    right = gate.right | {code for code, is_right in answers.items() if is_right}
    if len(right) >= gate.needed:
        return Outcome.PASSED
    if all(answers.values()):
        return Outcome.PARTIAL
    return Outcome.FAILED if gate.attempts_left > 1 else Outcome.LOCKED


class Unclear(ValueError):
    """The answer cannot be compared as typed, e.g. half a date; no attempt is spent on that. code: the question."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_right(code: str, said: str, known: Known) -> bool:
    """Whether what the caller said is what the card holds. Raises Unclear."""
    if code == "full_name":
        return sorted(words_of(said)) == sorted(words_of(known.full_name))
    if code == "birth_date":
        return _day(said) == known.birth_date
    if code == "passport":
        return _passport(said) == known.passport
    if code == "code_word":
        return known.is_code_word is not None and known.is_code_word(said)
    return said == YES


def _day(said: str) -> date:
    try:
        return day(said)
    except Wrong:
        raise Unclear("birth_date") from None


def _passport(said: str) -> str:
    digits = digits_of(said)
    if len(digits) != 10:
        raise Unclear("passport")
    return digits


def answers_given(policy: Policy, answers: Mapping[str, str], known: Known) -> dict[str, bool]:
    """Each question that was put, and whether the answer is right. An empty answer was not asked for."""
    put = [code for code in policy.questions if answers.get(code, "").strip() and known.has(code)]
    return {code: is_right(code, answers[code].strip(), known) for code in put}


def questions_to_put(policy: Policy, known: Known) -> Sequence[str]:
    """Those that the card has an answer to."""
    return [code for code in policy.questions if known.has(code)]
