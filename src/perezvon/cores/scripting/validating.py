"""What is wrong with a scenario while it is drawn (F06.22, F06.26). A scenario without problems always has a way on:
from every node that can be reached an end can be, and nothing that waits for nobody goes round for ever."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from perezvon.cores.conditions import Fact, Where, problems
from perezvon.cores.scripting.knowing import own_facts, places_in
from perezvon.cores.scripting.model import (
    MOST_FIELDS,
    MOST_NODES,
    Ask,
    Field,
    Kind,
    Library,
    Node,
    Scenario,
    Text,
    Texts,
)

type Facts = Mapping[str, Fact]

_CHOOSES = frozenset({Ask.ONE, Ask.MANY, Ask.MATRIX})


@dataclass(frozen=True, slots=True)
class Flaw:
    """node: where, "" of the whole; code: what; about: of which way, field, language, scenario or action."""

    node: str
    code: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a scenario may speak of: other scenarios, facts that are known anyhow, and actions there are."""

    library: Library
    known: Mapping[str, Fact]
    actions: Collection[str]


def validate(scenario: Scenario, around: Surroundings) -> list[Flaw]:
    """Everything that must be mended before it can be published, in the order of the nodes."""
    if scenario.start not in scenario.nodes:
        return [Flaw("", "no_start")]
    if len(scenario.nodes) > MOST_NODES:
        return [Flaw("", "too_large", str(MOST_NODES))]
    facts = _facts(scenario, around)
    flaws = [*_whole(scenario, around, facts), *_graph(scenario)]
    for node in scenario.nodes.values():
        flaws += _of_node(node, scenario, around, facts)
    order = {node_id: place for place, node_id in enumerate(scenario.nodes)}
    return sorted(dict.fromkeys(flaws), key=lambda flaw: order.get(flaw.node, -1))


# --- the graph ---


def targets(node: Node) -> Iterator[str]:
    yield from (way.to for way in node.ways)
    if node.late_to:
        yield node.late_to


def reachable(scenario: Scenario) -> set[str]:
    """From the start, and by what may come up at any time."""
    return _closure(
        [scenario.start, *(jump.to for jump in scenario.jumps)],
        {node.id: list(targets(node)) for node in scenario.nodes.values()},
    )


