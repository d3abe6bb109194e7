"""The ranker of every installation: what the search of words has found fits as well as that says."""

from __future__ import annotations

from collections.abc import Sequence

from perezvon.ports.ranking import Candidate


class PlainRanker:
    """A `ports.ranking.Ranker`."""

    reads = False

    def weigh(self, asked: str, found: Sequence[Candidate]) -> Sequence[float]:
        return [one.match for one in found]
