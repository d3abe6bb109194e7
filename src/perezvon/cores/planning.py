"""How many operators a day needs, quarter by quarter of an hour.

**Forecast.** What came in each quarter of the same weekday before, on the mean of those days on which anything came at
all: a holiday says nothing of an ordinary Monday.

**Staff.** Each quarter is taken by itself, as if its load had gone on for long: `cores/staffing` says how many must be
at the phone for the goal to be met. Of those on shift a share is away, at lunch or in a lesson: more are planned.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from perezvon.cores.staffing import Expected, Load, Overloaded, agents_for, impatient, patient

QUARTERS = 96
QUARTERS_AN_HOUR = 4
_NOBODY = 1e-6  # so few calls are none


@dataclass(frozen=True, slots=True)
class Goal:
    """share of callers answered within_s. patience_s: after how long they give up on the mean; None: never.

    away: share of those on shift who are not at the phone, below 1.
    """

    share: float = 0.8
    within_s: float = 20.0
    patience_s: float | None = None
    away: float = 0.0


@dataclass(frozen=True, slots=True)
class Quarter:
    """calls: expected in it. agents: at the phone; planned: on shift. expected: what follows with so many."""

    calls: float
    erlangs: float
    agents: int
    planned: int
    expected: Expected | None


def forecast(days: Sequence[Sequence[int]]) -> list[float]:
    """Calls of each quarter, of days as counts of their quarters. Nothing but zeros where nothing ever came."""
    known = [day for day in days if any(day)]
    if not known:
        return [0.0] * QUARTERS
    return [sum(counts) / len(known) for counts in zip(*known, strict=True)]


def staff(calls: Sequence[float], handling_s: float, goal: Goal) -> list[Quarter]:
    """The fewest that meet the goal in each quarter; nobody where nobody calls."""
    return [_staffed(load, agents_for(load, goal.share, goal.within_s, goal.patience_s) if load.erlangs else 0, goal)
            for load in _loads(calls, handling_s)]  # fmt: skip


def checked(calls: Sequence[float], handling_s: float, goal: Goal, planned: int) -> list[Quarter]:
    """What is to be expected with just so many on shift all day; None where they cannot keep up."""
    at_phone = math.floor(planned * (1 - goal.away))
    return [_staffed(load, at_phone, goal, planned) for load in _loads(calls, handling_s)]


def _loads(calls: Sequence[float], handling_s: float) -> list[Load]:
    return [Load(count * QUARTERS_AN_HOUR if count > _NOBODY else 0.0, handling_s) for count in calls]


def _staffed(load: Load, agents: int, goal: Goal, planned: int | None = None) -> Quarter:
    on_shift = math.ceil(round(agents / (1 - goal.away), 6)) if planned is None else planned
    return Quarter(load.per_hour / QUARTERS_AN_HOUR, load.erlangs, agents, on_shift, _expected(load, agents, goal))


def _expected(load: Load, agents: int, goal: Goal) -> Expected | None:
    if not load.erlangs or not agents:
        return None
    if goal.patience_s:
        return impatient(load, agents, goal.patience_s, goal.within_s)
    try:
        return patient(load, agents, goal.within_s)
    except Overloaded:
        return None
