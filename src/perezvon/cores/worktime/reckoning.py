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

from perezvon.cores.worktime.calendar import EPOCH, LAST_YEAR, SECOND_US, Calendar, NeverOpens, Year

ZERO = timedelta(0)
_MICRO = timedelta(microseconds=1)


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
        first = max(bisect_right(year.begins, low // SECOND_US) - 1, 0)
        for begins, ends in year.spans(first, bisect_right(year.begins, high // SECOND_US)):
            span = max(begins * SECOND_US, low), min(ends * SECOND_US, high)
            if span[0] < span[1]:
                _lengthen(found, span)
    return [Stretch(_moment(begins), _moment(ends)) for begins, ends in found]


def is_open(calendar: Calendar, moment: datetime) -> bool:
    seconds = _us(moment) / SECOND_US
    year = calendar.year_at(_us(moment) // SECOND_US)
    at = bisect_right(year.begins, seconds) - 1
    return at >= 0 and seconds < year.ends[at]


def next_opening(calendar: Calendar, moment: datetime) -> datetime:
    """`moment` itself while the calendar is open, else when it opens next. Raises NeverOpens."""
    if is_open(calendar, moment):
        return moment.astimezone(UTC)
    seconds = _us(moment) / SECOND_US
    for year in _onward(calendar, _us(moment)):
        at = bisect_left(year.begins, seconds)
        if at < len(year.begins):
            return _moment(year.begins[at] * SECOND_US)
    raise NeverOpens(after=moment)


def _lengthen(found: list[tuple[int, int]], span: tuple[int, int]) -> None:
    """One more at the end; two years touch at a midnight that is no break."""
    if found and found[-1][1] == span[0]:
        found[-1] = (found[-1][0], span[1])
    else:
        found.append(span)


def _done(calendar: Calendar, later: int, earlier: int) -> int:
    """Microseconds of work between two moments, either way round."""
    (first, before), (last, done) = calendar.reading(earlier), calendar.reading(later)
    if first is last:  # nearly always
        return done - before
    if last.first < first.first:
        return -_done(calendar, earlier, later)
    between_them = sum(calendar.year(number).total for number in range(first.number + 1, last.number))
    return (first.total + between_them) * SECOND_US - before + done


def _forward(calendar: Calendar, start: int, wanted: int) -> int:
    year, done = calendar.reading(start)
    while wanted > year.total * SECOND_US - done:
        wanted -= year.total * SECOND_US - done
        if year.number == LAST_YEAR or not calendar.may_open(after=year.number + 1):
            raise NeverOpens(wanted=wanted)
        year, done = calendar.year(year.number + 1), 0
    return _reached(year, done + wanted)


def _backward(calendar: Calendar, start: int, wanted: int) -> int:
    number = calendar.year_at(start // SECOND_US).number
    while calendar.may_open(before=number):
        year = calendar.year(number)
        done = year.within(start)
        if wanted <= done:
            return _left(year, done - wanted)
        wanted -= done
        number -= 1
    raise NeverOpens(wanted=wanted)


def _reached(year: Year, work: int) -> int:
    """The earliest moment of the year at which so much of its work is done; work > 0."""
    at = bisect_left(year.before, work / SECOND_US) - 1
    return year.begins[at] * SECOND_US + work - year.before[at] * SECOND_US


def _left(year: Year, work: int) -> int:
    """The latest moment of the year at which no more of its work is done; work < total."""
    at = bisect_right(year.before, work / SECOND_US) - 1
    return year.begins[at] * SECOND_US + work - year.before[at] * SECOND_US


def _onward(calendar: Calendar, moment: int) -> Iterator[Year]:
    year = calendar.year_at(moment // SECOND_US)
    while calendar.may_open(after=year.number):
        yield year
        if year.number == LAST_YEAR:
            return
        year = calendar.year(year.number + 1)


def _years(calendar: Calendar, earlier: int, later: int) -> Iterator[Year]:
    if earlier < later:
        first, last = calendar.year_at(earlier // SECOND_US), calendar.year_at(later // SECOND_US)
        for number in range(first.number, last.number + 1):
            yield calendar.year(number)


def _us(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("working time needs aware times")
    return (moment - EPOCH) // _MICRO


def _moment(microseconds: int) -> datetime:
    return EPOCH + microseconds * _MICRO
