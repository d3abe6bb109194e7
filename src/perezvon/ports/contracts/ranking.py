"""What every ranker must do; each inherits these tests with a fixture `ranker`."""

from __future__ import annotations

import pytest

from perezvon.ports.ranking import Candidate, Ranker

FOUND = [
    Candidate(0.6, "Fee was taken twice. It comes back in three days."),
    Candidate(0.2, "Opening hours of branches."),
    Candidate(0.0, ""),
    Candidate(1.0, "\ue000 <script> ' \" \\ % \u0416 \U0001f600" * 200),
]


class Ranks:
    @pytest.mark.parametrize("asked", ["fee twice", "", "'", "\u043f\u043b\u0430\u0442\u0430", "x" * 5_000])
    def test_gives_a_match_for_each(self, ranker: Ranker, asked: str) -> None:
        weighed = ranker.weigh(asked, FOUND)

        assert len(weighed) == len(FOUND)
        assert all(0 <= one <= 1 for one in weighed)

    def test_of_nothing_it_says_nothing(self, ranker: Ranker) -> None:
        assert list(ranker.weigh("fee", [])) == []

    def test_one_is_weighed_alike_wherever_it_stands(self, ranker: Ranker) -> None:
        weighed = ranker.weigh("fee twice", FOUND)

        assert list(ranker.weigh("fee twice", FOUND[::-1])) == pytest.approx(list(weighed)[::-1])
        assert list(ranker.weigh("fee twice", FOUND[:1])) == pytest.approx(list(weighed)[:1])

    def test_what_fits_stands_before_what_does_not(self, ranker: Ranker) -> None:
        fits, other = ranker.weigh("fee taken twice", FOUND[:2])

        assert fits > other
