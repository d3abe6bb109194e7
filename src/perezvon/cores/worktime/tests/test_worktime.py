"""Working time, by examples that anybody can check on a calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from timeit import repeat
from zoneinfo import ZoneInfo

import pytest

from perezvon.cores.worktime import (
    CLOSED,
    Calendar,
    Frame,
    NeverOpens,
    Special,
    add,
    between,
    is_open,
    next_opening,
    segments,
)

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
DAY = (Frame(9 * 60, 13 * 60), Frame(14 * 60, 18 * 60))
OFFICE = Calendar(MOSCOW, (DAY,) * 5 + (CLOSED,) * 2)
NIGHT = Calendar(BERLIN, ((Frame(22 * 60, 30 * 60),),) * 7)
HOUR = timedelta(hours=1)


def at(day: int, hour: int, minute: int = 0, *, month: int = 11, zone: ZoneInfo = MOSCOW) -> datetime:
    """A moment of November 2026; the 23rd is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at(23, 9), 2, at(23, 11)),
        (at(23, 12), 2, at(23, 15)),
        (at(23, 9), 8, at(23, 18)),
        (at(23, 17), 2, at(24, 10)),
        (at(27, 17), 2, at(30, 10)),
        (at(28, 3), 1, at(30, 10)),
        (at(23, 18), -8, at(23, 9)),
        (at(30, 10), -2, at(27, 17)),
        (at(28, 3), 0, at(28, 3)),
    ],
    ids=["in the morning", "over dinner", "to the very end of the day", "to the next day", "over the weekend",
         "begun on a Saturday", "back through the day", "back over the weekend", "nothing to wait for"],
)  # fmt: skip
def test_time_is_added(start, hours, end):
    assert add(OFFICE, start, hours * HOUR) == end


class TestSpecialDays:
    calendar = Calendar(
        MOSCOW,
        OFFICE.week,
        (Special(date(2026, 11, 24)), Special(date(2026, 11, 28), DAY), Special(date(2026, 11, 23), DAY[:1])),
    )

    def test_a_holiday_is_passed_and_a_short_day_ends_early(self):
        assert add(self.calendar, at(23, 9), 5 * HOUR) == at(25, 10)

    def test_a_worked_saturday_counts(self):
        assert between(self.calendar, at(27, 18), at(30, 9)) == 8 * HOUR


class TestClockChanges:
    def test_the_night_of_the_spring_jump_is_an_hour_shorter(self):
        assert between(NIGHT, at(28, 12, month=3, zone=BERLIN), at(29, 12, month=3, zone=BERLIN)) == 7 * HOUR

    def test_the_night_of_the_autumn_jump_is_an_hour_longer(self):
        assert between(NIGHT, at(24, 12, month=10, zone=BERLIN), at(25, 12, month=10, zone=BERLIN)) == 9 * HOUR

    def test_a_beginning_that_never_comes_counts_from_the_jump(self):
        calendar = Calendar(BERLIN, ((Frame(150, 240),),) * 7)

        assert next_opening(calendar, at(29, 0, month=3, zone=BERLIN)) == datetime(2026, 3, 29, 1, tzinfo=UTC)

    def test_a_beginning_that_comes_twice_counts_from_its_first_coming(self):
        calendar = Calendar(BERLIN, ((Frame(150, 240),),) * 7)

        assert between(calendar, at(25, 0, month=10, zone=BERLIN), at(25, 6, month=10, zone=BERLIN)) == 2.5 * HOUR

    def test_a_day_that_a_country_left_out_has_no_hours(self):
        always = Calendar(ZoneInfo("Pacific/Apia"), ((Frame(0, 1440),),) * 7)
        thursday, saturday = datetime(2011, 12, 29, 10, tzinfo=UTC), datetime(2011, 12, 31, 9, tzinfo=UTC)

        assert between(always, thursday, saturday) == saturday - thursday


class TestNoWork:
    never = Calendar(MOSCOW, (CLOSED,) * 7)
    once = Calendar(MOSCOW, (CLOSED,) * 7, (Special(date(2026, 12, 31), (Frame(22 * 60, 26 * 60),)),))

    def test_a_calendar_that_never_opens_says_so(self):
        with pytest.raises(NeverOpens):
            add(self.never, at(23, 9), HOUR)
        with pytest.raises(NeverOpens):
            next_opening(self.never, at(23, 9))
        assert between(self.never, at(23, 9), at(30, 9)) == timedelta(0)

    def test_one_night_a_year_can_be_waited_for_but_no_longer(self):
        assert add(self.once, at(23, 9), 3 * HOUR) == datetime(2027, 1, 1, 1, tzinfo=MOSCOW)
        with pytest.raises(NeverOpens):
            add(self.once, at(23, 9), 5 * HOUR)
        with pytest.raises(NeverOpens):
            add(self.once, at(23, 9), -HOUR)


def test_a_shift_over_new_year_is_one_stretch():
    (one,) = segments(NIGHT, at(31, 12, month=12, zone=BERLIN), datetime(2027, 1, 1, 12, tzinfo=BERLIN))

    assert one.length == 8 * HOUR


def test_open_means_from_the_beginning_until_before_the_end():
    assert [is_open(OFFICE, at(23, *time)) for time in ((8, 59), (9, 0), (12, 59), (13, 0), (14, 0), (18, 0))] == [
        False, True, True, False, True, False,
    ]  # fmt: skip


def test_the_leap_day_is_a_day_like_others():
    assert between(OFFICE, datetime(2028, 2, 28, tzinfo=MOSCOW), datetime(2028, 3, 1, tzinfo=MOSCOW)) == 16 * HOUR


def test_a_year_of_work_is_added_without_counting_its_days():
    add(OFFICE, at(23, 9), 1970 * HOUR)  # the tables of the years are made once

    best = min(repeat(lambda: add(OFFICE, at(23, 9), 1970 * HOUR), number=100, repeat=5)) / 100

    assert best < 0.0005  # 10 to 30 microseconds; the tables themselves take milliseconds


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="aware"):
        between(OFFICE, datetime(2026, 11, 23), at(23, 9))  # noqa: DTZ001


@pytest.mark.parametrize("frame", [(-1, 10), (1440, 1500), (600, 600), (600, 500), (0, 1441)])
def test_a_frame_lies_within_a_day_and_a_night(frame):
    with pytest.raises(ValueError, match="no frame"):
        Frame(*frame)
