"""Who works when, and how many customers call: the calendar behind the demo's history."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from perezvon.kernel.ids import AgentId
from perezvon.project.demo.operators import Break, Shift

OPENS, CLOSES = 8, 20
# Share of the busiest hour. After closing a few still try; at night nobody does.
WORKING_DAY = (
    0, 0, 0, 0, 0, 0, 0, 0.05, 0.45, 0.80, 1.00, 0.98,
    0.85, 0.78, 0.88, 0.92, 0.84, 0.70, 0.52, 0.38, 0.05, 0, 0, 0,
)  # fmt: skip
DAY_OF_WEEK = (1.22, 1.10, 1.04, 1.02, 1.06, 0.52, 0.40)  # Monday first: the weekend's worries come on Monday
_LUNCH_HOURS = (12, 13, 14)
_BREAKS = ((10, "break", 15.0), (16, "break", 15.0))
_INCIDENT_EVERY = 19  # days; on such a day something fails and everybody calls about it
_INCIDENT_SHARE = 1.7


@dataclass(frozen=True, slots=True)
class DayPlan:
    """A day of the centre. expected: calls on average. incident: something has failed on that day."""

    date: date
    starts_at: datetime
    expected: float
    incident: bool
    shifts: tuple[Shift, ...]

    @property
    def calls_per_hour(self) -> float:
        return self.expected / sum(WORKING_DAY)


def plan_day(
    day: date, *, zone: ZoneInfo, crews: Sequence[Sequence[AgentId]], calls_a_day: float, seed: int
) -> DayPlan:
    """The same day and seed give the same plan. crews: groups that relieve each other every two days."""
    chance = random.Random(f"day {seed} {day}")  # noqa: S311 - repeatable on purpose
    incident = day.toordinal() % _INCIDENT_EVERY == 0 and day.weekday() < 5
    expected = calls_a_day * DAY_OF_WEEK[day.weekday()] * chance.uniform(0.88, 1.12)
    crew = crews[day.toordinal() // 2 % len(crews)]
    shifts = tuple(_shift(day, zone, agent, place, chance) for place, agent in enumerate(crew))
    starts_at = datetime.combine(day, time(0), zone)
    return DayPlan(day, starts_at, expected * (_INCIDENT_SHARE if incident else 1.0), incident, shifts)


def _shift(day: date, zone: ZoneInfo, agent: AgentId, place: int, chance: random.Random) -> Shift:
    """Lunch and breaks are staggered, so that somebody is always there."""

    def at(hour: int, late_min: float) -> datetime:
        return datetime.combine(day, time(hour), zone) + timedelta(minutes=late_min)

    lunch = Break(at(_LUNCH_HOURS[place % len(_LUNCH_HOURS)], chance.uniform(0, 10)), "lunch", 45.0)
    rests = [Break(at(hour, 20 * place + chance.uniform(0, 10)), name, long) for hour, name, long in _BREAKS]
    training = [Break(at(18, 10.0), "training", 30.0)] if day.weekday() == 2 and place == 0 else []
    breaks = sorted([lunch, *rests, *training], key=lambda rest: rest.at)
    return Shift(agent, at(OPENS, chance.uniform(-9, 2)), at(CLOSES, chance.uniform(0, 4)), tuple(breaks))
