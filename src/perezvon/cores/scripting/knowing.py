"""What is known at a place of a run: facts for conditions and texts, and the score. All of it follows from the path."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from perezvon.cores.conditions import Fact, Type, Value, Where, holds
from perezvon.cores.scripting.model import (
    TYPE_OF,
    Ask,
    Field,
    Jump,
    Library,
    Node,
    Place,
    Run,
    Scenario,
    Step,
    Stored,
    Text,
    Texts,
)
from perezvon.kernel.checks import Wrong

SCORE, RESULT, OUTCOME, LANGUAGE = "score", "result", "outcome", "language"
COUNT, SUB = "count.", "sub."
_PLACE = re.compile(r"\{([a-z][\w.]*)\}", re.I)
NOTHING = "\u2026"


@lru_cache(maxsize=500)
def own_facts(scenario: Scenario) -> dict[str, Fact]:
    """What a scenario knows by itself: its answers, what its ways set, counts and the score."""
    own = {SCORE: Type.NUMBER, OUTCOME: Type.TEXT, LANGUAGE: Type.TEXT, **scenario.facts}
    for node in scenario.nodes.values():
        if node.counts:
            own[COUNT + node.counts] = Type.NUMBER
        if node.scenario:
            own[SUB + node.id] = Type.TEXT
    facts = {code: Fact(code, type_) for code, type_ in own.items()}
    for field in fields_of(scenario):
        choices = frozenset(option.code for option in field.options) if field.ask in {Ask.ONE, Ask.MANY} else None
        facts[field.code] = Fact(field.code, TYPE_OF[field.ask], choices)
    return facts


def fields_of(scenario: Scenario) -> Iterator[Field]:
    return (field for node in scenario.nodes.values() for field in node.fields)


def node_of(library: Library, step: Step) -> Node:
    return library[step.place.scenario].nodes[step.place.node]


def entry_of(library: Library, scenario: str, stack: tuple[Place, ...]) -> int | None:
    """Where in the stack the sub-scenario was entered; None for the scenario that the run began with. No scenario is
    part of itself, so whatever else stands in the stack was jumped away from."""
    entered = (at for at in reversed(range(len(stack))) if _enters(library, stack[at]) == scenario)
    return next(entered, None)


def _enters(library: Library, place: Place) -> str:
    return library[place.scenario].nodes[place.node].scenario


def jumps_at(library: Library, step: Step) -> dict[str, tuple[Jump, Place, tuple[Place, ...]]]:
    """What may come up here, by code: the jump, where it leads, the stack there. Those of the scenario at the cursor
    first, then those of each that it is part of; of the same code the nearest."""
    found: dict[str, tuple[Jump, Place, tuple[Place, ...]]] = {}
    key, stack = step.place.scenario, step.stack
    while True:
        for jump in library[key].jumps:
            after = (*step.stack, step.place) if jump.returns else stack
            found.setdefault(jump.code, (jump, Place(key, jump.to), after))
        at = entry_of(library, key, stack)
        if at is None:
            return found
        key, stack = stack[at].scenario, stack[:at]


def values_of(library: Library, run: Run) -> dict[str, Value]:
    """Facts at the cursor: of the context, then of each step of the path in its order."""
    values: dict[str, Value] = {**run.context, LANGUAGE: run.language}
    counts: dict[str, int] = {}
    for step in run.path:
        node = node_of(library, step)
        for field in node.fields:
            if field.code in run.answers:
                values[field.code] = value_of(field.ask, run.answers[field.code])
        if node.counts:
            counts[node.counts] = counts.get(node.counts, 0) + 1
        values.update(step.facts)
        if step.outcome:
            values[OUTCOME] = step.outcome
        if step.way:
            values.update(next((way.sets for way in node.ways if way.code == step.way), {}))
    values.update({COUNT + name: Decimal(count) for name, count in counts.items()})
    values[SCORE] = score_of(library, run)
    return values


def value_of(ask: Ask, stored: Stored) -> Value:
    """An answer as it compares; None for what was left empty, or cannot be what it should."""
    if not stored:
        return None
    if isinstance(stored, tuple):
        return frozenset(stored)
    try:
        match ask:
            case Ask.NUMBER | Ask.SCALE:
                return Decimal(stored)
            case Ask.DAY:
                return date.fromisoformat(stored)
            case Ask.MOMENT:
                return datetime.fromisoformat(stored)
            case Ask.FLAG:
                return stored == "yes"
            case _:
                return stored
    except (ValueError, ArithmeticError, Wrong):
        return None


def stored_of(value: Value) -> Stored:
    """A fact as an answer is kept."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case frozenset():
            return tuple(sorted(value))
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def score_of(library: Library, run: Run) -> Decimal:
    """Of the answers on the path, each question once: weight times what the answer is worth (F06.23)."""
    asked = {field.code: field for step in run.path for field in node_of(library, step).fields}
    return sum((worth(field, run.answers[code]) for code, field in asked.items() if code in run.answers), Decimal(0))


