"""From what happened to how each promise stands. The same history and moment give the same verdict, always."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from perezvon.cores.sla.words import OWED, Event, Happening, Kind, Part, Policy, State, Target, Verdict
from perezvon.cores.worktime import NeverOpens, add, between, segments

ZERO = timedelta(0)


class _Clock(NamedTuple):
    """begins_at: None when nothing is owed and nothing was. met_at: None while it is owed."""

    begins_at: datetime | None
    met_at: datetime | None


class _Span(NamedTuple):
    begins_at: datetime
    ends_at: datetime
    runs: bool
    state: str


def judge_all(policies: Iterable[Policy], history: Sequence[Event], now: datetime) -> list[Verdict]:
    """Every target of every policy, what is due first at the top; those that stand still or are over follow."""
    found = [judge(policy, target, history, now) for policy in policies for target in policy.targets]
    return sorted(found, key=_urgency)


def earliest(verdicts: Iterable[Verdict]) -> Verdict | None:
    """What to show of several: among what is still owed, whatever is due first."""
    owed = [verdict for verdict in verdicts if verdict.state in OWED]
    return min(owed, key=_urgency, default=None)


def next_wakeup(verdicts: Iterable[Verdict], now: datetime) -> datetime | None:
    """The next moment at which a verdict changes though nothing happens."""
    moments = [
        moment
        for verdict in verdicts
        if verdict.state is State.RUNNING or verdict.state is State.WARNED
        for moment in (verdict.warn_at, verdict.due_at)
        if moment and moment > now
    ]
    return min(moments, default=None)


def judge(policy: Policy, target: Target, history: Sequence[Event], now: datetime) -> Verdict:
    """How one target stands. history: in the order in which it happened; what lies after `now` is not known yet."""
    known = _known(history, now)
    clock = _CLOCKS[target.kind](target, known)
    if clock.begins_at is None:
        return Verdict(policy.code, target, State.IDLE, ZERO)
    until = clock.met_at or now
    spans = _joined(_spans(policy, known, clock.begins_at, until))
    worked = [_worked(policy, span) for span in spans]
    counted = sum(worked, ZERO)
    broken_at = _moment_of(policy, spans, worked, target.within) if counted >= target.within else None
    state = _state(policy, target, clock, spans, counted)
    due_at, warn_at = _ahead(policy, target, spans, counted, state)
    return Verdict(policy.code, target, state, counted, broken_at or due_at, warn_at, clock.met_at)


def explain(policy: Policy, target: Target, history: Sequence[Event], now: datetime) -> tuple[Part, ...]:
    """What was counted and what was not, in order; the counted parts add up to the verdict's `counted`."""
    known = _known(history, now)
    clock = _CLOCKS[target.kind](target, known)
    if clock.begins_at is None:
        return ()
    return _parts(policy, _spans(policy, known, clock.begins_at, clock.met_at or now))


def _known(history: Sequence[Event], now: datetime) -> Sequence[Event]:
    if not history or history[-1].at <= now:
        return history
    return [event for event in history if event.at <= now]


def _urgency(verdict: Verdict) -> tuple[bool, bool, float]:
    over, due = verdict.state not in OWED, verdict.due_at
    return over, due is None, due.timestamp() if due else verdict.remaining.total_seconds()


def _state(policy: Policy, target: Target, clock: _Clock, spans: Sequence[_Span], counted: timedelta) -> State:
    if clock.met_at is not None:
        return State.MET if counted <= target.within else State.MET_LATE
    if counted >= target.within:
        return State.BREACHED
    if spans and not spans[-1].runs:
        return State.PAUSED
    warned = target.warn_before and counted >= target.within - target.warn_before
    return State.WARNED if warned else State.RUNNING


def _ahead(
    policy: Policy, target: Target, spans: Sequence[_Span], counted: timedelta, state: State
) -> tuple[datetime | None, datetime | None]:
    """When it will be due and when it will be, or was, warned of, if nothing happens until then."""
    if (state is not State.RUNNING and state is not State.WARNED) or not spans:
        return None, None
    here = spans[-1].ends_at
    try:
        due_at = add(policy.calendar, here, target.within - counted)
    except NeverOpens:
        return None, None  # a calendar without hours promises nothing that could be broken
    left = target.within - counted - target.warn_before
    if not target.warn_before or state is State.WARNED:
        return due_at, None
    return due_at, add(policy.calendar, here, left)


