"""`perezvon bench route`: how many decisions a second the routing core makes, and how that grows (PERF.md §1).

One decision is: an agent's contact ends and he is given the oldest work that he can do, and new work arrives in its
place; leases, states and timers of the production core included. That he then accepts decides nothing; it is told
apart. Beside it two ways of choosing that do less: scoring all that waits each time, and taking the first that fits
from an ordered list. They see the same floor in the same order, and their choices are compared with the core's, one
by one. Times are of the processor, not of the clock on the wall: other programs run on this machine too.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from bench.floors import QUEUE, START, STEP, FirstMatch, Floor, FullScan, Scan, Shape, make_floor, waiting_of
from perezvon.cores.routing import Presence, RoutingCore, WrapUp
from perezvon.cores.routing.words import (
    Accepted,
    AgentSet,
    Finished,
    ItemId,
    Offer,
    PhoneReachable,
    PresenceAsked,
    Queued,
    QueueSet,
    RoutingEvent,
    RoutingOutput,
)
from perezvon.kernel.ids import AgentId

NEEDS_DATABASE = False

SIZES = (100, 1_000, 10_000)
WAITING_PER_AGENT = 10
GROWTH_AGENTS = 1_000  # while the waiting grow
GROWTH_WAITING = 100_000  # while the agents grow
WAITING = {False: (1_000, 10_000, 100_000), True: (1_000, 10_000, 100_000, 1_000_000)}
AGENTS = {False: (100, 1_000, 10_000), True: (100, 1_000, 10_000, 50_000)}
GOALS = {
    "decisions_per_s": 50_000,
    "full_scan_ratio": 300,
    "first_match_ratio_skewed": 100,
    "p99_us": 100,
    "growth_waiting": 3,
    "growth_agents": 2,
}
AT_MOST = {"p99_us", "growth_waiting", "growth_agents"}

type Choice = tuple[AgentId, ItemId]


@dataclass(slots=True)
class Measured:
    """choices: who was given what, in order. nanoseconds: how long each decision took; accepting: and what followed."""

    choices: list[Choice] = field(default_factory=list)
    nanoseconds: list[int] = field(default_factory=list)
    accepting: list[int] = field(default_factory=list)

    @property
    def per_s(self) -> float:
        return len(self.nanoseconds) / sum(self.nanoseconds) * 1e9

    def us(self, share: float) -> float:
        ordered = sorted(self.nanoseconds)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] / 1000, 1)


def main(arguments: list[str]) -> dict[str, object]:
    """The rate at each size and backlog, the growth along both ways, and which goals are met."""
    given = _read(arguments)
    shape = Shape(agents=0, waiting=0, skills=given.skills, steps=given.steps, seed=given.seed)
    shapes = [
        replace(shape, agents=agents, waiting=WAITING_PER_AGENT * agents, skewed=skewed)
        for agents in SIZES
        for skewed in (False, True)
    ]
    sizes = [_beside_scans(shape, given.scan_seconds) for shape in shapes]
    by_waiting = {many: _mean_us(replace(shape, agents=GROWTH_AGENTS, waiting=many)) for many in WAITING[given.full]}
    by_agents = {many: _mean_us(replace(shape, agents=many, waiting=GROWTH_WAITING)) for many in AGENTS[given.full]}
    return {
        "skills": given.skills,
        "steps": given.steps,
        "seed": given.seed,
        "sizes": sizes,
        "us_by_waiting": by_waiting,
        "us_by_agents": by_agents,
        "nobody_waits": _idle(replace(shape, agents=SIZES[-1], waiting=None)),
        **_goals(sizes[-2], sizes[-1], by_waiting, by_agents),
    }


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perezvon bench route", description=__doc__.partition("\n")[0])
    parser.add_argument("--skills", type=int, default=200)
    parser.add_argument("--steps", type=int, default=50_000, help="decisions measured at each size")
    parser.add_argument("--scan-seconds", type=float, default=2.0, help="for each scan at each size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true", help="growth up to 1,000,000 waiting and 50,000 agents")
    return parser.parse_args(arguments)


def _beside_scans(shape: Shape, seconds: float) -> dict[str, object]:
    """One size: the core, then both scans, each from the same beginning."""
    floor = make_floor(shape)
    routed = Routed(floor)
    full, first = (_scanned(kind, floor, routed, seconds) for kind in (FullScan, FirstMatch))
    ours = routed.run(floor)
    return {
        "agents": shape.agents,
        "waiting": shape.waiting,
        "backlog": "skewed" if shape.skewed else "mixed",
        "decisions_per_s": round(ours.per_s),
        "p50_us": ours.us(0.5),
        "p99_us": ours.us(0.99),
        "max_us": ours.us(1.0),
        "accepting_us": round(sum(ours.accepting) / len(ours.accepting) / 1000, 1),
        "full_scan_per_s": round(full.per_s, 1),
        "first_match_per_s": round(first.per_s, 1),
        "full_scan_ratio": round(ours.per_s / full.per_s, 1),
        "first_match_ratio": round(ours.per_s / first.per_s, 2),
        "compared": min(len(full.choices), len(ours.choices)),
        "same_choices": all(_agree(ours.choices, other.choices) for other in (full, first)),
    }


def _agree(ours: list[Choice], others: list[Choice]) -> bool:
    return all(one == other for one, other in zip(ours, others, strict=False))


def _mean_us(shape: Shape) -> float:
    floor = make_floor(shape)
    return round(1e6 / Routed(floor).run(floor).per_s, 2)


def _idle(shape: Shape) -> dict[str, object]:
    """Nobody waits and half of the agents talk: each step one contact ends, and one arrives and is given away."""
    floor = make_floor(shape)
    routed, talking = Routed(floor), shape.agents // 2
    routed.run(floor, until=talking, frees=False)
    measured = routed.run(floor, since=talking)
    return {
        "agents": shape.agents,
        "decisions_per_s": round(measured.per_s),
        "p50_us": measured.us(0.5),
        "p99_us": measured.us(0.99),
    }


def _goals(
    mixed: dict[str, object], skewed: dict[str, object], by_waiting: dict[int, float], by_agents: dict[int, float]
) -> dict[str, object]:
    """What PERF.md A1 and A2 ask for, at the largest size, and whether it is so."""
    reached = {
        "decisions_per_s": min(_number(mixed, "decisions_per_s"), _number(skewed, "decisions_per_s")),
        "full_scan_ratio": min(_number(mixed, "full_scan_ratio"), _number(skewed, "full_scan_ratio")),
        "first_match_ratio_skewed": _number(skewed, "first_match_ratio"),
        "p99_us": max(_number(mixed, "p99_us"), _number(skewed, "p99_us")),
        "growth_waiting": _growth(by_waiting),
        "growth_agents": _growth(by_agents),
    }
    met = {name: value <= GOALS[name] if name in AT_MOST else value >= GOALS[name] for name, value in reached.items()}
    return {**reached, "goals": GOALS, "missed": [name for name, is_met in met.items() if not is_met]}


def _growth(by_size: dict[int, float]) -> float:
    """Each size against the quickest of those before it: what growing costs at worst."""
    times = list(by_size.values())
    return round(max(later / min(times[: place + 1]) for place, later in enumerate(times)), 2)


def _number(found: dict[str, object], name: str) -> float:
    return float(str(found[name]))


# --- the core ---------------------------------------------------------------------------------------


class Routed:
    """A floor under the production core: everybody reachable, ready and, as far as there is work, busy.

    hands: who holds what, in the order in which they got it.
    """

    def __init__(self, floor: Floor) -> None:
        self.core = RoutingCore()
        self.hands: dict[AgentId, ItemId] = {}
        self._tell(QueueSet(queue=QUEUE, version=1, wrap_up=WrapUp.NONE, ready_after=True))
        for agent, skills in floor.skills.items():
            known = dict.fromkeys(skills, 1)
            self._tell(AgentSet(agent=agent, version=1, queues=frozenset({QUEUE}), skills=known))
            self._tell(PhoneReachable(agent=agent, reachable=True))
        for work in floor.backlog:
            self._tell(work)
        for agent in floor.skills:
            self._tell(PresenceAsked(agent=agent, presence=Presence.READY, by=agent))

    def run(self, floor: Floor, *, since: int = 0, until: int | None = None, frees: bool = True) -> Measured:
        """These steps of the floor. frees False: work arrives and nobody's ends."""
        measured = Measured()
        with _settled_memory():
            for number, arrival in enumerate(floor.arrivals[since:until], since):
                freed = self._freed(floor, number) if frees else None
                self._step(freed, arrival, START + STEP * number, measured)
        return measured

    def _freed(self, floor: Floor, number: int) -> AgentId | None:
        """Whose contact ends; where nobody waits, the one that has lasted longest."""
        agent = floor.freed[number] if floor.backlog else next(iter(self.hands))
        return agent if agent in self.hands else None

    def _step(self, freed: AgentId | None, arrival: Queued, now: datetime, measured: Measured) -> None:
        """A contact ends, what the agent is given is accepted, new work arrives: one decision."""
        core = self.core
        ended = Finished(item=self.hands.pop(freed), agent=freed) if freed is not None else None
        began = time.thread_time_ns()
        said = core.handle(ended, now) if ended else []
        answered = time.thread_time_ns()
        self._accept(said, now, measured)
        arrived = time.thread_time_ns()
        said = core.handle(arrival, now)
        done = time.thread_time_ns()
        self._accept(said, now, measured)
        measured.nanoseconds.append(answered - began + done - arrived)
        measured.accepting.append(arrived - answered)
        core.changed_agents.clear()
        core.changed_items.clear()

    def _accept(self, said: list[RoutingOutput], now: datetime, measured: Measured) -> None:
        for offer in said:
            if type(offer) is Offer:
                self.core.handle(Accepted(item=offer.item, agent=offer.agent), now)
                self.hands[offer.agent] = offer.item
                measured.choices.append((offer.agent, offer.item))

    def _tell(self, event: RoutingEvent) -> None:
        self._accept(self.core.handle(event, START), START, Measured())
        self.core.changed_agents.clear()
        self.core.changed_items.clear()