def _closure(first: Iterable[str], leads: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    edge = [node for node in first if node in leads]
    while edge:
        node = edge.pop()
        if node not in found:
            found.add(node)
            edge += [target for target in leads[node] if target in leads and target not in found]
    return found


def _graph(scenario: Scenario) -> Iterator[Flaw]:
    nodes = scenario.nodes
    used = reachable(scenario)
    yield from (Flaw(node_id, "unreachable") for node_id in nodes if node_id not in used)
    before: dict[str, list[str]] = {node_id: [] for node_id in nodes}
    for node in nodes.values():
        for target in targets(node):
            before.get(target, []).append(node.id)
    ends = [node.id for node in nodes.values() if node.kind in {Kind.END, Kind.RETURN}]
    ending = _closure(ends, before)
    yield from (Flaw(node_id, "no_end") for node_id in used if node_id in nodes and node_id not in ending)
    yield from (Flaw(node_id, "loop") for node_id in _rounds(scenario))


def _rounds(scenario: Scenario) -> set[str]:
    """Nodes that wait for nobody and lead to each other in a ring."""
    leads = {
        node.id: [target for target in targets(node) if target in scenario.nodes and not _waits(scenario.nodes[target])]
        for node in scenario.nodes.values()
        if not _waits(node)
    }
    return {node_id for node_id in leads if node_id in _closure(leads[node_id], leads)}


def _waits(node: Node) -> bool:
    return node.is_shown or (node.kind == Kind.ACTION and node.waits) or node.kind in {Kind.END, Kind.RETURN, Kind.SUB}


# --- the whole ---


def _whole(scenario: Scenario, around: Surroundings, facts: Facts) -> Iterator[Flaw]:
    for jump in scenario.jumps:
        if jump.to not in scenario.nodes:
            yield Flaw("", "no_target", jump.code)
        yield from (Flaw("", "no_translation", language) for language in _untranslated(jump.label, scenario))
        yield from _asked(jump.when, "", facts)
    types: dict[str, Ask] = {}
    for node in scenario.nodes.values():
        for field in node.fields:
            if types.setdefault(field.code, field.ask) != field.ask:
                yield Flaw(node.id, "two_kinds", field.code)
    if scenario.key in _subs(scenario, around.library):
        yield Flaw("", "within_itself", scenario.key)


def _subs(scenario: Scenario, library: Library) -> set[str]:
    leads = {key: [node.scenario for node in one.nodes.values() if node.scenario] for key, one in library.items()}
    leads[scenario.key] = [node.scenario for node in scenario.nodes.values() if node.scenario]
    return _closure(leads[scenario.key], leads)


# --- a node ---


def _of_node(node: Node, scenario: Scenario, around: Surroundings, facts: Facts) -> Iterator[Flaw]:
    yield from _ways(node, scenario, facts)
    yield from _texts(node, scenario, facts)
    if len(node.fields) > MOST_FIELDS:
        yield Flaw(node.id, "too_many_fields", str(MOST_FIELDS))
    for field in node.fields:
        yield from _of_field(node, field, scenario)
    if node.kind == Kind.QUESTION and not node.fields:
        yield Flaw(node.id, "no_question")
    if node.kind == Kind.ACTION and node.does not in around.actions:
        yield Flaw(node.id, "no_action", node.does)
    if node.kind == Kind.SUB and node.scenario not in around.library:
        yield Flaw(node.id, "no_scenario", node.scenario)


def _ways(node: Node, scenario: Scenario, facts: Facts) -> Iterator[Flaw]:
    if node.kind in {Kind.END, Kind.RETURN}:
        return
    if not any(_is_open(way.when, way.needs) for way in node.ways if node.is_shown or not way.label):
        yield Flaw(node.id, "dead_end")
    codes = [way.code for way in node.ways]
    yield from (Flaw(node.id, "twice", code) for code in codes if codes.count(code) > 1)
    for target in targets(node):
        if target not in scenario.nodes:
            yield Flaw(node.id, "no_target", target)
    for way in node.ways:
        yield from _asked(way.when, node.id, facts)
        yield from _asked(way.needs, node.id, facts)
        if way.needs and not any(way.why.values()):
            yield Flaw(node.id, "no_reason", way.code)


def _is_open(*conditions: Where) -> bool:
    """Taken whatever is known."""
    return not any(conditions)


def _facts(scenario: Scenario, around: Surroundings) -> dict[str, Fact]:
    """What may be asked: what is known anyhow, and what the scenario and its sub-scenarios bring."""
    subs = [around.library[key] for key in _subs(scenario, around.library) if key in around.library]
    return {**around.known, **{code: fact for one in (*subs, scenario) for code, fact in own_facts(one).items()}}


def _asked(where: Where, node_id: str, facts: Facts) -> Iterator[Flaw]:
    yield from (Flaw(node_id, "condition", problem.condition.fact) for problem in problems(where, facts))


def _texts(node: Node, scenario: Scenario, facts: Facts) -> Iterator[Flaw]:
    said = [node.title, *_all_texts(node.text)]
    said += [texts for phrase in node.phrases for texts in _all_texts(phrase.text)]
    said += [way.label for way in node.ways] + [way.why for way in node.ways]
    said += [field.label for field in node.fields]
    said += [option.texts for field in node.fields for option in (*field.options, *field.rows)]
    missing = dict.fromkeys(language for texts in said for language in _untranslated(texts, scenario))
    yield from (Flaw(node.id, "no_translation", language) for language in missing)
    if node.kind == Kind.PHRASE and not (any(node.text.texts.values()) or node.phrases):
        yield Flaw(node.id, "no_words")
    places = {place for texts in said for text in texts.values() for place in places_in(text)}
    yield from (Flaw(node.id, "no_fact", place) for place in sorted(places) if place not in facts)


def _all_texts(text: Text) -> list[Texts]:
    return [text.texts, *(variant.texts for variant in text.variants)]


def _untranslated(texts: Texts, scenario: Scenario) -> list[str]:
    """Languages in which nothing is said although something is in another one."""
    if not any(texts.values()):
        return []
    return [language for language in scenario.languages if not texts.get(language)]


def _of_field(node: Node, field: Field, scenario: Scenario) -> Iterator[Flaw]:
    if not any(field.label.values()) and node.kind != Kind.QUESTION:
        yield Flaw(node.id, "no_label", field.code)
    if field.ask in _CHOOSES and not field.options:
        yield Flaw(node.id, "no_options", field.code)
    if field.ask == Ask.MATRIX and not field.rows:
        yield Flaw(node.id, "no_options", field.code)
    if field.ask == Ask.SCALE and (field.least is None or field.most is None or field.least >= field.most):
        yield Flaw(node.id, "no_range", field.code)
    codes = [option.code for option in field.options]
    if len(set(codes)) < len(codes):
        yield Flaw(node.id, "twice", field.code)
