"""A questionnaire: questions in their order, as people write them, and the scenario that they are.

It is a chain: each question is a node that leads to the next one, and the last to the end. An option of a question
with one answer may lead further down instead, never up, so that every way comes to the end and nothing is asked twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import count

from perezvon.cores.conditions import Condition, Group, Where
from perezvon.cores.scripting.model import NO_TEXTS, Ask, Field, Kind, Node, Option, Scenario, Texts, Way

MOST_QUESTIONS = 100
END = "end"
ASKED = (Ask.ONE, Ask.MANY, Ask.FLAG, Ask.NUMBER, Ask.SCALE, Ask.TEXT, Ask.DAY, Ask.MATRIX)
_NEXT = "next"
_SAME_WORDS = 0.8  # of 1: a slip of the pen mended, not another answer
_ENDING: Texts = {"ru": "\u041a\u043e\u043d\u0435\u0446", "en": "End"}


@dataclass(frozen=True, slots=True)
class Question:
    """asks: the field with its label, options and limits. leads: by code of an option, the code of a later question,
    or END."""

    asks: Field
    leads: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.asks.code


def scenario_of(
    key: str, languages: tuple[str, ...], questions: Sequence[Question], name: Texts = NO_TEXTS
) -> Scenario:
    """Raises ValueError where two have one code, or one leads up: to itself, or to what was asked before."""
    order = [one.code for one in questions]
    if len(set(order)) < len(order) or END in order or len(order) > MOST_QUESTIONS:
        raise ValueError("codes")
    nodes = {one.code: _node(one, [*order[place + 1 :], END]) for place, one in enumerate(questions)}
    ending = {code: text for code, text in _ENDING.items() if code in languages}
    nodes[END] = Node(END, Kind.END, title=ending, result="filled")
    return Scenario(key, 0, order[0] if order else END, nodes, languages, name)


def _node(one: Question, later: Sequence[str]) -> Node:
    if not set(one.leads.values()) <= set(later):
        raise ValueError("leads up")
    leads = tuple(
        Way(f"to-{option}", to, when=Where("and", (Group("and", (Condition(one.code, "any", (option,)),)),)))
        for option, to in one.leads.items()
    )
    return Node(one.code, Kind.QUESTION, title=one.asks.label, fields=(one.asks,), ways=(*leads, Way(_NEXT, later[0])))


def questions_of(scenario: Scenario) -> list[Question] | None:
    """The same, back; None for what was drawn otherwise."""
    if set(scenario.nodes) == {scenario.start}:
        return []  # a new one, whatever its end says
    found: list[Question] = []
    at = scenario.start
    while at != END:
        node = scenario.nodes.get(at)
        on = node and next((way.to for way in node.ways if way.code == _NEXT), None)
        if node is None or not on or len(node.fields) != 1 or any(one.code == at for one in found):
            return None
        leads = {way.code.removeprefix("to-"): way.to for way in node.ways if way.code != _NEXT}
        found.append(Question(node.fields[0], leads))
        at = on
    try:
        same = scenario_of(scenario.key, scenario.languages, found, scenario.name)
    except ValueError:
        return None
    return found if dict(same.nodes) == dict(scenario.nodes) and not scenario.jumps else None


def kept_codes(before: Sequence[Option], after: Sequence[Texts], used: Collection[str]) -> list[str]:
    """Codes for options as they are written now, so that answers given before keep their meaning.

    An option that reads as before keeps its code, wherever it stands; then one whose wording has hardly changed. All
    others are new: their codes are none of `used`, which are those that answers may be kept under.
    """
    free = list(before)
    codes = [""] * len(after)
    for likeness in (_equal, _similar):
        for at, texts in enumerate(after):
            if not codes[at] and (same := _most_alike(free, texts, likeness)) is not None:
                codes[at] = same.code
                free.remove(same)
    taken = {*used, *(one.code for one in before)}
    fresh = (code for code in (f"o{number}" for number in count(1)) if code not in taken)
    return [code or next(fresh) for code in codes]


def _most_alike(options: Sequence[Option], texts: Texts, likeness: Callable[[str, str], float]) -> Option | None:
    """By its words in the language in which they are nearest; None where none is near."""
    found = [(max((likeness(one.texts.get(code, ""), text) for code, text in texts.items())), one) for one in options]
    best, option = max(found, key=lambda pair: pair[0], default=(0.0, None))
    return option if best else None


def _equal(one: str, other: str) -> float:
    return float(one == other)


def _similar(one: str, other: str) -> float:
    """0 where they are not as good as the same."""
    matcher = SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False)
    bounds = (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio)  # the cheap ones first
    return matcher.ratio() if all(ratio() >= _SAME_WORDS for ratio in bounds) else 0.0
