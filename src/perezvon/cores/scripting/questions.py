"""A questionnaire: questions in their order, as people write them, and the scenario that they are.

It is a chain: each question is a node that leads to the next one, and the last to the end. An option of a question
with one answer may lead further down instead, never up, so that every way comes to the end and nothing is asked twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from perezvon.cores.conditions import Condition, Group, Where
from perezvon.cores.scripting.model import NO_TEXTS, Ask, Field, Kind, Node, Scenario, Texts, Way

MOST_QUESTIONS = 100
END = "end"
ASKED = (Ask.ONE, Ask.MANY, Ask.FLAG, Ask.NUMBER, Ask.SCALE, Ask.TEXT, Ask.DAY, Ask.MATRIX)
_NEXT = "next"
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
