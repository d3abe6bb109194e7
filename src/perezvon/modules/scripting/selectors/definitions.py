"""Scenarios as they are drawn and published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from uuid import UUID

from django.db.models import Q, QuerySet

from perezvon.cores.conditions import Fact
from perezvon.cores.scripting import Surroundings
from perezvon.cores.scripting.codec import read_scenario
from perezvon.cores.scripting.model import Library
from perezvon.cores.scripting.model import Scenario as Drawn
from perezvon.foundation.access import Actor, System
from perezvon.kernel.errors import NotFound
from perezvon.modules.scripting.actions import actions
from perezvon.modules.scripting.facts import own_terms
from perezvon.modules.scripting.knowledge import terms
from perezvon.modules.scripting.models import Scenario, ScenarioVersion

MANAGE, RUN = "scripting.manage", "scripting.run"


class NoSuchScenario(NotFound):
    code = "scripting.no_such_scenario"


def visible_scenarios(by: Actor) -> QuerySet[Scenario]:
    """For whoever draws them: those of all projects, and of the projects that the actor sees."""
    by.must(MANAGE)
    return _of_projects(by)


def _of_projects(by: Actor) -> QuerySet[Scenario]:
    found = Scenario.objects.select_related("current")
    if by.projects is None:
        return found
    seen = Scenario.projects.through.objects.filter(project__in=by.projects).values("scenario")
    return found.filter(Q(projects=None) | Q(pk__in=seen))


def get_scenario(scenario_id: UUID, *, by: Actor) -> Scenario:
    """Raises NoSuchScenario."""
    found = visible_scenarios(by).select_related("draft__saved_by").filter(pk=scenario_id).first()
    if found is None:
        raise NoSuchScenario(scenario=scenario_id)
    return found


def versions_of(scenario: Scenario) -> list[ScenarioVersion]:
    """The newest first. One query."""
    return list(scenario.versions.select_related("published_by"))


def list_offered(*, by: Actor) -> list[Scenario]:
    """Published and in use, in their order, for whoever runs them. Which of them fit is for the caller to say.
    Three queries."""
    if not by.may(RUN):
        return []
    found = _of_projects(by).filter(is_active=True, current__isnull=False)
    return list(found.prefetch_related("projects", "topics"))


# --- as the core takes them ---


def published(scenario: Scenario) -> Drawn:
    """What new runs take. Raises NoSuchScenario where nothing was published."""
    if scenario.current_id is None:
        raise NoSuchScenario(scenario=scenario.pk)
    return scenario_of(scenario.current_id)


@lru_cache(maxsize=500)
def scenario_of(version_id: int) -> Drawn:
    """One version, read once: it never changes, and the same object stands for it. Raises NoSuchScenario."""
    kept = ScenarioVersion.objects.filter(pk=version_id).values_list("document", flat=True).first()
    if kept is None:
        raise NoSuchScenario(version=version_id)
    return read_scenario(kept)


def library_of(version_ids: Iterable[int]) -> Library:
    """By key, as the core asks for them. One query for each version not read before."""
    return {one.key: one for one in map(scenario_of, version_ids)}


def versions_in_force() -> Mapping[str, int]:
    """Ids of the versions in force, by code of their scenario. One query."""
    return dict(Scenario.objects.exclude(current=None).values_list("code", "current"))


def known_facts(by: Actor) -> dict[str, Fact]:
    """What is known besides what scenarios ask themselves, an administrator's own fields as far as `by` sees them."""
    known = {code: term.fact for code, term in {**terms(), **own_terms(by)}.items()}
    for action in actions().values():
        known |= {code: term.fact for code, term in action.facts.items()}
    return known


def surroundings() -> Surroundings:
    """What a scenario may speak of today, whoever draws it."""
    known = known_facts(System(name="scripting"))
    return Surroundings(library_of(versions_in_force().values()), known, actions().keys())
