"""Reading scenarios."""

from perezvon.modules.scripting.selectors.definitions import (
    MANAGE,
    RUN,
    NoSuchScenario,
    get_scenario,
    library_of,
    list_offered,
    published,
    scenario_of,
    surroundings,
    versions_of,
    visible_scenarios,
)

__all__ = [
    "MANAGE",
    "RUN",
    "NoSuchScenario",
    "get_scenario",
    "library_of",
    "list_offered",
    "published",
    "scenario_of",
    "surroundings",
    "versions_of",
    "visible_scenarios",
]
