"""Scenarios and runs as JSON holds them. What does not differ from the usual is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from perezvon.cores.scripting.model import Run, Scenario

_SCENARIO: TypeAdapter[Scenario] = TypeAdapter(Scenario)
_RUN: TypeAdapter[Run] = TypeAdapter(Run)


class Unreadable(ValueError):
    """It is no scenario. places: where it is wrong, as "nodes.greeting.ways.0.to"."""

    def __init__(self, places: list[str]) -> None:
        super().__init__(places)
        self.places = places


def write_scenario(scenario: Scenario) -> dict[str, Any]:
    return _SCENARIO.dump_python(scenario, mode="json", exclude_defaults=True)  # type: ignore[no-any-return]


def read_scenario(kept: Mapping[str, Any]) -> Scenario:
    """Raises Unreadable."""
    try:
        return _SCENARIO.validate_python(kept)
    except ValidationError as error:
        raise Unreadable([".".join(map(str, one["loc"])) for one in error.errors()[:20]]) from None


def write_run(run: Run) -> dict[str, Any]:
    return _RUN.dump_python(run, mode="json", exclude_defaults=True)  # type: ignore[no-any-return]


def read_run(kept: Mapping[str, Any]) -> Run:
    """What `write_run` gave."""
    return _RUN.validate_python(kept)
