"""A run as it is shown: the step at the cursor in the words of this conversation, and every way out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from perezvon.cores.scripting.knowing import Knowledge, jumps_at, node_of, score_of, stored_of
from perezvon.cores.scripting.model import (
    Failure,
    Field,
    Kind,
    Node,
    Option,
    Run,
    Scenario,
    Stored,
    limit_of,
)
from perezvon.cores.scripting.stepping import Access, Stage, tick_key


@dataclass(frozen=True, slots=True)
class ShownPhrase:
    code: str
    text: str
    mandatory: bool
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownField:
    """value: what was answered, else what the card holds. options, rows: (code, words). fixed: it is only shown."""

    field: Field
    label: str
    value: Stored
    options: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str], ...]
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class ShownWay:
    """label: "" of the only way on. leads_to: what is there (F30.09). locked: why it cannot be taken yet."""

    code: str
    label: str
    leads_to: str
    locked: str


@dataclass(frozen=True, slots=True)
class View:
    """done, ahead: how many steps lie behind, and how many at least before it. until: when its time is over."""

    node: Node
    title: str
    text: str
    phrases: tuple[ShownPhrase, ...]
    fields: tuple[ShownField, ...]
    ways: tuple[ShownWay, ...]
    jumps: tuple[tuple[str, str], ...]
    can_go_back: bool
    can_go_forward: bool
    waits: bool
    late: bool
    until: datetime | None
    done: int
    ahead: int
    score: Decimal
    failures: tuple[Failure, ...]
    result: str
    ended_at: datetime | None


def look(stage: Stage, run: Run, now: datetime) -> View:
    library, here = stage.library, run.here
    node, scenario = node_of(library, here), library[here.place.scenario]
    knowledge = Knowledge(library, run, stage.known, now)
    behind = sum(1 for step in run.path[:-1] if node_of(library, step).is_shown)
    return View(
        node=node,
        title=knowledge.say(node.title),
        text=knowledge.say(node.text),
        phrases=tuple(
            ShownPhrase(one.code, knowledge.say(one.text), one.mandatory, run.ticks.get(tick_key(here.place, one.code)))
            for one in node.phrases
        ),
        fields=tuple(
            _field(one, run, knowledge, fixed=stage.access(one) is Access.SEES)
            for one in node.fields
            if stage.access(one) is not Access.NONE
        ),
        ways=_ways(node, scenario, knowledge),
        jumps=tuple(
            (code, knowledge.say(one.label))
            for code, (one, _to, _stack) in jumps_at(library, here).items()
            if knowledge.holds(one.when)
        ),
        can_go_back=behind > 0 and run.ended_at is None,
        can_go_forward=run.at + 1 < len(run.steps) and run.ended_at is None,
        waits=node.kind == Kind.ACTION and not here.outcome and run.ended_at is None,
        late=here.late,
        until=None if run.ended_at or here.way else limit_of(node, here),
        done=behind,
        ahead=distances(scenario).get(here.place.node, 0),
        score=score_of(library, run),
        failures=run.failures,
        result=run.result,
        ended_at=run.ended_at,
    )


def _field(field: Field, run: Run, knowledge: Knowledge, *, fixed: bool) -> ShownField:
    def words(options: tuple[Option, ...]) -> tuple[tuple[str, str], ...]:
        return tuple((one.code, knowledge.say(one.texts) or one.code) for one in options)

    of_card = stored_of(run.context.get(field.binds)) if field.binds else ""
    value = of_card if fixed else run.answers.get(field.code, of_card)
    return ShownField(field, knowledge.say(field.label), value, words(field.options), words(field.rows), fixed)


def _ways(node: Node, scenario: Scenario, knowledge: Knowledge) -> tuple[ShownWay, ...]:
    """Its buttons; where it has none, the way on."""
    buttons = [one for one in node.ways if one.label and knowledge.holds(one.when)]
    shown = [
        ShownWay(
            one.code,
            knowledge.say(one.label),
            _leads_to(scenario, one.to, knowledge),
            "" if knowledge.holds(one.needs) else knowledge.say(one.why) or "\u2026",
        )
        for one in buttons
    ]
    onward = [one for one in node.ways if not one.label] if node.is_shown else []
    # Which of them it will be, an answer may still decide; without fields it is known already.
    open_ones = onward if node.fields or not shown else [one for one in onward if knowledge.holds(one.when)]
    if open_ones:
        shown.append(ShownWay("", "", _leads_to(scenario, open_ones[-1].to, knowledge), ""))
    return tuple(shown)


def _leads_to(scenario: Scenario, node_id: str, knowledge: Knowledge) -> str:
    node = scenario.nodes.get(node_id)
    return knowledge.say(node.title) if node else ""


@lru_cache(maxsize=500)
def distances(scenario: Scenario) -> Mapping[str, int]:
    """Of each node, how many shown steps lie at least between it and an end. Breadth first from the ends."""
    leading_to: dict[str, list[str]] = {}
    for node in scenario.nodes.values():
        for target in {way.to for way in node.ways}:
            leading_to.setdefault(target, []).append(node.id)
    found = {node.id: 0 for node in scenario.nodes.values() if node.kind in {Kind.END, Kind.RETURN}}
    edge = sorted(found)
    while edge:
        following: list[str] = []
        for target in edge:
            for source in leading_to.get(target, ()):
                steps = found[target] + (1 if scenario.nodes[target].is_shown else 0)
                if steps < found.get(source, len(scenario.nodes) + 1):
                    found[source] = steps
                    following.append(source)
        edge = following
    return found
