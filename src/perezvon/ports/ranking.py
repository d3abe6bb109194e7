"""What we ask of whoever says how well articles fit a question, beside the search that has found them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from perezvon.kernel.errors import TryLater


class RankerAway(TryLater):
    """It does not answer now. The search goes on with its own match. facts: said."""

    code = "ranking.away"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that was found. match: 0 … 1, what the search of words says. text: for rankers that read."""

    match: float
    text: str = ""


class Ranker(Protocol):
    """Weighs what was found by what it means. reads: whether it wants the texts; they cost a query."""

    reads: bool

    def weigh(self, asked: str, found: Sequence[Candidate]) -> Sequence[float]:
        """A match of 0 … 1 for each, in their order; the same of one whatever stands beside it. Raises RankerAway."""
        ...
