"""What is told while a scenario is drawn."""

from __future__ import annotations

import pytest

from perezvon.cores.scripting import Surroundings, validate
from perezvon.cores.scripting.codec import Unreadable, read_scenario
from perezvon.cores.scripting.tests.house import ACTIONS, CARD, IDENTIFY, KNOWN, node, scenario, way, words

AROUND = Surroundings({"identify": IDENTIFY, "card": CARD}, KNOWN, ACTIONS)
END = {"end": node("end")}


def flaws(nodes, start="a", **more):
    return [
        (flaw.node, flaw.code, flaw.about) for flaw in validate(scenario("x", start, {**nodes, **END}, **more), AROUND)
    ]


def test_a_good_one_has_none():
    assert validate(CARD, AROUND) == validate(IDENTIFY, AROUND) == []


SAY = {"text": {"texts": words("Hello")}}
ONE = {"code": "f", "ask": "one", "label": words("F"), "options": [{"code": "a", "texts": words("A")}]}
FLAWS = {
    "no start": ({}, [("", "no_start", "")], {"start": "gone"}),
    "nowhere": (
        {"a": node("phrase", way("on", "gone"), **SAY)},
        {("a", "no_target", "gone"), ("a", "no_end", ""), ("end", "unreachable", "")}, {},
    ),
    "never reached": (
        {"a": node("phrase", way("on", "end"), **SAY), "b": node("phrase", way("on", "end"), **SAY)},
        [("b", "unreachable", "")], {},
    ),
    "dead end": (
        {"a": node("phrase", **SAY)}, {("a", "dead_end", ""), ("a", "no_end", ""), ("end", "unreachable", "")}, {},
    ),
    "only if": (
        {"a": node("decision", way("if", "end", when=["and", ["customer.vip", "yes"]]))}, [("a", "dead_end", "")], {},
    ),
    "only when needed": (
        {"a": node("choice", way("no", "end", "No", needs=["and", ["score", "least", "1"]], why=words("no")))},
        [("a", "dead_end", "")], {},
    ),
    "locked without a reason": (
        {"a": node("choice", way("no", "end", "No", needs=["and", ["score", "least", "1"]]), way("on", "end", "On"))},
        [("a", "no_reason", "no")], {},
    ),
    "round and round": (
        {"a": node("decision", way("if", "end", when=["and", ["customer.vip", "yes"]]), way("on", "b")),
         "b": node("decision", way("on", "a"))},
        [("a", "loop", ""), ("b", "loop", "")], {},
    ),
    "no exit": (
        {"a": node("phrase", way("on", "b"), **SAY), "b": node("phrase", way("on", "a"), **SAY)},
        {("a", "no_end", ""), ("b", "no_end", ""), ("end", "unreachable", "")}, {},
    ),
    "one language": (
        {"a": node("phrase", way("on", "end"), text={"texts": {"en": "Hello"}})}, [("a", "no_translation", "ru")], {},
    ),
    "nothing to say": ({"a": node("phrase", way("on", "end"))}, [("a", "no_words", "")], {}),
    "nothing asked": ({"a": node("question", way("on", "end"))}, [("a", "no_question", "")], {}),
    "nothing to choose": (
        {"a": node("form", way("on", "end"), fields=[{**ONE, "options": []}])}, [("a", "no_options", "f")], {},
    ),
    "a scale without ends": (
        {"a": node("form", way("on", "end"), fields=[{"code": "f", "ask": "scale", "label": words("F")}])},
        [("a", "no_range", "f")], {},
    ),
    "one name for two": (
        {"a": node("form", way("on", "b"), fields=[ONE]),
         "b": node("form", way("on", "end"), fields=[{"code": "f", "label": words("F")}])},
        [("b", "two_kinds", "f")], {},
    ),
    "unknown facts": (
        {"a": node("phrase", way("if", "end", when=["and", ["moon", "is", "full"]]), way("on", "end"),
                   text={"texts": words("Dear {moon}")})},
        {("a", "condition", "moon"), ("a", "no_fact", "moon")}, {},
    ),
    "unknown actions": ({"a": node("action", way("on", "end"), does="fly")}, [("a", "no_action", "fly")], {}),
    "unknown scenarios": ({"a": node("sub", way("on", "end"), scenario="y")}, [("a", "no_scenario", "y")], {}),
    "itself": (
        {"a": node("sub", way("on", "end"), scenario="x")}, {("", "within_itself", "x"), ("a", "no_scenario", "x")}, {},
    ),
    "a jump to nowhere": (
        {"a": node("phrase", way("on", "end"), **SAY)}, [("", "no_target", "j")],
        {"jumps": [{"code": "j", "to": "gone", "label": words("J")}]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("nodes", "expected", "more"), FLAWS.values(), ids=FLAWS)
def test_told(nodes, expected, more):
    found = flaws(nodes, **more)
    assert (set(found) if isinstance(expected, set) else found) == expected


def test_what_is_no_scenario_is_refused_with_its_place():
    with pytest.raises(Unreadable) as refused:
        read_scenario({"key": "x", "version": 1, "start": "a", "nodes": {"a": {"id": "a", "kind": "dance"}}})
    assert refused.value.places == ["nodes.a.kind"]
