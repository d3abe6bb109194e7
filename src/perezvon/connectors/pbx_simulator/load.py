"""A day's callers, drawn by lot: how many come when, how long they wait, how long they talk.

Arrivals are a Poisson process whose rate follows the hour of the day. Patience and talk are exponential and
log-normal, as measured centres show (Brown et al., "Statistical Analysis of a Telephone Call Center",
JASA 100, 2005); the means are arguments.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from perezvon.connectors.pbx_simulator.scripts import Press, Script, WhoEnds

# Share of the busiest hour, from midnight; two humps around lunch, as banks and insurers see it.
WORKING_DAY = (
    0.04, 0.03, 0.02, 0.02, 0.03, 0.06, 0.14, 0.30, 0.58, 0.85, 0.98, 1.00,
    0.90, 0.84, 0.92, 0.94, 0.88, 0.76, 0.62, 0.48, 0.36, 0.24, 0.14, 0.08,
)  # fmt: skip
EVEN_DAY = (1.0,) * 24

_TALK_SPREAD = 0.8  # sigma of the logarithm
_MENU_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What kind of callers come.

    calls_per_hour: in the busiest hour. profile: shares of it by hour of `starts_at`'s zone.
    callers: numbers to draw from, so that people come back; None among them is a withheld number.
    weights: how often each line is called. returning_share: of those who lost patience, who calls back.
    """

    lines: Sequence[str]
    callers: Sequence[str | None]
    calls_per_hour: float
    weights: Sequence[float] | None = None
    profile: Sequence[float] = EVEN_DAY
    patience_s: float = 120.0
    talk_s: float = 150.0
    operator_ends_share: float = 0.3
    presses_share: float = 0.1
    not_recorded_share: float = 0.02
    returning_share: float = 0.4


def arrivals(load: Load, *, starts_at: datetime, minutes: float, seed: int) -> Iterator[datetime]:
    """When calls come, by thinning (Lewis and Shedler 1979): the same seed gives the same times."""
    chance = random.Random(f"arrivals {seed}")  # noqa: S311 - repeatable on purpose
    at, end = starts_at, starts_at + timedelta(minutes=minutes)
    while load.calls_per_hour > 0:
        at += timedelta(hours=chance.expovariate(load.calls_per_hour))
        if at >= end:
            return
        if chance.random() < load.profile[at.hour]:
            yield at


def callers(load: Load, *, starts_at: datetime, minutes: float, seed: int) -> Iterator[Script]:
    """The scripts of everyone who calls in these minutes, in order of arrival."""
    chance = random.Random(f"callers {seed}")  # noqa: S311 - repeatable on purpose
    for at in arrivals(load, starts_at=starts_at, minutes=minutes, seed=seed):
        yield _caller(load, at, chance)


def _caller(load: Load, at: datetime, chance: random.Random) -> Script:
    returns = chance.random() < load.returning_share
    presses = (Press(_MENU_S, chance.choice("123")),) if chance.random() < load.presses_share else ()
    return Script(
        arrives_at=at,
        line=chance.choices(load.lines, load.weights)[0],
        caller=chance.choice(load.callers),
        record=chance.random() >= load.not_recorded_share,
        patience_s=round(chance.expovariate(1 / load.patience_s), 1),
        presses=presses,
        talk_s=_talk_s(load.talk_s, chance),
        ends=WhoEnds.OPERATOR if chance.random() < load.operator_ends_share else WhoEnds.CALLER,
        calls_back_after_s=round(chance.uniform(60, 900)) if returns else None,
    )


def _talk_s(mean_s: float, chance: random.Random) -> float:
    """Log-normal with that mean, at least 5 s."""
    mu = math.log(mean_s) - _TALK_SPREAD**2 / 2
    return round(max(5.0, chance.lognormvariate(mu, _TALK_SPREAD)), 1)
