"""Axes of charts that people read."""

from __future__ import annotations

_NICE = (1, 2, 5)
_LINES = 4  # at most so many grid lines above zero


def nice_step(highest: int) -> int:
    """A distance between grid lines that people count in: 1, 2, 5, 10, 20 …"""
    power = 1
    while True:
        for nice in _NICE:
            if highest <= nice * power * _LINES:
                return nice * power
        power *= 10