@contextmanager
def _settled_memory() -> Iterator[None]:
    """As in the engine after a start: what was loaded is not looked through again and again."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


# --- the scans --------------------------------------------------------------------------------------


def _scanned(kind: type[Scan], floor: Floor, routed: Routed, seconds: float) -> Measured:
    """As many steps as fit into the time, from the state in which the core stands now."""
    taken, busy = set(routed.hands.values()), set(routed.hands)
    waiting = [waiting_of(one) for one in floor.backlog if one.item not in taken]
    scan, measured = kind(floor.skills, waiting, [agent for agent in floor.skills if agent not in busy]), Measured()
    began = time.monotonic()
    for number, arrival in enumerate(floor.arrivals):
        if time.monotonic() - began > seconds:
            break
        freed = floor.freed[number] if floor.freed[number] in busy else None
        before = len(measured.choices)
        _scan_step(scan, freed, arrival, (START + STEP * number).timestamp(), measured)
        busy.discard(floor.freed[number])
        busy |= {agent for agent, _ in measured.choices[before:]}
    return measured


def _scan_step(scan: Scan, freed: AgentId | None, arrival: Queued, now_s: float, measured: Measured) -> None:
    work = waiting_of(arrival)
    began = time.thread_time_ns()
    item = scan.free(freed, now_s) if freed is not None else None
    other = scan.arrive(work)
    measured.nanoseconds.append(time.thread_time_ns() - began)
    if freed is not None and item is not None:
        measured.choices.append((freed, item))
    if other is not None:
        measured.choices.append((other, arrival.item))
