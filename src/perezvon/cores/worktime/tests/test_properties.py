"""Whatever the calendar: against a reckoning that goes minute by minute, and against itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from perezvon.cores.worktime import Calendar, Frame, Special, add, between, is_open, next_opening, segments

MINUTE = timedelta(minutes=1)
# Whole minutes of offset, with jumps of an hour, half an hour and at midnight; one without any.
ZONES = ["Europe/Moscow", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana"]

frames = st.builds(lambda begins, length: Frame(begins, begins + length), st.integers(0, 1439), st.integers(1, 1440))
days = st.lists(frames, max_size=3).map(tuple)
JUMPS = [date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 4, 24), date(2026, 10, 25),
         date(2026, 10, 29), date(2026, 11, 1), date(2028, 2, 28), date(2026, 12, 30)]  # fmt: skip
near = st.builds(lambda day, hours: datetime(day.year, day.month, day.day, tzinfo=UTC) + hours * MINUTE,
                 st.sampled_from(JUMPS), st.integers(-1500, 1500))  # fmt: skip


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    specials = [Special(day, draw(days)) for day in draw(st.sets(st.sampled_from(JUMPS), max_size=3))]
    return Calendar(zone, tuple(draw(st.tuples(*[days] * 7))), tuple(specials))


def reference(calendar: Calendar, earlier: datetime, later: datetime) -> int:
    """Minutes of work, by asking of each minute what the wall has shown until then."""
    zone, count = calendar.zone, 0
    shown = datetime.min  # noqa: DTZ901  (a wall shows no zone)
    minute = earlier - timedelta(days=3)  # so that a frame of the day before has begun
    while minute < later:
        shown = max(shown, minute.astimezone(zone).replace(tzinfo=None))
        if minute >= earlier:
            count += _painted(calendar, shown)
        minute += MINUTE
    return count


def _painted(calendar: Calendar, wall: datetime) -> bool:
    """Whether the wall, having shown `wall` at the latest, is inside a frame."""
    for back in range(3):
        day = wall.date() - timedelta(days=back)
        minutes = (wall - datetime(day.year, day.month, day.day)) / MINUTE  # noqa: DTZ001
        if any(frame.begins <= minutes < frame.ends for frame in calendar.frames_on(day)):
            return True
    return False


@settings(max_examples=40, deadline=None)
@given(calendars(), near, st.integers(0, 2000))
def test_between_is_what_minute_by_minute_counts(calendar, start, length):
    end = start + length * MINUTE

    assert between(calendar, start, end) == reference(calendar, start, end) * MINUTE


@settings(max_examples=100, deadline=None)
@given(calendars(), near, st.integers(1, 40_000))
def test_add_and_between_undo_each_other_both_ways(calendar, start, minutes):
    if not any(calendar.week):
        return
    end, back = add(calendar, start, minutes * MINUTE), add(calendar, start, -minutes * MINUTE)

    assert between(calendar, start, end) == between(calendar, back, start) == minutes * MINUTE
    assert is_open(calendar, end - MINUTE / 60)  # the earliest such moment
    assert is_open(calendar, back)  # the latest


@settings(max_examples=100, deadline=None)
@given(calendars(), near, st.integers(0, 20_000), st.integers(0, 20_000))
def test_more_time_never_ends_earlier(calendar, start, one, more):
    if not any(calendar.week):
        return

    assert add(calendar, start, one * MINUTE) <= add(calendar, start, (one + more) * MINUTE)


@settings(max_examples=100, deadline=None)
@given(calendars(), near, st.integers(0, 20_000))
def test_segments_add_up_are_apart_and_open(calendar, start, length):
    end = start + length * MINUTE
    found = segments(calendar, start, end)

    assert sum((one.length for one in found), timedelta(0)) == between(calendar, start, end)
    assert all(one.ends_at < after.begins_at for one, after in pairwise(found))
    assert all(is_open(calendar, one.begins_at) for one in found)


@settings(max_examples=100, deadline=None)
@given(calendars(), near)
def test_nothing_is_open_before_the_next_opening(calendar, moment):
    if not any(calendar.week):
        return
    opening = next_opening(calendar, moment)

    assert is_open(calendar, opening)
    assert between(calendar, moment, opening) == timedelta(0)
