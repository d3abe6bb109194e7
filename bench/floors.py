"""Floors for `bench route`: people with skills, work that needs them, and two simple ways of choosing.

A floor is made by a seed, so all that are measured see the same people, the same work and the same order of events.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations

from perezvon.cores.routing.words import Queued
from perezvon.kernel.ids import AgentId, QueueId

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
STEP = timedelta(milliseconds=10)
QUEUE = QueueId(1)
SKILLS_EACH = 8
PAIRS_PER_SKILL = 4
UNSTAFFED_SHARE = 0.9
OLDEST_S = 600.0

type Needed = frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Floor:
    """skills: what each agent can do. backlog: what waits already, oldest first. arrivals: what comes, one a step.

    freed: who becomes free at each step; who has no work in hand then is passed over.
    """

    skills: dict[AgentId, frozenset[str]]
    backlog: list[Queued]
    arrivals: list[Queued]
    freed: list[AgentId]


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a floor is. skewed: nine tenths of what waits need a skill that nobody has.

    waiting: how many are left when every agent has work; None: nobody waits, all are idle.
    """

    agents: int
    waiting: int | None
    skills: int
    steps: int
    seed: int
    skewed: bool = False


def make_floor(shape: Shape) -> Floor:
    """Single skills and pairs of them are needed (PERF.md §1.5). What comes can always be served by somebody."""
    chance = random.Random(shape.seed)
    names = [f"skill-{number}" for number in range(shape.skills)]
    able = {AgentId(one): frozenset(chance.sample(names, SKILLS_EACH)) for one in range(1, shape.agents + 1)}
    needs = _needs(able, shape.skills * PAIRS_PER_SKILL, chance)
    came = [START + STEP * number for number in range(shape.steps)]
    return Floor(
        skills=able,
        backlog=_backlog(_wanted(shape, needs, chance)),
        arrivals=[_work(f"new-{number:07}", chance.choice(needs), at) for number, at in enumerate(came)],
        freed=chance.choices(list(able), k=shape.steps),
    )


def _wanted(shape: Shape, needs: list[Needed], chance: random.Random) -> list[Needed]:
    """What the backlog needs, work for every agent's hands included."""
    if shape.waiting is None:
        return []
    nobody = [frozenset({(f"rare-{number}", 1)}) for number in range(shape.skills // 10)]
    unserved = round(shape.waiting * UNSTAFFED_SHARE) if shape.skewed else 0
    wanted = chance.choices(nobody, k=unserved)
    wanted += chance.choices(needs, k=shape.waiting + shape.agents - unserved)
    chance.shuffle(wanted)
    return wanted


def _needs(able: dict[AgentId, frozenset[str]], pairs: int, chance: random.Random) -> list[Needed]:
    """Every skill that somebody has, and so many pairs that somebody has."""
    held = sorted({pair for skills in able.values() for pair in combinations(sorted(skills), 2)})
    singles = sorted({(skill,) for skills in able.values() for skill in skills})
    chosen = [*singles, *chance.sample(held, min(pairs, len(held)))]
    return [frozenset((skill, 1) for skill in one) for one in chosen]


def _backlog(wanted: list[Needed]) -> list[Queued]:
    each_s = OLDEST_S / max(len(wanted), 1)
    first = START - timedelta(seconds=OLDEST_S)
    return [
        _work(f"old-{number:07}", need, first + timedelta(seconds=each_s * number))
        for number, need in enumerate(wanted)
    ]


def _work(name: str, need: Needed, joined_at: datetime) -> Queued:
    return Queued(item=name, queue=QUEUE, skills=need, joined_at=joined_at)


# --- what others do ---------------------------------------------------------------------------------


type Waiting = tuple[float, str, frozenset[str]]


class Scan:
    """The least that a router must keep: who is idle since when, and what waits. No leases, states or timers.

    Work is (when it came, its name, the skills it needs), the list in the order of arrival.
    """

    def __init__(self, able: dict[AgentId, frozenset[str]], waiting: list[Waiting], idle: list[AgentId]) -> None:
        self._able = able
        self._idle = idle
        self.waiting = waiting

    def free(self, agent: AgentId, now_s: float) -> str | None:
        """The work for an agent who has become free."""
        place = self.best(self._able[agent], now_s)
        if place is None:
            self._idle.append(agent)
            return None
        return self.waiting.pop(place)[1]

    def arrive(self, work: Waiting) -> AgentId | None:
        """Who gets work that has just come: the one idle longest, if anybody idle can do it."""
        for place, agent in enumerate(self._idle):
            if work[2] <= self._able[agent]:
                return self._idle.pop(place)
        self.waiting.append(work)
        return None

    def best(self, able: frozenset[str], now_s: float) -> int | None:
        raise NotImplementedError


class FullScan(Scan):
    """Scores all that waits at every decision, as an ORDER BY over a computed score does."""

    def best(self, able: frozenset[str], now_s: float) -> int | None:
        best_score, best_place = -1.0, None
        for place, (joined_s, _, needed) in enumerate(self.waiting):
            score = now_s - joined_s
            if score > best_score and needed <= able:
                best_score, best_place = score, place
        return best_place


class FirstMatch(Scan):
    """Keeps the list in order and takes the first that fits."""

    def best(self, able: frozenset[str], now_s: float) -> int | None:
        for place, (_, _, needed) in enumerate(self.waiting):
            if needed <= able:
                return place
        return None


def waiting_of(work: Queued) -> Waiting:
    joined = work.joined_at or START
    return joined.timestamp(), work.item, frozenset(skill for skill, _ in work.skills)
