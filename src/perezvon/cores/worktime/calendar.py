"""What a working calendar says, and the table of a year made of it.

A calendar is a wall clock with hours painted on it. Each day of the week has any number of frames ("09:00-13:00",
"14:00-18:00"); a frame may pass midnight ("22:00-06:00") and belongs to the day on which it begins. A special day
(a holiday, a shortened day, a Saturday worked instead of a Monday) has frames of its own in place of its weekday's.

The clock on the wall jumps twice a year in many places. A frame opens at the first moment at which the wall shows
its beginning or anything later, and shuts at the first at which it shows its end or anything later. So a beginning
that comes twice counts from its first coming, one that never comes counts from the jump, every night shift is as
long as it really lasted, and frames that touch on the wall touch in time.

Frames that overlap count once. A day is the time from its first moment to that of the next; what of a night shift
lies behind midnight is reckoned with the day it lies in.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import accumulate
from types import MappingProxyType

from perezvon.kernel.errors import Refused

DAY_MINUTES = 24 * 60
WEEK = 7
FIRST_YEAR, LAST_YEAR = 1900, 9990
SECOND = timedelta(seconds=1)
SECOND_US = 1_000_000
KEPT_READINGS = 1_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NeverOpens(Refused):
    """The calendar has no working time in that direction, or none within the years that we reckon with."""

    code = "worktime.never_opens"


@dataclass(frozen=True, slots=True, order=True)
class Frame:
    """Open from `begins` to `ends`, in minutes since midnight; `ends` is past 24 hours when it passes midnight."""

    begins: int
    ends: int

    def __post_init__(self) -> None:
        if not (0 <= self.begins < DAY_MINUTES and 0 < self.ends - self.begins <= DAY_MINUTES):
            raise ValueError(f"no frame of a day: {self.begins}-{self.ends}")


CLOSED: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True)
class Special:
    """A date with frames of its own; none of them: a holiday."""

    on: date
    frames: tuple[Frame, ...] = CLOSED


@dataclass(frozen=True, slots=True)
class Calendar:
    """zone: whose wall clock it is. week: the frames of Monday to Sunday."""

    zone: tzinfo
    week: tuple[tuple[Frame, ...], ...]
    specials: tuple[Special, ...] = ()
    _on: Mapping[date, tuple[Frame, ...]] = field(init=False, repr=False, compare=False)
    _years: dict[int, Year] = field(init=False, repr=False, compare=False, default_factory=dict)
    _in_order: list[Year] = field(init=False, repr=False, compare=False, default_factory=list)
    _beginnings: list[int] = field(init=False, repr=False, compare=False, default_factory=list)
    _readings: dict[int, tuple[Year, int]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.week) != WEEK:
            raise ValueError("a week has seven days")
        object.__setattr__(self, "_on", MappingProxyType({one.on: one.frames for one in self.specials}))

    def frames_on(self, day: date) -> tuple[Frame, ...]:
        """What is painted for that date."""
        found = self._on.get(day)
        return self.week[day.weekday()] if found is None else found

    def may_open(self, *, after: int | None = None, before: int | None = None) -> bool:
        """Whether any year later than `after`, or earlier than `before`, can have working time."""
        if any(self.week):
            return True
        years = [one.on.year for one in self.specials if one.frames]
        return any((after is None or year + 1 >= after) and (before is None or year <= before) for year in years)

    def year(self, number: int) -> Year:
        """The table of that year; made once. Raises NeverOpens outside the years that we reckon with."""
        if not FIRST_YEAR <= number <= LAST_YEAR:
            raise NeverOpens(year=number)
        if number not in self._years:
            self._years[number] = _table(self, number)
            self._in_order[:] = [self._years[known] for known in sorted(self._years)]
            self._beginnings[:] = [year.first for year in self._in_order]
        return self._years[number]

    def year_at(self, moment: int) -> Year:
        """The table of the year in which it lies, in seconds since 1970. Raises NeverOpens as `year` does.

        A look among the tables that are there already: asking the zone for the date costs ten times as much.
        """
        at = bisect_right(self._beginnings, moment) - 1
        if at >= 0 and moment < self._in_order[at].last:
            return self._in_order[at]
        number = (EPOCH + moment * SECOND).astimezone(self.zone).year
        found = self.year(number)
        # A clock put back at midnight shows the old date once more: the table decides.
        return self.year(number + 1) if moment >= found.last else found

    def reading(self, moment: int) -> tuple[Year, int]:
        """The year of a moment in microseconds since 1970, and the microseconds of its work done by then.

        The last ones are kept: whoever reckons with many cases asks for "now" each time, and for the same beginning
        for each promise.
        """
        found = self._readings.get(moment)
        if found is None:
            year = self.year_at(moment // SECOND_US)
            found = year, year.within(moment)
            if len(self._readings) >= KEPT_READINGS:
                self._readings.clear()
            self._readings[moment] = found
        return found


type Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Year:
    """All working spans of a year in order, none touching the next, in seconds since 1970.

    begins, ends: of each span. before: the seconds of work in the year before each span, and at last of all of them.
    first, last: the moments of its first midnight and of the next year's.
    """

    number: int
    first: int
    last: int
    begins: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]

    @property
    def total(self) -> int:
        return self.before[-1]

    def within(self, moment: int) -> int:
        """Microseconds of its work done up to a moment in microseconds since 1970, which may lie outside it."""
        at = bisect_right(self.begins, moment // SECOND_US) - 1
        if at < 0:
            return 0
        begins = self.begins[at]
        reached = min(moment, self.ends[at] * SECOND_US) - begins * SECOND_US
        return self.before[at] * SECOND_US + reached

    def spans(self, first: int, end: int) -> Iterator[Span]:
        return zip(self.begins[first:end], self.ends[first:end], strict=True)


def _table(calendar: Calendar, number: int) -> Year:
    new_year, next_year = date(number, 1, 1), date(number + 1, 1, 1)
    first, last = moment_of(new_year, 0, calendar.zone), moment_of(next_year, 0, calendar.zone)
    days = (new_year + timedelta(days=count) for count in range(-1, (next_year - new_year).days))
    painted = [span for day in days for span in _spans(calendar, day)]
    clipped = [(max(begins, first), min(ends, last)) for begins, ends in painted]
    spans = _joined(sorted(span for span in clipped if span[0] < span[1]))
    before = tuple(accumulate((ends - begins for begins, ends in spans), initial=0))
    return Year(number, first, last, tuple(span[0] for span in spans), tuple(span[1] for span in spans), before)


def _spans(calendar: Calendar, day: date) -> Iterator[Span]:
    for frame in calendar.frames_on(day):
        yield moment_of(day, frame.begins, calendar.zone), moment_of(day, frame.ends, calendar.zone)


def _joined(spans: list[Span]) -> list[Span]:
    """The same time, where nothing overlaps or touches."""
    found: list[Span] = []
    for begins, ends in spans:
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def moment_of(day: date, minutes: int, zone: tzinfo) -> int:
    """The first moment at which the wall clock of `zone` shows that time or later, in seconds since 1970."""
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)  # naive: what a wall shows
    found = _seconds(wall.replace(tzinfo=zone))
    if _wall(found, zone) == wall:
        return found
    # The wall never shows it: it lies in a jump. The moment of the jump lies between the two readings of it.
    low, high = _seconds(wall.replace(tzinfo=zone, fold=1)), found
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _wall(middle, zone) >= wall else (middle, high)
    return high


def _seconds(moment: datetime) -> int:
    return (moment - EPOCH) // SECOND


def _wall(seconds: int, zone: tzinfo) -> datetime:
    return (EPOCH + timedelta(seconds=seconds)).astimezone(zone).replace(tzinfo=None)
