"""How articles found are put in order (F12.11).

What was asked decides; use and success only weigh: between two that say the same, the one that helped more often stands
first, and one that nobody has used yet is still found (X.31).

    score = match × (1 + 0.25 × use + 0.25 × success)

use is how often it was taken, on a logarithmic scale against the most used of the base: 0 … 1. success is the share of
problems that it solved, drawn towards one half as long as there are few of them: (solved + 2) / (judged + 4), the mean
of a Beta(2, 2) prior, and counted from one half: -1 … 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log1p

USE_WEIGHS, SUCCESS_WEIGHS = 0.25, 0.25
_PRIOR = 2


@dataclass(frozen=True, slots=True)
class Served:
    """How an article has served so far. most_used: of the most used one of the base."""

    used: int = 0
    solved: int = 0
    not_solved: int = 0
    most_used: int = 0


def use_of(served: Served) -> float:
    """0 … 1."""
    return log1p(min(served.used, served.most_used)) / log1p(served.most_used) if served.most_used > 0 else 0.0


def success_of(served: Served) -> float:
    """The share of problems solved that one may expect, 0 … 1; one half of what nobody knows."""
    return (served.solved + _PRIOR) / (served.solved + served.not_solved + 2 * _PRIOR)


def score(match: float, served: Served) -> float:
    """match: 0 … 1, how well the text fits. At most one and a half times that, at least three quarters of it."""
    return match * (1 + USE_WEIGHS * use_of(served) + SUCCESS_WEIGHS * (2 * success_of(served) - 1))
