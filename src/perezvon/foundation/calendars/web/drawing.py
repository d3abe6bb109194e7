"""A week as a picture: seven lines of twenty-four hours."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR

from perezvon.cores.worktime import Frame
from perezvon.foundation.calendars.hours import DAY, write_hours

LEFT, TOP, LINE, HEIGHT, HOUR = 40, 22, 26, 16, 24
WIDTH = LEFT + 24 * HOUR + 12


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: int
    width: int


@dataclass(frozen=True, slots=True)
class Week:
    """labels: (y, words) of the days; hours: (x, number) of the scale; told: the week in words, for who cannot see."""

    bars: list[Bar]
    labels: list[tuple[int, str]]
    hours: list[tuple[int, int]]
    told: str
    width: int = WIDTH
    height: int = TOP + 7 * LINE
    bar_height: int = HEIGHT


def drawn(week: tuple[tuple[Frame, ...], ...]) -> Week:
    bars = [bar for day, frames in enumerate(week) for frame in frames for bar in _bars(day, frame)]
    labels = [(TOP + day * LINE + HEIGHT - 3, str(WEEKDAYS_ABBR[day])) for day in _order()]
    hours = [(LEFT + hour * HOUR, hour) for hour in range(0, 25, 3)]
    told = "; ".join(f"{WEEKDAYS[day]}: {write_hours(week[day]) or '-'}" for day in _order())
    return Week(bars, labels, hours, told)


def _order() -> range:
    """Monday first: calendars of work are read so everywhere that we know of."""
    return range(7)


def _bars(day: int, frame: Frame) -> list[Bar]:
    """What passes midnight goes on in the next line."""
    found = [_bar(day, frame.begins, min(frame.ends, DAY))]
    if frame.ends > DAY:
        found.append(_bar((day + 1) % 7, 0, frame.ends - DAY))
    return found


def _bar(day: int, begins: int, ends: int) -> Bar:
    return Bar(LEFT + begins * HOUR // 60, TOP + day * LINE, max((ends - begins) * HOUR // 60, 1))
