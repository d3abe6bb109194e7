"""Olga talks with Elena, by a scenario that greets, asks, writes to the card, does things and ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from perezvon.foundation.access import System
from perezvon.modules.interactions.tests.conftest import NOW
from perezvon.modules.interactions.tests.conftest import contact as contact
from perezvon.modules.interactions.tests.conftest import elena as elena
from perezvon.modules.interactions.tests.conftest import ivan as ivan
from perezvon.modules.interactions.tests.conftest import loans as loans
from perezvon.modules.interactions.tests.conftest import olga as olga
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import Scenario
from perezvon.modules.scripting.services.defining import Drawing, Offering

SYSTEM = System(name="test")
type Nodes = Mapping[str, dict[str, Any]]


def words(english: str) -> dict[str, str]:
    return {"en": english, "ru": f"{english} (ru)"}


def way(code: str, to: str, label: str = "", **more: Any) -> dict[str, Any]:
    return {"code": code, "to": to, **({"label": words(label)} if label else {}), **more}


def node(kind: str, *ways: dict[str, Any], title: str = "", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "title": words(title or kind), "ways": list(ways), **more}


TWICE = ["and", ["count.objections", "least", "2"]]
TALK: Nodes = {
    "hello": node(
        "phrase",
        way("on", "ask"),
        title="Greeting",
        phrases=[{"code": "notice", "text": {"texts": words("This talk with {customer.name} is recorded.")}}],
    ),
    "ask": node(
        "question",
        way("on", "note"),
        title="What about",
        fields=[
            {"code": "income", "ask": "number", "label": words("Income"), "required": True,
             "bands": [{"least": "0", "score": "1"}, {"least": "1000", "score": "5"}]},
            {"code": "town", "label": words("Town"), "binds": "customer.town"},
        ],
    ),
    "note": node("action", way("on", "strange"), does="interactions.note", gives={"text": "earns {income}"}),
    "strange": node("action", way("on", "choose"), does="moon.fly"),
    "choose": node(
        "choice",
        way("yes", "done", "He agrees", sets={"importance": "high"}),
        way("no", "done", "He refuses", needs=TWICE, why=words("Two attempts first")),
        title="Decision",
    ),
    "objection": node("phrase", way("on", "back"), counts="objections", text={"texts": words("But…")}),
    "back": node("return"),
    "done": node("end", result="solved", title="The end"),
}  # fmt: skip
JUMPS = [{"code": "objection", "to": "objection", "label": words("Objection")}]


def drawn(nodes: Nodes = TALK, start: str = "hello", **more: Any) -> dict[str, Any]:
    full = {code: {"id": code, **one} for code, one in nodes.items()}
    return {"start": start, "languages": ["en", "ru"], "nodes": full, "facts": {"importance": "text"}, **more}


@pytest.fixture
def draw(db: None) -> Callable[..., Scenario]:
    """Makes a scenario and publishes it; those who draw are told of the unknown action, so it is put in afterwards."""

    def make(code: str = "talk", document: Mapping[str, Any] | None = None, **offering: Any) -> Scenario:
        document = document or drawn(jumps=JUMPS)
        wanted = Offering({"en": code.title()}, **offering)
        scenario = services.create_scenario(
            code=code, offering=wanted, drawing=Drawing({**document, "key": code, "version": 0}), by=SYSTEM, now=NOW
        )
        services.publish_scenario(scenario_id=scenario.pk, revision=1, by=SYSTEM, now=NOW)
        scenario.refresh_from_db()
        return scenario

    return make
