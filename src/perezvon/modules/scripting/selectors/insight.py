"""How conversations by a scenario go: how many, how they end, where they are left, how long a step takes, which ways
and jumps are taken, and how those end in which an attempt was made."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from perezvon.cores.scripting.model import Node
from perezvon.cores.scripting.model import Scenario as Drawn
from perezvon.cores.scripting.stepping import JUMPED, LATE
from perezvon.foundation.access import Actor
from perezvon.kernel.texts import text_in
from perezvon.modules.scripting.models import Scenario, ScenarioVersion
from perezvon.modules.scripting.selectors.definitions import MANAGE, scenario_of
from perezvon.modules.scripting.selectors.sums import Sums, sums_of

PERIODS = (1, 7, 30, 365)  # days
RARELY = 10**6  # a place behind all others
MOST_BINS = 12
EXACT_S = 60  # up to here stays are counted by whole seconds


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

    @property
    def is_about(self) -> bool:
        """Whether a median or a percentile is told to two percent only."""
        return any(one.p90_s is not None and one.p90_s > EXACT_S for one in self.nodes)


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

    Days that are over are read from their sums, the rest is counted; median and 90th percentile are right to half a
    second up to a minute, and to two percent beyond. Four queries."""
    by.must(MANAGE)
    sums = sums_of(version, now - timedelta(days=days), by=by)
    runs = _Runs(sums.runs(), good)
    drawn = scenario_of(version.pk)
    steps = _Steps(sums, good)
    nodes = _nodes(drawn, steps, runs.stopped(scenario), language)
    return Insight(
        runs=runs.all,
        ended=runs.ended,
        well=runs.well,
        results=tuple(sorted(sorted(runs.results.items()), key=lambda row: -row[1])),
        lasted_s=round(runs.lasted / runs.ended) if runs.ended else None,
        score=float(sum(score * count for score, count in runs.scores.items()) / runs.ended) if runs.ended else None,
        nodes=nodes,
        tried=_tried(drawn, steps, nodes, language),
        scores=_bins(runs.scores),
    )


class _Runs:
    """What was counted of the runs, put together. standing: how many are under way, by scenario/node."""

    def __init__(self, rows: Iterable[Any], good: str) -> None:
        self.all = self.ended = self.well = 0
        self.lasted = Decimal(0)
        self.results: dict[str, int] = {}
        self.scores: dict[Decimal, int] = {}
        self.standing: dict[str, int] = {}
        for has_ended, result, score, node, counted, lasted in rows:
            runs = int(counted)
            self.all += runs
            if not has_ended:
                self.standing[node] = self.standing.get(node, 0) + runs
                continue
            self.ended += runs
            self.well += runs if good in {"", result} else 0
            self.lasted += lasted
            self.results[result] = self.results.get(result, 0) + runs
            self.scores[score] = self.scores.get(score, 0) + runs

    def stopped(self, scenario: Scenario) -> dict[str, int]:
        """How many stand unfinished, by node; one inside a sub-scenario stands at none of this one."""
        begins = f"{scenario.code}/"
        return {node.removeprefix(begins): count for node, count in self.standing.items() if node.startswith(begins)}


# --- steps ---


class _Steps:
    """What was counted of the steps, put together: visits, ways and jumps, stays."""

    def __init__(self, sums: Sums, good: str) -> None:
        self.came: dict[str, _Came] = {}
        self.taken: dict[str, dict[str, int]] = {}
        self.jumps: dict[str, _Came] = {}
        self.stays: dict[str, list[tuple[int, int]]] = {}
        self.lasted: dict[str, Decimal] = {}
        for node, way, has_ended, result, times, runs, late, first in sums.steps():
            if node and way:
                self.taken.setdefault(node, {})[way] = int(times)
                continue
            came = self.jumps.setdefault(way, _Came()) if way else self.came.setdefault(node, _Came())
            came.add(int(times), int(runs), int(late), first)
            if has_ended:
                came.ended += int(runs)
                came.well += int(runs) if good in {"", result} else 0
        for node, seconds, stays, lasted in sums.stays():
            self.stays.setdefault(node, []).append((seconds, int(stays)))
            self.lasted[node] = self.lasted.get(node, Decimal(0)) + lasted

    def times_at(self, node: str) -> tuple[int | None, int | None, int | None]:
        """The mean, the median, the 90th percentile of the stays at a node."""
        stays = self.stays.get(node)
        if not stays:
            return _NO_TIMES
        median, p90 = ranks(stays, (0.5, 0.9))
        return round(self.lasted[node] / sum(count for _seconds, count in stays)), round(median), round(p90)


