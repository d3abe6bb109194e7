"""Numbers of reports and how they are rounded. No database, no words.

One rule for every per cent (X.09): to the nearest whole one, a half away from zero. Exact arithmetic on integers,
because 0.5 % of a float is not always a half.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


def percent(part: int, whole: int) -> int | None:
    """`part` of `whole` in whole per cent; None of nothing. 890 of 1088 is 82, 1 of 200 is 1, -1 of 200 is -1."""
    if whole <= 0:
        return None
    rounded = (200 * abs(part) + whole) // (2 * whole)
    return rounded if part >= 0 else -rounded


def growth(now: int, before: int) -> int | None:
    """Change in whole per cent: (now - before) / before. None when there was nothing before (F18.07)."""
    return percent(now - before, before)


def whole_seconds(total_s: float, count: int) -> int | None:
    """The mean in whole seconds, a half upwards; None of nothing."""
    return int(total_s / count + 0.5) if count else None


@dataclass(frozen=True, slots=True)
class Calls:
    """Incoming calls of a period, a queue or a day. Sums of several are sums of their fields.

    in_time: served within the seconds of their queue. wait_s: of served ones, from the queue to the operator.
    """

    total: int = 0
    served: int = 0
    abandoned: int = 0
    in_time: int = 0
    wait_s: float = 0.0
    talk_s: float = 0.0
    hold_s: float = 0.0
    wrap_up_s: float = 0.0

    def __add__(self, other: Calls) -> Calls:
        return Calls(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Calls)))

    @property
    def waiting(self) -> int:
        """Neither served nor given up yet."""
        return self.total - self.served - self.abandoned

    @property
    def served_percent(self) -> int | None:
        return percent(self.served, self.total)

    @property
    def abandoned_percent(self) -> int | None:
        return percent(self.abandoned, self.total)

    @property
    def service_level_percent(self) -> int | None:
        return percent(self.in_time, self.total)

    @property
    def speed_of_answer_s(self) -> int | None:
        return whole_seconds(self.wait_s, self.served)

    @property
    def mean_talk_s(self) -> int | None:
        return whole_seconds(self.talk_s, self.served)

    @property
    def mean_hold_s(self) -> int | None:
        return whole_seconds(self.hold_s, self.served)

    @property
    def mean_wrap_up_s(self) -> int | None:
        return whole_seconds(self.wrap_up_s, self.served)


@dataclass(frozen=True, slots=True)
class Share:
    """A topic's contacts: how many, of how many registered ones, and how many in the period before."""

    count: int
    registered: int
    before: int

    @property
    def percent(self) -> int | None:
        return percent(self.count, self.registered)

    @property
    def growth_percent(self) -> int | None:
        return growth(self.count, self.before)