def worth(field: Field, stored: Stored) -> Decimal:
    if field.bands:
        number = value_of(Ask.NUMBER, stored)
        reached = [band.score for band in field.bands if isinstance(number, Decimal) and number >= band.least]
        return field.weight * (reached[-1] if reached else 0)
    chosen = {stored} if isinstance(stored, str) else {code.rpartition(":")[2] for code in stored}
    return field.weight * sum((option.score for option in field.options if option.code in chosen), Decimal(0))


class Knowledge:
    """Everything that can be asked at the cursor of a run, reckoned once."""

    def __init__(self, library: Library, run: Run, known: Mapping[str, Fact], now: datetime) -> None:
        keys = dict.fromkeys(step.place.scenario for step in reversed(run.path))
        self._facts = ChainMap(*(own_facts(library[key]) for key in keys), dict(known))
        self._now = now
        self._library, self._path = library, run.path
        self.values = values_of(library, run)
        self.language = run.language
        self.languages = library[run.scenario].languages

    def holds(self, where: Where) -> bool:
        return holds(where, self._facts, self.values, self._now)

    def say(self, text: Text | Texts) -> str:
        """In the language of the conversation, else in the first there is, its places filled."""
        texts = text if not isinstance(text, Text) else self._variant(text)
        said = text_in(texts, (self.language, *self.languages))
        return fill(said, self.values | self._chosen(places_in(said))) if "{" in said else said

    def give(self, text: str) -> str:
        """To an action: a place that stands alone is handed on as it is kept, a code as a code; else as it is said."""
        place = _PLACE.fullmatch(text)
        return _told(self.values.get(place[1])) if place else self.say({"": text})

    def _chosen(self, places: Collection[str]) -> dict[str, Value]:
        """What was chosen, as it is called: codes are for conditions."""
        languages = (self.language, *self.languages)
        chosen: dict[str, Value] = {}
        for field in (one for step in self._path for one in node_of(self._library, step).fields if one.code in places):
            called = {one.code: text_in(one.texts, languages) or one.code for one in field.options}
            match self.values.get(field.code):
                case str() as code if code in called:
                    chosen[field.code] = called[code]
                case frozenset() as codes if codes <= called.keys():
                    chosen[field.code] = ", ".join(name for code, name in called.items() if code in codes)
        return chosen

    def _variant(self, text: Text) -> Texts:
        return next((one.texts for one in text.variants if self.holds(one.when)), text.texts)


def text_in(texts: Texts, languages: Iterable[str]) -> str:
    found = next((texts[language] for language in languages if texts.get(language)), "")
    return found or next((text for text in texts.values() if text), "")


def fill(text: str, values: Mapping[str, Value]) -> str:
    """Its {places} filled; what is not known is shown as three dots, so that nobody reads a brace aloud."""
    return _PLACE.sub(lambda found: _told(values.get(found[1])), text)


def places_in(text: str) -> set[str]:
    return set(_PLACE.findall(text))


def _told(value: Value) -> str:
    match value:
        case None | "":
            return NOTHING
        case datetime():
            return f"{value:%d.%m.%Y %H:%M}"
        case date():
            return f"{value:%d.%m.%Y}"
        case frozenset():
            return ", ".join(sorted(value))
        case _:
            return str(value)
