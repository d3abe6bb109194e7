"""Who weighs what the knowledge base has found."""

from __future__ import annotations

from perezvon.connectors.plain_ranker import PlainRanker
from perezvon.ports.ranking import Ranker


def make_ranker() -> Ranker:
    """The ranker that searches ask (settings.RANKER)."""
    return PlainRanker()
