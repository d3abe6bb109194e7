"""A talk about a card for the tests: greeting, an offer, objections, a sub-scenario that identifies, an action."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from perezvon.cores.conditions import Fact, Type
from perezvon.cores.scripting import Stage, begin, step
from perezvon.cores.scripting.codec import read_scenario
from perezvon.cores.scripting.model import Answer, Input, Run, Scenario, Stored, Turn

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KNOWN = {
    "customer.name": Fact("customer.name", Type.TEXT),
    "customer.vip": Fact("customer.vip", Type.FLAG),
    "customer.region": Fact("customer.region", Type.TEXT),
}


def words(english: str) -> dict[str, str]:
    return {"en": english, "ru": f"{english} (ru)"}


def way(code: str, to: str, label: str = "", **more: Any) -> dict[str, Any]:
    return {"code": code, "to": to, **({"label": words(label)} if label else {}), **more}


def node(kind: str, *ways: dict[str, Any], title: str = "", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "title": words(title or kind), "ways": list(ways), **more}


def scenario(key: str, start: str, nodes: Mapping[str, dict[str, Any]], **more: Any) -> Scenario:
    full = {code: {"id": code, **one} for code, one in nodes.items()}
    return read_scenario({"key": key, "version": 1, "start": start, "nodes": full, "languages": ["en", "ru"], **more})


IDENTIFY = scenario(
    "identify",
    "ask",
    {
        "ask": node(
            "form",
            way("on", "check"),
            fields=[{"code": "birth", "ask": "day", "label": words("Date of birth"), "required": True}],
        ),
        "check": node("decision", way("right", "yes", when=["and", ["birth", "is", "1981-05-14"]]), way("wrong", "no")),
        "yes": node("end", result="identified"),
        "no": node("end", result="unknown"),
    },
)

CARD = scenario(
    "card",
    "hello",
    {
        "hello": node(
            "phrase",
            way("vip", "offer", when=["and", ["customer.vip", "yes"]], sets={"importance": "high"}),
            way("on", "who"),
            text={
                "texts": words("Good day, {customer.name}!"),
                "variants": [{"when": ["and", ["customer.vip", "yes"]], "texts": words("At your service!")}],
            },
            phrases=[{"code": "recorded", "text": {"texts": words("This talk is recorded.")}}],
        ),
        "who": node(
            "sub",
            way("known", "offer", when=["and", ["sub.who", "is", "identified"]]),
            way("unknown", "sorry"),
            scenario="identify",
        ),
        "offer": node(
            "question",
            way("rich", "limit", when=["and", ["score", "least", "10"]]),
            way("on", "choose"),
            fields=[
                {
                    "code": "income",
                    "ask": "one",
                    "weight": "2",
                    "options": [
                        {"code": "low", "texts": words("Low"), "score": "1"},
                        {"code": "high", "texts": words("High"), "score": "5"},
                    ],
                    "required": True,
                },
                {"code": "town", "label": words("Town"), "binds": "customer.region"},
            ],
        ),
        "choose": node(
            "choice",
            way("yes", "limit", "Agrees"),
            way(
                "no",
                "refused",
                "Refuses",
                needs=["and", ["count.objections", "least", "2"]],
                why=words("Answer two objections first"),
            ),
        ),
        "objection": node("phrase", way("on", "back"), text={"texts": words("But it is free!")}, counts="objections"),
        "back": node("return"),
        "limit": node(
            "action",
            way("given", "agreed", when=["and", ["outcome", "is", "done"]]),
            way("else", "by_hand"),
            does="card.open",
            gives={"who": "{customer.name}", "income": "{income}"},
        ),
        "by_hand": node("phrase", way("on", "agreed"), text={"texts": words("We call you back.")}, limit_s=60),
        "agreed": node("end", result="agreed"),
        "refused": node("end", result="refused"),
        "sorry": node("end", result="sorry"),
    },
    jumps=[{"code": "objection", "to": "objection", "label": words("Objection")}],
    facts={"importance": "text"},
)

STAGE = Stage({"card": CARD, "identify": IDENTIFY}, KNOWN)
ACTIONS = frozenset({"card.open"})


def start(*, language: str = "en", stage: Stage = STAGE, key: str = "card", **context: Any) -> Run:
    known = {"customer.name": "Elena", **{name.replace("__", "."): value for name, value in context.items()}}
    return begin(stage, key, run_id="r", language=language, context=known, now=NOW).run


def after(run: Run, *inputs: Input, stage: Stage = STAGE, now: datetime = NOW) -> Turn:
    """The last turn of these inputs."""
    turn = Turn(run)
    for one in inputs:
        turn = step(stage, turn.run, one, now)
    return turn


def answer(way: str = "", **values: Stored) -> Answer:
    return Answer(values, way)
