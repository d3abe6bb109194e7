"""How many people a load needs, and how long it waits for so many: Erlang C, and Erlang A for callers who give up.

Calls arrive by chance, so many an hour, are handled in so many seconds on the average, and wait in one line for the
first of so many agents. C: everybody waits as long as it takes. A: each has a patience of his own, exponential with the
mean given. Formulas: A. K. Erlang (1917) by the stable recursion of B; A. Mandelbaum, S. Zeltyn, "The Palm/Erlang-A
queue" (2005). Who waits behind j others leaves the line to an agent after V, of which exp(-V / patience) has the
distribution Beta(c, j + 1) with c = agents * patience / handling.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from perezvon.kernel.errors import Refused

MOST_AGENTS = 100_000
HOUR_S = 3600.0
_NOTHING = 1e-15  # what lies behind it in a sum changes no digit that is shown


class Overloaded(Refused):
    """More comes than can be handled, and nobody gives up: the line grows for ever."""

    code = "staffing.overloaded"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Load:
    per_hour: float
    handling_s: float

    @property
    def erlangs(self) -> float:
        """Agents that it would keep busy if nobody ever waited for the next."""
        return self.per_hour * self.handling_s / HOUR_S


@dataclass(frozen=True, slots=True)
class Expected:
    """Shares are from 0 to 1. waits: of callers who do not get an agent at once. wait_s: mean of all callers, those who
    give up included. waiting: how many stand in the line on the average. occupancy: of agents' time in talks. in_time:
    of callers who get an agent within the time asked for. abandoned: of callers who give up."""

    waits: float
    wait_s: float
    waiting: float
    occupancy: float
    in_time: float
    abandoned: float = 0.0


def blocked(load: Load, agents: int) -> float:
    """Erlang B: the share that would be lost if nobody could wait."""
    lost = 1.0
    for number in range(1, agents + 1):
        lost = load.erlangs * lost / (number + load.erlangs * lost)
    return lost


def patient(load: Load, agents: int, within_s: float) -> Expected:
    """Erlang C. Raises Overloaded."""
    occupancy = load.erlangs / agents
    if occupancy >= 1:
        raise Overloaded(erlangs=load.erlangs, agents=agents)
    lost = blocked(load, agents)
    waits = lost / (1 - occupancy * (1 - lost))
    freed_s = load.handling_s / (agents - load.erlangs)  # from one agent who becomes free to the next, when all talk
    wait_s = waits * freed_s
    in_time = 1 - waits * math.exp(-within_s / freed_s)
    return Expected(waits, wait_s, load.per_hour / HOUR_S * wait_s, occupancy, in_time)


def impatient(load: Load, agents: int, patience_s: float, within_s: float) -> Expected:
    """Erlang A."""
    lost = blocked(load, agents)
    free, behind = 1 - lost, [lost * weight for weight in _line(load, agents, patience_s)]
    whole = free + sum(behind)
    waits = sum(behind) / whole
    waiting = sum(place * weight for place, weight in enumerate(behind)) / whole
    wait_s = waiting / (load.per_hour / HOUR_S)
    abandoned = wait_s / patience_s
    in_time = (free + sum(map(float.__mul__, behind, _served(agents, load, patience_s, within_s)))) / whole
    return Expected(waits, wait_s, waiting, load.erlangs * (1 - abandoned) / agents, in_time, abandoned)


def agents_for(load: Load, share: float, within_s: float, patience_s: float | None = None) -> int:
    """The fewest by whom that share of callers is answered in time."""
    least = 1 if patience_s else math.floor(load.erlangs) + 1
    for agents in range(least, MOST_AGENTS):
        found = impatient(load, agents, patience_s, within_s) if patience_s else patient(load, agents, within_s)
        if found.in_time >= share:
            return agents
    raise Overloaded(erlangs=load.erlangs, agents=MOST_AGENTS)


def _line(load: Load, agents: int, patience_s: float) -> Iterator[float]:
    """How often all talk and 0, 1, 2… wait, against how often all talk and nobody waits."""
    weight, most, place = 1.0, 1.0, 0
    while weight > most * _NOTHING:
        yield weight
        place += 1
        weight *= load.erlangs / (agents + place * load.handling_s / patience_s)
        most = max(most, weight)


def _served(agents: int, load: Load, patience_s: float, within_s: float) -> Iterator[float]:
    """The share that an agent answers within the time, of those who come when 0, 1, 2… wait.

    c / (c + j + 1) * (1 - I_x(c + 1, j + 1)) with x = exp(-within / patience); I of a whole second number is a sum.
    """
    c, x = agents * patience_s / load.handling_s, math.exp(-within_s / patience_s)
    term = math.exp(-within_s / patience_s * (c + 1))
    late, place = 0.0, 0
    while True:
        late += term
        yield c / (c + place + 1) * max(0.0, 1 - late)
        term *= (1 - x) * (c + 1 + place) / (place + 1)
        place += 1
