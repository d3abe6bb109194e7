"""How conversations by a scenario go: how many, how they end, where they are left, how long a step takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Min, Q, QuerySet

from perezvon.foundation.access import Actor
from perezvon.kernel.texts import text_in
from perezvon.modules.scripting.models import Run, RunStep, Scenario, ScenarioVersion
from perezvon.modules.scripting.selectors.definitions import MANAGE, scenario_of

PERIODS = (1, 7, 30, 365)  # days
RARELY = 10**6  # a place behind all others
_NOBODY: dict[str, Any] = {"visits": 0, "runs": 0, "late": 0, "stay": None, "first": RARELY}


@dataclass(frozen=True, slots=True)
class AtNode:
    """runs: how many came there; visits: how often; left: how many stand there unfinished; stay_s: on the average."""

    node: str
    title: str
    kind: str
    visits: int
    runs: int
    left: int
    late: int
    stay_s: int | None


@dataclass(frozen=True, slots=True)
class Insight:
    """results: (result, count) of those that have ended. lasted_s, score: of them, on the average."""

    runs: int
    ended: int
    results: tuple[tuple[str, int], ...]
    lasted_s: int | None
    score: float | None
    nodes: tuple[AtNode, ...]

    @property
    def unfinished(self) -> int:
        return self.runs - self.ended


def insight(
    scenario: Scenario, version: ScenarioVersion, days: int, *, by: Actor, now: datetime, language: str
) -> Insight:
    """Of one version, in the projects that the actor sees. Four queries."""
    by.must(MANAGE)
    found = Run.objects.filter(version=version, began_at__gte=now - timedelta(days=days))
    found = found if by.projects is None else found.filter(project__in=by.projects)
    ended = Q(ended_at__isnull=False)
    whole = found.aggregate(
        runs=Count("pk"),
        ended=Count("pk", filter=ended),
        lasted=Avg(F("ended_at") - F("began_at"), filter=ended),
        score=Avg("score", filter=ended),
    )
    results = found.filter(ended).order_by("result").values_list("result").annotate(count=Count("pk"))
    return Insight(
        runs=whole["runs"],
        ended=whole["ended"],
        results=tuple(sorted(results, key=lambda row: -row[1])),
        lasted_s=_seconds(whole["lasted"]),
        score=float(whole["score"]) if whole["score"] is not None else None,
        nodes=_nodes(scenario, version, found, language),
    )


def _nodes(scenario: Scenario, version: ScenarioVersion, found: QuerySet[Run], language: str) -> tuple[AtNode, ...]:
    """In the order in which conversations come to them; those where nobody came last."""
    steps = RunStep.objects.filter(run__in=found.values("pk"), scenario=scenario.code).order_by("node").values("node")
    rows = steps.annotate(
        visits=Count("pk"),
        runs=Count("run", distinct=True),
        late=Count("pk", filter=Q(late=True)),
        stay=Avg(F("left_at") - F("entered_at")),
        first=Min("place"),
    )
    came: dict[str, dict[str, Any]] = {row["node"]: dict(row) for row in rows}
    stopped = dict(found.filter(ended_at=None).order_by("node").values_list("node").annotate(count=Count("pk")))
    return tuple(
        AtNode(
            node=node.id,
            title=text_in(node.title, language) or node.id,
            kind=node.kind,
            visits=came.get(node.id, _NOBODY)["visits"],
            runs=came.get(node.id, _NOBODY)["runs"],
            left=stopped.get(f"{scenario.code}/{node.id}", 0),
            late=came.get(node.id, _NOBODY)["late"],
            stay_s=_seconds(came.get(node.id, _NOBODY)["stay"]) if node.is_shown else None,
        )
        for node in sorted(scenario_of(version.pk).nodes.values(), key=lambda one: came.get(one.id, _NOBODY)["first"])
    )


def _seconds(span: timedelta | None) -> int | None:
    return round(span.total_seconds()) if span is not None else None
