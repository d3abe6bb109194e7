"""How conversations by a scenario go: how many, how they end, where they are left, how long a step takes, which ways
and jumps are taken, and how those end in which an attempt was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, F, Max, Min, Q, QuerySet
from django.db.models.functions import Floor

from perezvon.cores.scripting.model import Node
from perezvon.cores.scripting.model import Scenario as Drawn
from perezvon.cores.scripting.stepping import JUMPED, LATE
from perezvon.foundation.access import Actor
from perezvon.kernel.texts import text_in
from perezvon.modules.scripting.models import Run, Scenario, ScenarioVersion
from perezvon.modules.scripting.selectors.definitions import MANAGE, scenario_of

PERIODS = (1, 7, 30, 365)  # days
RARELY = 10**6  # a place behind all others
MOST_BINS = 12


@dataclass(frozen=True, slots=True)
class Taken:
    """A way on from a step, or a jump. code: as a step keeps it; share: of the visits there, in percent. label: of its
    button, "" where it is taken by itself."""

    code: str
    label: str
    to: str
    to_title: str
    count: int
    share: int

    @property
    def is_jump(self) -> bool:
        return self.code.startswith(JUMPED)

    @property
    def is_late(self) -> bool:
        return self.code == LATE


@dataclass(frozen=True, slots=True)
class AtNode:
    """runs: how many came there; visits: how often; left: how many stand there unfinished; late: how often the time
    was over; ended, well: of those that came, how many have ended, and well.

    mean_s, median_s, p90_s: of a stay, None where nobody waits or nobody has left yet.
    """

    node: str
    title: str
    kind: str
    visits: int
    runs: int
    left: int
    late: int
    ended: int
    well: int
    mean_s: int | None
    median_s: int | None
    p90_s: int | None
    ways: tuple[Taken, ...]

    @property
    def left_share(self) -> int:
        return percent(self.left, self.runs)


@dataclass(frozen=True, slots=True)
class Tried:
    """Something that came up, or was attempted: a jump, or a step whose visits are counted. times: how often; runs:
    in how many conversations, of which have ended, and well; sources: [(title of a step, times)], most often first."""

    label: str
    times: int
    runs: int
    ended: int
    well: int
    sources: tuple[tuple[str, int], ...] = ()

    @property
    def well_share(self) -> int:
        return percent(self.well, self.runs)


@dataclass(frozen=True, slots=True)
class Bin:
    """Conversations whose score is from least up to, and without, most."""

    least: Decimal
    most: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Insight:
    """results: (result, count) of those that have ended. lasted_s, score: of them, on the average. well: ended as was
    asked for. ends: results that the scenario can come to, with the titles of their steps."""

    runs: int
    ended: int
    well: int
    results: tuple[tuple[str, int], ...]
    lasted_s: int | None
    score: float | None
    nodes: tuple[AtNode, ...]
    tried: tuple[Tried, ...]
    scores: tuple[Bin, ...]

    @property
    def unfinished(self) -> int:
        return self.runs - self.ended

    @property
    def well_share(self) -> int:
        return percent(self.well, self.runs)


def percent(part: int, whole: int) -> int:
    """Whole percents; 0 of nothing."""
    return round(100 * part / whole) if whole else 0


def ends_of(version: ScenarioVersion, language: str) -> dict[str, str]:
    """Results that a version can come to, each with the titles of its ends. One query, once a process."""
    found: dict[str, list[str]] = {}
    for node in scenario_of(version.pk).nodes.values():
        if node.result:
            found.setdefault(node.result, []).append(text_in(node.title, language) or node.id)
    return {result: ", ".join(dict.fromkeys(titles)) for result, titles in found.items()}


def insight(
    scenario: Scenario,
    version: ScenarioVersion,
    days: int,
    *,
    by: Actor,
    now: datetime,
    language: str,
    good: str = "",
) -> Insight:
    """Of one version, in the projects that the actor sees. good: the result that counts as success; "": any end.
    Eight queries, each over all steps of the time asked for."""
    by.must(MANAGE)
    since = now - timedelta(days=days)
    found = Run.objects.filter(version=version, began_at__gte=since)
    found = found if by.projects is None else found.filter(project__in=by.projects)
    ended = Q(ended_at__isnull=False)
    whole = found.aggregate(
        runs=Count("pk"),
        ended=Count("pk", filter=ended),
        well=Count("pk", filter=ended & Q(result=good) if good else ended),
        lasted=Avg(F("ended_at") - F("began_at"), filter=ended),
        mean=Avg("score", filter=ended),
        least=Min("score", filter=ended),
        most=Max("score", filter=ended),
    )
    results = found.filter(ended).order_by("result").values_list("result").annotate(count=Count("pk"))
    drawn = scenario_of(version.pk)
    steps = _Steps(scenario, version, since, good, by)
    nodes = _nodes(drawn, steps, _stopped(found, scenario), language)
    return Insight(
        runs=whole["runs"],
        ended=whole["ended"],
        well=whole["well"],
        results=tuple(sorted(results, key=lambda row: -row[1])),
        lasted_s=round(whole["lasted"].total_seconds()) if whole["lasted"] is not None else None,
        score=float(whole["mean"]) if whole["mean"] is not None else None,
        nodes=nodes,
        tried=_tried(drawn, steps, nodes, language),
        scores=_scores(found.filter(ended), whole["least"], whole["most"]),
    )


def _stopped(found: QuerySet[Run], scenario: Scenario) -> dict[str, int]:
    """How many stand unfinished, by node; one inside a sub-scenario stands at none of this one."""
    rows = found.filter(ended_at=None).order_by("node").values_list("node").annotate(count=Count("pk"))
    begins = f"{scenario.code}/"
    return {node.removeprefix(begins): count for node, count in rows if node.startswith(begins)}


# --- of the steps: sums are made by the database, over all of them at once ---

_STAYS = """
WITH stays AS (
    SELECT step.node, step.way, step.run_id, step.place, step.late,
        extract(epoch FROM step.left_at - step.entered_at)::float8 AS seconds,
        run.ended_at IS NOT NULL AS ended,
        run.ended_at IS NOT NULL AND (%(good)s = '' OR run.result = %(good)s) AS well
    FROM scripting_runstep step JOIN scripting_run run ON run.id = step.run_id
    WHERE run.version_id = %(version)s AND run.began_at >= %(since)s AND step.scenario = %(scenario)s
        AND (%(projects)s::bigint[] IS NULL OR run.project_id = ANY(%(projects)s::bigint[]))
)
"""
_VISITS = """
, came AS (
    SELECT node, run_id, count(*) AS visits, count(*) FILTER (WHERE late) AS late, min(place) AS first,
        bool_or(ended) AS ended, bool_or(well) AS well
    FROM stays GROUP BY node, run_id
)
SELECT node, sum(visits)::bigint, count(*), sum(late)::bigint, count(*) FILTER (WHERE ended),
    count(*) FILTER (WHERE well), min(first)
