"""A floor played with the core under a virtual clock, and what queueing theory says of it. Times in seconds."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import mean, stdev

from perezvon.cores import staffing
from perezvon.cores.routing import Presence, RoutingCore, WrapUp
from perezvon.cores.routing.tests.floor import LOANS, MORNING
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
    RoutingOutput,
    Withdrawn,
)
from perezvon.kernel.ids import AgentId

SOON_S = 20.0
BATCHES = 20
T_999 = 3.883  # Student's t, 19 degrees of freedom: one in a thousand lies outside


@dataclass(frozen=True, slots=True)
class Case:
    """patience_s: mean time after which a caller gives up; None: never. skills: how many kinds of calls there are."""

    per_hour: float
    talk_s: float
    agents: int
    patience_s: float | None = None
    skills: int = 1

    @property
    def expected(self) -> dict[str, float]:
        """By Erlang. waits: share of calls that wait. wait_s: mean over all. soon: share answered within 20 s. busy:
        occupancy; lost: share that gives up."""
        load = staffing.Load(self.per_hour, self.talk_s)
        found = (
            staffing.patient(load, self.agents, SOON_S)
            if self.patience_s is None
            else staffing.impatient(load, self.agents, self.patience_s, SOON_S)
        )
        return {
            "waits": found.waits,
            "wait_s": found.wait_s,
            "soon": found.in_time,
            "busy": found.occupancy,
            "lost": found.abandoned,
        }


# --- the core, played -------------------------------------------------------------------------------


@dataclass(slots=True)
class Played:
    """Waits of all calls in the order of their arrival, and which of them gave up."""

    waits: list[float] = field(default_factory=list)
    lost: list[bool] = field(default_factory=list)
    talked_s: float = 0.0
    lasted_s: float = 0.0

    def estimates(self, agents: int) -> dict[str, tuple[float, float]]:
        """Each measure with the half width of its confidence interval, from means of batches."""
        pairs = list(zip(self.waits, self.lost, strict=True))
        measures = {
            "waits": [float(wait > 0) for wait, _ in pairs],
            "wait_s": [wait for wait, _ in pairs],
            "soon": [float(wait <= SOON_S and not lost) for wait, lost in pairs],
            "lost": [float(lost) for _, lost in pairs],
        }
        found = {name: _mean_of_batches(values) for name, values in measures.items()}
        return found | {"busy": (self.talked_s / (self.lasted_s * agents), 0.005)}


def _mean_of_batches(values: list[float]) -> tuple[float, float]:
    size = len(values) // BATCHES
    means = [mean(values[at : at + size]) for at in range(0, size * BATCHES, size)]
    return mean(means), T_999 * stdev(means) / math.sqrt(BATCHES)


class Play:
    """A floor under a virtual clock. skills_of: what each agent can do, by number; calls need one skill each."""

    def __init__(self, case: Case, seed: int, skills_of: Mapping[int, list[int]] | None = None) -> None:
        self.core = RoutingCore()
        self._case = case
        self._arriving, self._talking, self._patient = (random.Random(f"{seed} {what}") for what in "atp")
        self._due: list[tuple[float, int, str, str, AgentId]] = []
        self._count = 0
        self._came: dict[str, tuple[int, float]] = {}
        self._talk_s: dict[str, float] = {}
        self._played = Played()
        self._tell(QueueSet(queue=LOANS, version=1, wrap_up=WrapUp.NONE, ready_after=True), 0)
        for number in range(1, case.agents + 1):
            known = {f"skill-{one}": 1 for one in (skills_of or {}).get(number, [])}
            agent = AgentId(number)
            self._tell(AgentSet(agent=agent, version=1, queues=frozenset({LOANS}), skills=known), 0)
            self._tell(PhoneReachable(agent=agent, reachable=True), 0)
            self._tell(PresenceAsked(agent=agent, presence=Presence.READY, by=agent), 0)

    def run(self, calls: int, warm_up: int) -> Played:
        now = 0.0
        for number in range(calls + warm_up):
            now += self._arriving.expovariate(self._case.per_hour / 3600)
            self._catch_up(now)
            if number == warm_up:
                self._played.talked_s, began = 0.0, now
            self._call(f"call:{number}", number - warm_up, now)
        self._played.lasted_s = now - began
        self._catch_up(math.inf)
        return self._played

    def _call(self, name: str, place: int, now: float) -> None:
        """place: among those that count, below 0 while the floor is warming up."""
        self._came[name] = (place, now)
        if place >= 0:
            self._played.waits.append(0.0)
            self._played.lost.append(False)
        self._talk_s[name] = self._talking.expovariate(1 / self._case.talk_s)
        needed = f"skill-{self._arriving.randrange(self._case.skills)}"
        skills = frozenset({(needed, 1)}) if self._case.skills > 1 else frozenset()
        self._tell(Queued(item=name, queue=LOANS, skills=skills), now)
        if self._case.patience_s is not None and name in self._came:
            self._later(now + self._patient.expovariate(1 / self._case.patience_s), "gives up", name, AgentId(0))

    def _catch_up(self, now: float) -> None:
        while self._due and self._due[0][0] <= now:
            at, _, what, name, agent = heapq.heappop(self._due)
            if what == "ends":
                self._tell(Finished(item=name, agent=agent), at)
            elif name in self._came:
                self._waited(name, at, is_lost=True)
                self._tell(Withdrawn(item=name), at)

    def _tell(self, event: RoutingEvent, now: float) -> None:
        self._follow(self.core.handle(event, _moment(now)), now)
        self.core.changed_agents.clear()
        self.core.changed_items.clear()

    def _follow(self, said: list[RoutingOutput], now: float) -> None:
        """Whoever is rung answers at once."""
        for offer in said:
            if isinstance(offer, Offer):
                self._waited(offer.item, now, is_lost=False)
                self.core.handle(Accepted(item=offer.item, agent=offer.agent), _moment(now))
                talk_s = self._talk_s.pop(offer.item)
                self._played.talked_s += talk_s
                self._later(now + talk_s, "ends", offer.item, offer.agent)

    def _waited(self, name: str, now: float, *, is_lost: bool) -> None:
        place, came = self._came.pop(name)
        if place >= 0:
            self._played.waits[place], self._played.lost[place] = now - came, is_lost

    def _later(self, at: float, what: str, name: str, agent: AgentId) -> None:
        self._count += 1
        heapq.heappush(self._due, (at, self._count, what, name, agent))


def _moment(seconds: float) -> datetime:
    return MORNING + timedelta(seconds=seconds)
