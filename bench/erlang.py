"""`perezvon bench erlang`: how long callers wait in the production router, against what theory says (PERF.md §1.3, A5).

Callers arrive by chance and are handled for a time of chance, both exponential; the clock is virtual. Several runs of
each case, of which the first calls are left out while the floor fills. No router that lets nobody wait while an agent
is free can do better than theory with one skill, so equality is what is asked for: the theoretical value lies within
the 99 % confidence interval of the runs.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import random
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from perezvon.cores.routing import Presence, RoutingCore, WrapUp
from perezvon.cores.routing.words import (
    Accepted,
    AgentSet,
    Finished,
    Offer,
    PhoneReachable,
    PresenceAsked,
    Queued,
    QueueSet,
    RoutingEvent,
    Withdrawn,
)
from perezvon.cores.staffing import Expected, Load, impatient, patient
from perezvon.kernel.ids import AgentId, QueueId

NEEDS_DATABASE = False
START, QUEUE = datetime(2026, 3, 2, tzinfo=UTC), QueueId(1)
WITHIN_S = 20.0
# (calls an hour, seconds of handling, agents, seconds of patience or None), of PERF.md §1.3.
CASES: tuple[tuple[float, float, int, float | None], ...] = (
    (100, 180, 7, None),
    (200, 180, 12, None),
    (200, 180, 14, None),
    (1000, 240, 72, None),
    (200, 180, 10, 120),
    (200, 180, 12, 60),
    (2880, 60, 50, 120),
    (1000, 240, 66, 180),
)
# Student's t, 99 % two-sided, by degrees of freedom.
STUDENT = {1: 63.657, 2: 9.925, 3: 5.841, 4: 4.604, 5: 4.032, 6: 3.707, 7: 3.499, 8: 3.355, 9: 3.250}
FILLS = 0.1  # the share of calls that are left out
FIGURES = ("waits", "wait_s", "in_time", "abandoned")


def main(arguments: list[str]) -> dict[str, object]:
    """Each case with what was expected, found, and how sure that is; and how many figures lie where they should."""
    given = _read(arguments)
    began = time.perf_counter()
    cases = [_case(Load(per_hour, handling_s), agents, patience_s, given)
             for per_hour, handling_s, agents, patience_s in CASES[: given.cases]]  # fmt: skip
    inside = [one["inside"] for case in cases for one in case["figures"].values()]
    return {
        "calls": given.calls,
        "runs": given.runs,
        "seed": given.seed,
        "cases": cases,
        "inside": sum(inside),
        "figures": len(inside),
        "goal": "every figure inside the 99 % interval, but for one in a hundred by chance",
        "took_s": round(time.perf_counter() - began, 1),
    }


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perezvon bench erlang", description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=20_000, help="of each run; 200000 tell more")
    parser.add_argument("--runs", type=int, default=6, choices=range(2, 11), metavar="2-10")
    parser.add_argument("--cases", type=int, default=len(CASES), help="only the first so many")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def _case(load: Load, agents: int, patience_s: float | None, given: argparse.Namespace) -> dict[str, Any]:
    expected = impatient(load, agents, patience_s, WITHIN_S) if patience_s else patient(load, agents, WITHIN_S)
    runs = [_run(load, agents, patience_s, given.calls, given.seed + number) for number in range(given.runs)]
    names = FIGURES if patience_s else FIGURES[:-1]
    return {
        "per_hour": load.per_hour,
        "handling_s": load.handling_s,
        "agents": agents,
        "patience_s": patience_s,
        "figures": {name: _compared(name, expected, runs) for name in names},
    }


def _compared(name: str, expected: Expected, runs: list[dict[str, float]]) -> dict[str, Any]:
    values = [run[name] for run in runs]
    mean, spread = statistics.fmean(values), statistics.stdev(values)
    half = STUDENT[len(values) - 1] * spread / len(values) ** 0.5
    wanted = float(getattr(expected, name))
    return {
        "expected": round(wanted, 5),
        "found": round(mean, 5),
        "give_or_take": round(half, 5),
        "off_percent": round(100 * (mean / wanted - 1), 2),
        "inside": abs(mean - wanted) <= half,
    }


@dataclass(slots=True)
class _Call:
    came_s: float
    counts: bool
    agent: AgentId | None = None
    answered_s: float | None = None


def _run(load: Load, agents: int, patience_s: float | None, calls: int, seed: int) -> dict[str, float]:
    """One day after another without a night, of so many calls."""
    floor = _Floor(load, agents, patience_s, random.Random(seed))
    floor.go(calls)
    counted = [call for call in floor.calls.values() if call.counts]
    waits = [call.answered_s - call.came_s for call in counted if call.answered_s is not None]
    gone = floor.gave_up_after
    return {
        "waits": (sum(wait > 0 for wait in waits) + len(gone)) / len(counted),
        "wait_s": (sum(waits) + sum(gone)) / len(counted),
        "in_time": sum(wait <= WITHIN_S for wait in waits) / len(counted),
        "abandoned": len(gone) / len(counted),
    }


class _Floor:
    """The router under a virtual clock: calls that come, are accepted at once, end, or give up."""

    def __init__(self, load: Load, agents: int, patience_s: float | None, chance: random.Random) -> None:
        self._load, self._patience_s, self._chance = load, patience_s, chance
        self._core, self._order = RoutingCore(), itertools.count()
        self._events: list[tuple[float, int, str, str]] = []
        self.calls: dict[str, _Call] = {}
        self.gave_up_after: list[float] = []
        self._tell(QueueSet(queue=QUEUE, version=1, wrap_up=WrapUp.NONE, ready_after=True), 0.0)
        for number in range(1, agents + 1):
            agent = AgentId(number)
            self._tell(AgentSet(agent=agent, version=1, queues=frozenset({QUEUE})), 0.0)
            self._tell(PhoneReachable(agent=agent, reachable=True), 0.0)
            self._tell(PresenceAsked(agent=agent, presence=Presence.READY, by=agent), 0.0)

    def go(self, calls: int) -> None:
        self._plan(0.0, "comes", "0")
        while self._events:
            at_s, _number, what, name = heapq.heappop(self._events)
            if what == "comes":
                self._comes(int(name), calls, at_s)
            elif what == "ends":
                self._tell(Finished(item=name, agent=self._agent_of(name), wrap_up=False), at_s)
            elif self.calls[name].answered_s is None:
                self._tell(Withdrawn(item=name), at_s)
                if self.calls[name].counts:
                    self.gave_up_after.append(at_s - self.calls[name].came_s)

    def _agent_of(self, name: str) -> AgentId:
        agent = self.calls[name].agent
        if agent is None:
            raise RuntimeError(f"nobody talks in call {name}")
        return agent

    def _comes(self, number: int, calls: int, at_s: float) -> None:
        name = str(number)
        self.calls[name] = _Call(at_s, counts=number >= calls * FILLS)
        if self._patience_s:
            self._plan(at_s + self._chance.expovariate(1 / self._patience_s), "leaves", name)
        if number + 1 < calls:
            self._plan(at_s + self._chance.expovariate(self._load.per_hour / 3600), "comes", str(number + 1))
        self._tell(Queued(item=name, queue=QUEUE, joined_at=START + timedelta(seconds=at_s)), at_s)

    def _plan(self, at_s: float, what: str, name: str) -> None:
        heapq.heappush(self._events, (at_s, next(self._order), what, name))

    def _tell(self, event: RoutingEvent, at_s: float) -> None:
        for said in self._core.handle(event, START + timedelta(seconds=at_s)):
            if isinstance(said, Offer):
                call = self.calls[said.item]
                call.agent, call.answered_s = said.agent, at_s
                self._tell(Accepted(item=said.item, agent=said.agent), at_s)
                self._plan(at_s + self._chance.expovariate(1 / self._load.handling_s), "ends", said.item)