def _spans(policy: Policy, history: Sequence[Event], begins_at: datetime, until: datetime) -> Iterator[_Span]:
    """The time from one moment to another, cut where the clock stops or goes on again."""
    state, closed, here = "", False, begins_at
    for event in history:
        if event.at > until:
            break
        if event.at > here:
            yield _Span(here, event.at, not closed and state not in policy.pauses_in, state)
            here = event.at
        state = event.state or state
        closed = _is_closed(event, closed)
    # Without length when it stopped, or went on again, at this very moment.
    yield _Span(here, until, not closed and state not in policy.pauses_in, state)


def _joined(spans: Iterable[_Span]) -> list[_Span]:
    """The same time, cut only where the clock stops or goes on again: each piece costs a reckoning."""
    found: list[_Span] = []
    for span in spans:
        if found and found[-1].runs == span.runs:
            found[-1] = _Span(found[-1].begins_at, span.ends_at, span.runs, span.state)
        else:
            found.append(span)
    return found


def _is_closed(event: Event, before: bool) -> bool:
    what = event.what
    if what is Happening.CLOSED:
        return True
    return before and what is not Happening.OPENED and what is not Happening.REOPENED


def _worked(policy: Policy, span: _Span) -> timedelta:
    return between(policy.calendar, span.begins_at, span.ends_at) if span.runs else ZERO


def _moment_of(policy: Policy, spans: Sequence[_Span], worked: Sequence[timedelta], wanted: timedelta) -> datetime:
    """When that much had been counted."""
    for span, counted in zip(spans, worked, strict=True):
        if span.runs and counted >= wanted:
            return add(policy.calendar, span.begins_at, wanted)
        wanted -= counted
    raise ValueError("less than that was counted")


def _parts(policy: Policy, spans: Iterable[_Span]) -> tuple[Part, ...]:
    found: list[Part] = []
    for span in spans:
        if not span.runs:
            found.append(Part(span.begins_at, span.ends_at, False, span.state))
            continue
        for one in segments(policy.calendar, span.begins_at, span.ends_at):
            found.append(Part(one.begins_at, one.ends_at, True, span.state))
    return tuple(found)


def _first(history: Iterable[Event], what: Happening, after: datetime | None = None) -> datetime | None:
    """Not one at the same moment as `after`: an answer comes after the question."""
    for one in history:
        if one.what is what and (after is None or one.at > after):
            return one.at
    return None


def _first_response(target: Target, history: Sequence[Event]) -> _Clock:
    return _Clock(_first(history, Happening.OPENED), _first(history, Happening.REPLIED))


def _solution(target: Target, history: Sequence[Event]) -> _Clock:
    closed_at: datetime | None = None
    for one in history:
        if one.what is Happening.CLOSED:
            closed_at = one.at
        elif one.what is Happening.REOPENED or one.what is Happening.OPENED:
            closed_at = None
    return _Clock(_first(history, Happening.OPENED), closed_at)


def _reach(target: Target, history: Sequence[Event]) -> _Clock:
    reached = next((one.at for one in history if one.state == target.state), None)
    return _Clock(_first(history, Happening.OPENED), reached)


def _update(target: Target, history: Sequence[Event]) -> _Clock:
    """The turn that goes on now; without one, the last that was answered.

    Whoever asks thrice before he is answered has waited since his first question.
    """
    begins: datetime | None = None
    last = _Clock(None, None)
    for event in history:
        if event.what is Happening.REPLIED:
            last = _Clock(begins, event.at) if begins else last
            begins = event.at if target.since_reply else None
        elif event.what is Happening.CLOSED:
            begins = None
        elif _asks(event, target) and begins is None:
            begins = event.at
    return _Clock(begins, None) if begins else last


def _asks(event: Event, target: Target) -> bool:
    if target.since_reply:
        return event.what in {Happening.OPENED, Happening.REOPENED}
    return event.what is Happening.ASKED


_CLOCKS = {
    Kind.FIRST_RESPONSE: _first_response,
    Kind.UPDATE: _update,
    Kind.SOLUTION: _solution,
    Kind.REACH: _reach,
}
