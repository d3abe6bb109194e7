"""What the evaluation of a conversation comes to, how far evaluators agree, and which conversations are looked at.

**Score.** A question is given from nothing up to its `most` (1: no or yes); what does not apply counts for nothing.
The score is the weighted share of what could be had:

    100 * sum(weight * given / most) / sum(weight)        over the questions that apply

Below its most, a *fatal* question makes the whole score 0; *critical* ones make a second score, of themselves alone,
with a pass mark of its own. Passed is who reaches both marks.

**Agreement.** Where several evaluated the same conversation: of each question the share of those who gave what most
gave, and how far the scores lie apart.

**Sample.** Of each operator so many conversations, in an order that looks like chance and is the same each time: by a
hash of what they are drawn for and of their key. Whatever was drawn before counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b

type Given = Mapping[str, int | None]
"""By code of the question; None: it does not apply."""

_WHOLE, _TENTH = Decimal(100), Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Question:
    code: str
    section: str = ""
    most: int = 1
    weight: int = 1
    fatal: bool = False
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Scorecard:
    """pass_percent, critical_percent: the marks to be reached."""

    questions: tuple[Question, ...]
    pass_percent: int = 80
    critical_percent: int = 100


@dataclass(frozen=True, slots=True)
class Score:
    """percent, critical, and those of the sections: to a tenth; None where nothing applies.

    failed_by: the fatal questions that were not met.
    """

    percent: Decimal | None
    critical: Decimal | None
    sections: Mapping[str, Decimal | None]
    failed_by: tuple[str, ...]
    passed: bool | None


def score(card: Scorecard, given: Given) -> Score:
    """Of the questions that were answered so far. passed: None while nothing applies."""
    answered = [one for one in card.questions if given.get(one.code) is not None]
    failed_by = tuple(one.code for one in answered if one.fatal and _given(one, given) < one.most)
    reached = _percent(answered, given)
    percent = Decimal(0) if failed_by and reached is not None else reached
    critical = _percent([one for one in answered if one.critical], given)
    names = dict.fromkeys(one.section for one in card.questions)
    sections = {name: _percent([one for one in answered if one.section == name], given) for name in names}
    passed = None if percent is None else percent >= card.pass_percent
    if passed and critical is not None:
        passed = critical >= card.critical_percent
    return Score(percent, critical, sections, failed_by, passed)


def missing(card: Scorecard, given: Given) -> tuple[str, ...]:
    """Codes of the questions without an answer; "does not apply" is one."""
    return tuple(one.code for one in card.questions if one.code not in given)


def is_possible(question: Question, value: int | None) -> bool:
    return value is None or 0 <= value <= question.most


def _given(question: Question, given: Given) -> int:
    return given.get(question.code) or 0


def _percent(questions: Sequence[Question], given: Given) -> Decimal | None:
    whole = sum(one.weight for one in questions)
    if not whole:
        return None
    had = sum((Decimal(one.weight * _given(one, given)) / one.most for one in questions), Decimal(0))
    return (_WHOLE * had / whole).quantize(_TENTH, ROUND_HALF_UP)


# --- agreement ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Agreement:
    """questions: the share in per cent of those who gave what most gave, by code. spread: between the highest and the
    lowest score; None where fewer than two have one."""

    questions: Mapping[str, int]
    spread: Decimal | None


def agreement(card: Scorecard, several: Sequence[Given]) -> Agreement:
    """How far evaluations of the same conversation agree; a question counts where at least two answered it."""
    shares: dict[str, int] = {}
    for question in card.questions:
        values = [given[question.code] for given in several if question.code in given]
        if len(values) > 1:
            _value, most = Counter(values).most_common(1)[0]
            shares[question.code] = round(100 * most / len(values))
    scores = [found for given in several if (found := score(card, given).percent) is not None]
    return Agreement(shares, max(scores) - min(scores) if len(scores) > 1 else None)


# --- a sample -----------------------------------------------------------------------------------------


def draw[A: Hashable, K](heard: Mapping[A, Sequence[K]], drawn: Mapping[A, int], each: int, purpose: str) -> list[K]:
    """Keys of conversations, in order of the operators as given. heard: those of each operator that were not drawn yet;
    drawn: how many of his were."""
    found: list[K] = []
    for agent, keys in heard.items():
        by_chance = sorted(keys, key=lambda key: blake2b(f"{purpose}:{key}".encode(), digest_size=8).digest())
        found += by_chance[: max(0, each - drawn.get(agent, 0))]
    return found
