"""Who may do what with a task, where it goes from where, when its next one is due. No database, no clock."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from perezvon.modules.tasks.models import Repeat, State

# From where to where people may move a task. What is closed opens again only by `reopen`.
MOVES: Mapping[str, frozenset[str]] = {
    State.NEW: frozenset({State.WORK, State.WAITING, State.DONE, State.CANCELLED}),
    State.WORK: frozenset({State.NEW, State.WAITING, State.DONE, State.CANCELLED}),
    State.WAITING: frozenset({State.NEW, State.WORK, State.DONE, State.CANCELLED}),
    State.DONE: frozenset({State.WORK}),
    State.CANCELLED: frozenset({State.NEW}),
}


class Act(StrEnum):
    """take: make it one's own. change: edit, move, close, offer. answer: accept or return what one was offered."""

    TAKE = "take"
    CHANGE = "change"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Hands:
    """In whose hands a task is. stands_in_for: people whose deputy the actor is today."""

    owner: int | None
    team: int | None
    author: int | None
    offered_to: int | None


@dataclass(frozen=True, slots=True)
class Who:
    """The actor. assigns: he may dispose of the work of others."""

    id: int | None
    team: int | None
    assigns: bool
    stands_in_for: frozenset[int] = frozenset()


def may(act: Act, who: Who, hands: Hands) -> bool:
    """Whoever has a task, or made it, disposes of it; what nobody has is anyone's of its team, or everybody's."""
    if act is Act.ANSWER:
        return who.id is not None and hands.offered_to in {who.id, *who.stands_in_for}
    if who.assigns:
        return True
    is_free = hands.owner is None and hands.team in {None, who.team}
    if act is Act.TAKE:
        return is_free or hands.owner in who.stands_in_for
    mine = who.id is not None and who.id in {hands.owner, hands.author}
    return mine or is_free or (hands.owner is not None and hands.owner in who.stands_in_for)


def next_due(due: datetime, repeat: str, until: date | None) -> datetime | None:
    """When the next of a row is due, by the wall clock of `due`, a naive time; None when the row is over.

    A month that lacks the day gives its last one. A row that began on the 31st goes on with the 30th after April:
    nobody is told on the 31st of what he promised for the 30th.
    """
    day = due.date()
    match repeat:
        case Repeat.DAILY:
            day += timedelta(days=1)
        case Repeat.WEEKDAYS:
            day += timedelta(days={4: 3, 5: 2}.get(day.weekday(), 1))
        case Repeat.WEEKLY:
            day += timedelta(days=7)
        case Repeat.MONTHLY:
            day = _month_later(day)
        case _:
            return None
    return None if until is not None and day > until else datetime.combine(day, due.time())


def next_dates(due: datetime, repeat: str, until: date | None, count: int) -> list[datetime]:
    """The first of a row and those that follow, `count` at most."""
    found = [due]
    while len(found) < count and (following := next_due(found[-1], repeat, until)) is not None:
        found.append(following)
    return found


def over_limits(held: Iterable[tuple[str, str]], limits: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """Who has more in a state than was agreed: {(person, state): how many}. held: a pair for each task that somebody
    has; limits: by state."""
    counts = Counter((person, state) for person, state in held if state in limits)
    return {pair: count for pair, count in sorted(counts.items()) if count > limits[pair[1]]}


def _month_later(day: date) -> date:
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def read_hours(text: str) -> tuple[time, time]:
    """ "09:00-21:00". Raises ValueError."""
    begins, _dash, ends = text.partition("-")
    return time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip())


def is_permitted(moment: datetime, zone: str, hours: tuple[time, time]) -> bool:
    """Whether somebody may be called then: by the clock of the place where he is."""
    there = moment.astimezone(ZoneInfo(zone)).time()
    return hours[0] <= there < hours[1]
