"""Lisa draws scenarios, Olga works by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from perezvon.foundation.access import Person
from perezvon.modules.cases.tests.conftest import NOW, browse, cards, elena, ivan, lisa, loans, olga
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import Scenario
from perezvon.modules.scripting.services.defining import Drawing, Offering

__all__ = ["NOW", "browse", "cards", "elena", "ivan", "lisa", "loans", "olga"]

type Draw = Callable[..., Scenario]

GREETING: dict[str, Any] = {
    "id": "hello", "kind": "phrase", "title": {"en": "Greeting"}, "text": {"texts": {"en": "Good day!"}},
    "ways": [{"code": "on", "to": "end"}],
}  # fmt: skip
END: dict[str, Any] = {"id": "end", "kind": "end", "title": {"en": "End"}, "result": "done"}


def document(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    drawn = nodes or (GREETING, END)
    return {
        "key": "talk", "version": 0, "start": drawn[0]["id"], "languages": ["en"],
        "nodes": {one["id"]: one for one in drawn}, **more,
    }  # fmt: skip


@pytest.fixture
def draw(lisa: Person) -> Draw:
    """draw("talk", node, node…) makes a scenario with that draft."""

    def drawn(code: str = "talk", *nodes: dict[str, Any], name: str = "Talk", **more: Any) -> Scenario:
        offering = Offering({"en": name}, **more)
        return services.create_scenario(
            code=code, offering=offering, drawing=Drawing(document(*nodes)), by=lisa, now=NOW
        )

    return drawn
