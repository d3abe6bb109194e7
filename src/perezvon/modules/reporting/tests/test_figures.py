"""How numbers are made and rounded."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from perezvon.foundation.ui.scales import nice_step
from perezvon.modules.reporting.chart import BOTTOM, HEIGHT, TOP, draw_calls
from perezvon.modules.reporting.figures import Calls, Share, growth, percent, whole_seconds


class TestPercent:
    @pytest.mark.feature("X.09")
    @pytest.mark.parametrize(
        ("part", "whole", "expected"),
        [
            (890, 1088, 82),
            (356, 1088, 33),
            (213, 356, 60),
            (1, 200, 1),
            (-1, 200, -1),
            (1, 201, 0),
            (149, 1000, 15),
            (145, 1000, 15),
            (0, 7, 0),
            (7, 7, 100),
            (5, 0, None),
        ],
        ids=[
            "81.8 goes up",
            "32.7 goes up",
            "59.8 goes up",
            "a half goes up",
            "a half below zero goes down",
            "just under a half goes to zero",
            "14.9",
            "14.5 exactly, which a float would miss",
            "nothing of something",
            "all",
            "something of nothing is no number",
        ],
    )
    def test_is_rounded_to_the_nearest_a_half_away_from_zero(self, part, whole, expected):
        assert percent(part, whole) == expected

    @pytest.mark.parametrize(
        ("now", "before", "expected"),
        [(53, 100, -47), (150, 100, 50), (0, 4, -100), (4, 4, 0), (3, 0, None), (0, 0, None)],
        ids=["less", "more", "none any more", "the same", "none before", "never any"],
    )
    def test_growth_compares_with_the_period_before(self, now, before, expected):
        assert growth(now, before) == expected

    def test_means_are_rounded_to_whole_seconds(self):
        assert [whole_seconds(total, 2) for total in (0, 1, 2.9, 3)] == [0, 1, 1, 2]
        assert whole_seconds(10, 0) is None


class TestCalls:
    def test_add_up(self):
        morning = Calls(total=10, served=8, abandoned=1, in_time=6, wait_s=80, talk_s=800)
        evening = Calls(total=2, served=1, abandoned=1, in_time=0, wait_s=60, talk_s=100)

        both = morning + evening

        assert both == Calls(total=12, served=9, abandoned=2, in_time=6, wait_s=140, talk_s=900)
        assert (both.served_percent, both.service_level_percent, both.waiting) == (75, 50, 1)
        assert (both.speed_of_answer_s, both.mean_talk_s) == (16, 100)

    def test_of_an_empty_period_have_no_shares(self):
        nothing = Calls()

        assert nothing.served_percent is nothing.service_level_percent is nothing.mean_talk_s is None

    def test_a_topic_is_a_share_of_the_registered(self):
        share = Share(count=213, registered=356, before=400)

        assert (share.percent, share.growth_percent) == (60, -47)


class TestTheChart:
    def test_bars_stand_on_the_base_line_one_upon_the_other(self):
        day = date(2026, 11, 2)
        chart = draw_calls([(day, Calls(total=10, served=8, abandoned=2)), (day + timedelta(days=1), Calls())])

        bar = chart.bars[0]
        assert bar.served_y + bar.served_height == chart.base_y
        assert bar.abandoned_y + bar.abandoned_height == pytest.approx(bar.served_y)
        assert bar.served_height == pytest.approx(4 * bar.abandoned_height)
        assert chart.bars[1].served_height == 0

    def test_the_axis_begins_at_zero_and_holds_the_highest_bar(self):
        chart = draw_calls([(date(2026, 11, 2), Calls(total=37, served=30))])

        assert chart.grid[0] == (HEIGHT - BOTTOM, 0)
        assert [value for _, value in chart.grid] == [0, 10, 20, 30, 40]
        assert chart.bars[0].abandoned_y >= TOP

    @pytest.mark.parametrize(("highest", "step"), [(0, 1), (4, 1), (5, 2), (9, 5), (20, 5), (21, 10), (128, 50)])
    def test_grid_lines_stand_at_numbers_that_people_count_in(self, highest, step):
        assert nice_step(highest) == step
