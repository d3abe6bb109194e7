"""Forecasts and staff by quarters of an hour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perezvon.cores.planning import QUARTERS, Goal, checked, forecast, staff
from perezvon.cores.staffing import Load, patient


def day(**counts: int) -> list[int]:
    """Counts by quarter: q36=5."""
    return [counts.get(f"q{number}", 0) for number in range(QUARTERS)]


class TestForecast:
    def test_is_the_mean_of_the_days_on_which_anything_came(self):
        found = forecast([day(q36=10, q37=4), day(), day(q36=20)])

        assert (found[36], found[37], sum(found)) == (15.0, 2.0, 17.0)

    @pytest.mark.parametrize("days", [[], [day()]])
    def test_is_nothing_where_nothing_is_known(self, days):
        assert forecast(days) == [0.0] * QUARTERS


class TestStaff:
    def test_is_the_fewest_who_meet_the_goal(self):
        """100 calls an hour of 180 s are 5 erlangs: by the tables eight answer 80 % in 20 s."""
        (quarter,) = staff([25.0], 180.0, Goal(0.8, 20.0))

        assert (quarter.erlangs, quarter.agents) == (5.0, 8)
        assert quarter.expected == patient(Load(100.0, 180.0), 8, 20.0)

    def test_plans_for_those_who_are_away(self):
        (quarter,) = staff([25.0], 180.0, Goal(0.8, 20.0, away=0.2))

        assert (quarter.agents, quarter.planned) == (8, 10)

    def test_is_nobody_where_nobody_calls(self):
        (quarter,) = staff([0.0], 180.0, Goal())

        assert (quarter.agents, quarter.planned, quarter.expected) == (0, 0, None)

    @given(st.lists(st.floats(0, 300), min_size=1, max_size=8), st.floats(20, 900), st.floats(0.5, 0.98),
           st.none() | st.floats(30, 600), st.floats(0, 0.5))  # fmt: skip
    def test_meets_the_goal_and_one_fewer_does_not(self, calls, handling_s, share, patience_s, away):
        goal = Goal(share, 20.0, patience_s, away)
        for count, quarter in zip(calls, staff(calls, handling_s, goal), strict=True):
            if not quarter.expected:
                continue
            assert quarter.expected.in_time >= share
            assert quarter.planned * (1 - away) >= quarter.agents - 1e-6
            (fewer,) = checked([count], handling_s, Goal(share, 20.0, patience_s), quarter.agents - 1)
            assert fewer.expected is None or fewer.expected.in_time < share


class TestChecked:
    def test_says_what_comes_of_so_many(self):
        busy, idle = checked([25.0, 0.0], 180.0, Goal(0.8, 20.0, away=0.2), 10)

        assert (busy.agents, busy.planned) == (8, 10)
        assert busy.expected == patient(Load(100.0, 180.0), 8, 20.0)
        assert idle.expected is None

    def test_says_nothing_where_they_cannot_keep_up(self):
        (quarter,) = checked([25.0], 180.0, Goal(), 5)

        assert quarter.expected is None
