"""Reckoning with working time.

Work done up to a moment is a curve that never falls: it rises second by second while the calendar is open and lies
flat while it is shut. `between` is the difference of two points on it; `add` reads it the other way round. Years are
tables with running sums, so whole weeks and years are passed at once: two look-ups, however long the time.

Times come in any zone and go out in UTC: two moments of one zone are compared by Python as its wall shows them, which
is wrong in the hour that comes twice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from perezvon.cores.worktime.calendar import EPOCH, LAST_YEAR, Calendar, NeverOpens, Year

ZERO = timedelta(0)
_MICRO = timedelta(microseconds=1)
_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """Open without a break from `begins_at` to `ends_at`."""

    begins_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.begins_at


def between(calendar: Calendar, earlier: datetime, later: datetime) -> timedelta:
    """Working time from one moment to the other; negative when `later` is the earlier one."""
    return timedelta(microseconds=_done(calendar, _us(later), _us(earlier)))


def add(calendar: Calendar, start: datetime, worktime: timedelta) -> datetime:
    """The earliest moment by which so much working time has passed since `start`.

    Nothing to wait for: `start` itself, open or not. Negative: the latest moment from which so much passes until
    `start`. Raises NeverOpens.
    """
    if not worktime:
        return start.astimezone(UTC)
    wanted = worktime // _MICRO
    found = _forward(calendar, _us(start), wanted) if wanted > 0 else _backward(calendar, _us(start), -wanted)
    return _moment(found)


def segments(calendar: Calendar, earlier: datetime, later: datetime) -> list[Stretch]:
    """The working stretches from one moment to the other, which add up to `between`."""
    low, high = _us(earlier), _us(later)
    found: list[tuple[int, int]] = []
    for year in _years(calendar, low, high):
        first = max(bisect_right(year.begins, low // _SECOND_US) - 1, 0)
        for begins, ends in year.spans(first, bisect_right(year.begins, high // _SECOND_US)):
            span = max(begins * _SECOND_US, low), min(ends * _SECOND_US, high)
            if span[0] < span[1]:
                _lengthen(found, span)
    return [Stretch(_moment(begins), _moment(ends)) for begins, ends in found]


def is_open(calendar: Calendar, moment: datetime) -> bool:
    seconds = _us(moment) / _SECOND_US
    year = calendar.year(_year_of(calendar, _us(moment)))
    at = bisect_right(year.begins, seconds) - 1
    return at >= 0 and seconds < year.ends[at]


def next_opening(calendar: Calendar, moment: datetime) -> datetime:
    """`moment` itself while the calendar is open, else when it opens next. Raises NeverOpens."""
    if is_open(calendar, moment):
        return moment.astimezone(UTC)
    seconds = _us(moment) / _SECOND_US
    for year in _onward(calendar, _us(moment)):
        at = bisect_left(year.begins, seconds)
        if at < len(year.begins):
            return _moment(year.begins[at] * _SECOND_US)
    raise NeverOpens(after=moment)


def _lengthen(found: list[tuple[int, int]], span: tuple[int, int]) -> None:
    """One more at the end; two years touch at a midnight that is no break."""
    if found and found[-1][1] == span[0]:
        found[-1] = (found[-1][0], span[1])
    else:
        found.append(span)


def _done(calendar: Calendar, later: int, earlier: int) -> int:
    """Microseconds of work between two moments, either way round."""
    if later < earlier:
        return -_done(calendar, earlier, later)
    return sum(_within(year, later) - _within(year, earlier) for year in _years(calendar, earlier, later))


def _within(year: Year, moment: int) -> int:
    """Microseconds of work of that year up to a moment, which may lie outside it."""
    at = bisect_right(year.begins, moment // _SECOND_US) - 1
    if at < 0:
        return 0
    reached = min(moment, year.ends[at] * _SECOND_US) - year.begins[at] * _SECOND_US
    return year.before[at] * _SECOND_US + reached


def _forward(calendar: Calendar, start: int, wanted: int) -> int:
    for year in _onward(calendar, start):
        done = _within(year, start)
        left = year.total * _SECOND_US - done
        if wanted <= left:
            return _reached(year, done + wanted)
        wanted -= left
    raise NeverOpens(wanted=wanted)


def _backward(calendar: Calendar, start: int, wanted: int) -> int:
    number = _year_of(calendar, start)
    while calendar.may_open(before=number):
        year = calendar.year(number)
        done = _within(year, start)
        if wanted <= done:
            return _left(year, done - wanted)
        wanted -= done
        number -= 1
    raise NeverOpens(wanted=wanted)


def _reached(year: Year, work: int) -> int:
    """The earliest moment of the year at which so much of its work is done; work > 0."""
    at = bisect_left(year.before, work / _SECOND_US) - 1
    return year.begins[at] * _SECOND_US + work - year.before[at] * _SECOND_US


def _left(year: Year, work: int) -> int:
    """The latest moment of the year at which no more of its work is done; work < total."""
    at = bisect_right(year.before, work / _SECOND_US) - 1
    return year.begins[at] * _SECOND_US + work - year.before[at] * _SECOND_US


def _onward(calendar: Calendar, moment: int) -> Iterator[Year]:
    number = _year_of(calendar, moment)
    while number <= LAST_YEAR and calendar.may_open(after=number):
        yield calendar.year(number)
        number += 1


def _years(calendar: Calendar, earlier: int, later: int) -> Iterator[Year]:
    if earlier < later:
        for number in range(_year_of(calendar, earlier), _year_of(calendar, later) + 1):
            yield calendar.year(number)


def _year_of(calendar: Calendar, moment: int) -> int:
    """The year in which it lies. A clock put back at midnight shows the old date once more: the table decides."""
    number = (EPOCH + moment * _MICRO).astimezone(calendar.zone).year
    return number + 1 if moment >= calendar.year(number).last * _SECOND_US else number


def _us(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("working time needs aware times")
    return (moment - EPOCH) // _MICRO


def _moment(microseconds: int) -> datetime:
    return EPOCH + microseconds * _MICRO