@dataclass(slots=True)
class _Came:
    visits: int = 0
    runs: int = 0
    late: int = 0
    ended: int = 0
    well: int = 0
    first: int = RARELY

    def add(self, visits: int, runs: int, late: int, first: int) -> None:
        self.visits += visits
        self.runs += runs
        self.late += late
        self.first = min(self.first, first)


def ranks(counted: Sequence[tuple[int, int]], shares: Sequence[float]) -> list[float]:
    """Percentiles of values that are given as (value, how often), as `percentile_cont` has them: between two values
    the way goes straight. counted: at least one."""
    ordered = sorted(counted)
    whole = sum(count for _value, count in ordered)

    def at(place: int) -> int:
        for value, count in ordered:
            place -= count
            if place < 0:
                return value
        return ordered[-1][0]

    found = []
    for share in shares:
        place = share * (whole - 1)
        low, high = at(int(place)), at(min(int(place) + 1, whole - 1))
        found.append(low + (high - low) * (place - int(place)))
    return found


def _nodes(drawn: Drawn, steps: _Steps, stopped: Mapping[str, int], language: str) -> tuple[AtNode, ...]:
    """In the order in which conversations come to them; those where nobody came last."""
    found = []
    for node in drawn.nodes.values():
        came = steps.came.get(node.id, _Came())
        mean, median, p90 = steps.times_at(node.id) if node.is_shown else _NO_TIMES
        ways = _ways(drawn, node, steps.taken.get(node.id, {}), came.visits, language)
        at = AtNode(
            node.id, _title(drawn, node.id, language), node.kind, came.visits, came.runs, stopped.get(node.id, 0),
            came.late, came.ended, came.well, mean, median, p90, ways,
        )  # fmt: skip
        found.append((came.first, at))
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
    found = []
    for jump in drawn.jumps:
        code = JUMPED + jump.code
        sources = [(at.title, way.count) for at in nodes for way in at.ways if way.code == code and way.count]
        made = steps.jumps.get(code, _Came())
        label = text_in(jump.label, language) or jump.code
        found.append(
            Tried(label, made.visits, made.runs, made.ended, made.well, tuple(sorted(sources, key=lambda one: -one[1])))
        )
    targets = {jump.to for jump in drawn.jumps}
    counted = {node.id for node in drawn.nodes.values() if node.counts and node.id not in targets}
    found += [Tried(at.title, at.visits, at.runs, at.ended, at.well) for at in nodes if at.node in counted]
    return tuple(sorted(found, key=lambda one: -one.times))


# --- scores ---


def _bins(scores: Mapping[Decimal, int]) -> tuple[Bin, ...]:
    """Bins of one width without a gap; none where all have one score, for that tells nothing."""
    if len(scores) < 2:
        return ()
    width = bin_width(min(scores), max(scores))
    counts: dict[int, int] = {}
    for score, count in scores.items():
        at = math.floor(score / width)
        counts[at] = counts.get(at, 0) + count
    return tuple(Bin(at * width, (at + 1) * width, counts.get(at, 0)) for at in range(min(counts), max(counts) + 1))


def bin_width(least: Decimal, most: Decimal) -> Decimal:
    """1, 2 or 5 times a power of ten, so that no more than MOST_BINS are needed."""
    width = Decimal(1).scaleb((most - least).adjusted() - 2)
    while True:
        for factor in (1, 2, 5):
            if (most - least) / (width * factor) < MOST_BINS - 1:
                return width * factor
        width *= 10
