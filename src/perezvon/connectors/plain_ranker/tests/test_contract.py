from __future__ import annotations

import pytest

from perezvon.connectors.plain_ranker import PlainRanker
from perezvon.ports.contracts.ranking import Ranks


class TestPlainRanker(Ranks):
    @pytest.fixture
    def ranker(self) -> PlainRanker:
        return PlainRanker()
