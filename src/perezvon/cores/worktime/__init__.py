"""Working time: how much of it lies between two moments, and when so much of it will have passed."""

from perezvon.cores.worktime.calendar import CLOSED, Calendar, Frame, NeverOpens, Special
from perezvon.cores.worktime.reckoning import Stretch, add, between, is_open, next_opening, segments

__all__ = [
    "CLOSED",
    "Calendar",
    "Frame",
    "NeverOpens",
    "Special",
    "Stretch",
    "add",
    "between",
    "is_open",
    "next_opening",
    "segments",
]
