"""A stacked bar chart as shapes for an SVG template: no script, no library, every bar with its numbers in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from perezvon.foundation.ui.scales import nice_step
from perezvon.modules.reporting.figures import Calls

WIDTH, HEIGHT = 960, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 12, 30
_LABELS = 16  # at most so many days get their date written


@dataclass(frozen=True, slots=True)
class Bar:
    """One day. Heights grow upwards from the base line; `served_y` and `abandoned_y` are upper edges."""

    day: date
    calls: Calls
    x: float
    width: float
    served_y: float
    served_height: float
    abandoned_y: float
    abandoned_height: float
    label_x: float
    has_label: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """grid: height and value of each line, zero first."""

    bars: tuple[Bar, ...]
    grid: tuple[tuple[float, int], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right_x: int = WIDTH - RIGHT
    base_y: int = HEIGHT - BOTTOM
    label_y: int = HEIGHT - 10


def draw_calls(days: Sequence[tuple[date, Calls]]) -> Chart:
    """Served below, abandoned above, a bar a day; the axis begins at zero."""
    step = nice_step(max((calls.total for _, calls in days), default=0))
    top = step * max(1, -(-max((calls.total for _, calls in days), default=0) // step))
    scale = (HEIGHT - TOP - BOTTOM) / top
    pitch = (WIDTH - LEFT - RIGHT) / max(1, len(days))
    every = -(-len(days) // _LABELS)
    bars = tuple(
        _bar(day, calls, LEFT + at * pitch, pitch, scale, has_label=at % every == 0)
        for at, (day, calls) in enumerate(days)
    )
    base = HEIGHT - BOTTOM
    return Chart(bars, tuple((round(base - value * scale, 1), value) for value in range(0, top + 1, step)))


def _bar(day: date, calls: Calls, x: float, pitch: float, scale: float, *, has_label: bool) -> Bar:
    width = max(1.0, min(pitch * 0.72, 40.0))
    base = HEIGHT - BOTTOM
    served = calls.served * scale
    # Whoever still waits now stands with those who were not served.
    missed = (calls.total - calls.served) * scale
    return Bar(
        day=day,
        calls=calls,
        x=round(x + (pitch - width) / 2, 1),
        width=round(width, 1),
        served_y=round(base - served, 1),
        served_height=round(served, 1),
        abandoned_y=round(base - served - missed, 1),
        abandoned_height=round(missed, 1),
        label_x=round(x + pitch / 2, 1),
        has_label=has_label,
    )
