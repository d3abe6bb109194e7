"""In which order articles are found (F12.11, X.31)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perezvon.modules.knowledge.ranking import Served, score, success_of, use_of

counts = st.integers(0, 10_000)
services = st.builds(
    lambda used, solved, bad, more: Served(used, solved, bad, used + more), counts, counts, counts, counts
)
matches = st.floats(0.001, 1, allow_nan=False)
# The first inputs are made while hypothesis loads itself: slow on a machine with other work.
PATIENT = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


class TestScore:
    @PATIENT
    @given(matches, services)
    def test_the_match_decides(self, match, served):
        assert 0.75 * match < score(match, served) < 1.5 * match

    @PATIENT
    @given(matches)
    def test_one_that_nobody_used_keeps_its_match(self, match):
        assert score(match, Served(most_used=100)) == pytest.approx(match)

    @PATIENT
    @given(matches, services, st.integers(1, 50))
    def test_more_problems_solved_never_lower_it(self, match, served, more):
        better = Served(served.used, served.solved + more, served.not_solved, served.most_used)

        assert score(match, better) >= score(match, served)

    @PATIENT
    @given(services)
    def test_shares_are_shares(self, served):
        assert 0 <= use_of(served) <= 1
        assert 0 < success_of(served) < 1

    def test_a_single_success_weighs_less_than_many(self):
        assert success_of(Served(solved=1)) < success_of(Served(solved=50, not_solved=2))