FROM came GROUP BY node
"""
_TIMES = """
SELECT node, avg(seconds), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY seconds)
FROM stays WHERE seconds IS NOT NULL GROUP BY node
"""
_WAYS = "SELECT node, way, count(*) FROM stays WHERE way <> '' GROUP BY node, way"
_JUMPS = """
SELECT way, count(*), count(DISTINCT run_id), count(DISTINCT run_id) FILTER (WHERE ended),
    count(DISTINCT run_id) FILTER (WHERE well)
FROM stays WHERE way LIKE 'jump:%%' GROUP BY way
"""


class _Steps:
    """The steps that are asked about."""

    def __init__(self, scenario: Scenario, version: ScenarioVersion, since: datetime, good: str, by: Actor) -> None:
        projects = None if by.projects is None else list(by.projects)
        self._asked: dict[str, Any] = {
            "good": good,
            "version": version.pk,
            "since": since,
            "scenario": scenario.code,
            "projects": projects,
        }

    def rows(self, query: str) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(_STAYS + query, self._asked)
            return list(cursor.fetchall())


def _nodes(drawn: Drawn, steps: _Steps, stopped: Mapping[str, int], language: str) -> tuple[AtNode, ...]:
    """In the order in which conversations come to them; those where nobody came last."""
    came = {node: row for node, *row in steps.rows(_VISITS)}
    times = {node: (mean, *ranks) for node, mean, ranks in steps.rows(_TIMES)}
    taken: dict[str, dict[str, int]] = {}
    for node, way, count in steps.rows(_WAYS):
        taken.setdefault(node, {})[way] = count
    found = []
    for node in drawn.nodes.values():
        visits, runs, late, ended, well, first = came.get(node.id, (0, 0, 0, 0, 0, RARELY))
        mean, median, p90 = (round(one) for one in times[node.id]) if node.id in times and node.is_shown else _NO_TIMES
        ways = _ways(drawn, node, taken.get(node.id, {}), visits, language)
        at = AtNode(
            node.id, _title(drawn, node.id, language), node.kind, visits, runs, stopped.get(node.id, 0), late, ended,
            well, mean, median, p90, ways,
        )  # fmt: skip
        found.append((first, at))
    return tuple(at for _first, at in sorted(found, key=lambda one: one[0]))


_NO_TIMES = (None, None, None)


def _ways(drawn: Drawn, node: Node, taken: Mapping[str, int], visits: int, language: str) -> tuple[Taken, ...]:
    """All that are drawn, in their order, then the jumps that were made from there."""
    known = [(one.code, text_in(one.label, language), one.to) for one in node.ways]
    if node.late_to:
        known.append((LATE, "", node.late_to))
    known += [
        (JUMPED + one.code, text_in(one.label, language) or one.code, one.to)
        for one in drawn.jumps
        if JUMPED + one.code in taken
    ]
    return tuple(
        Taken(code, label, to, _title(drawn, to, language), taken.get(code, 0), percent(taken.get(code, 0), visits))
        for code, label, to in known
    )


def _title(drawn: Drawn, node: str, language: str) -> str:
    return (text_in(drawn.nodes[node].title, language) if node in drawn.nodes else "") or node


def _tried(drawn: Drawn, steps: _Steps, nodes: tuple[AtNode, ...], language: str) -> tuple[Tried, ...]:
    """Jumps, and steps that are counted and no jump leads to; what was never tried too."""
    made = {way: row for way, *row in steps.rows(_JUMPS)}
    found = []
    for jump in drawn.jumps:
        code = JUMPED + jump.code
        sources = [(at.title, way.count) for at in nodes for way in at.ways if way.code == code and way.count]
        times, runs, ended, well = made.get(code, (0, 0, 0, 0))
        label = text_in(jump.label, language) or jump.code
        found.append(Tried(label, times, runs, ended, well, tuple(sorted(sources, key=lambda one: -one[1]))))
    targets = {jump.to for jump in drawn.jumps}
    counted = {node.id for node in drawn.nodes.values() if node.counts and node.id not in targets}
    found += [Tried(at.title, at.visits, at.runs, at.ended, at.well) for at in nodes if at.node in counted]
    return tuple(sorted(found, key=lambda one: -one.times))


# --- scores ---


def _scores(found: QuerySet[Run], least: Decimal | None, most: Decimal | None) -> tuple[Bin, ...]:
    """Bins of one width without a gap; none where all have one score, for that tells nothing."""
    if least is None or most is None or least == most:
        return ()
    width = bin_width(least, most)
    rows = found.annotate(bin=Floor(F("score") / width)).order_by("bin").values_list("bin").annotate(count=Count("pk"))
    counts = {int(at): count for at, count in rows}
    return tuple(Bin(at * width, (at + 1) * width, counts.get(at, 0)) for at in range(min(counts), max(counts) + 1))


def bin_width(least: Decimal, most: Decimal) -> Decimal:
    """1, 2 or 5 times a power of ten, so that no more than MOST_BINS are needed."""
    width = Decimal(1).scaleb((most - least).adjusted() - 2)
    while True:
        for factor in (1, 2, 5):
            if (most - least) / (width * factor) < MOST_BINS - 1:
                return width * factor
        width *= 10
