"""Escalation as data: what is to be done, so much working time before or after a promise is broken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from perezvon.cores.sla.words import Policy, State, Verdict
from perezvon.cores.worktime import NeverOpens, add

_CLOCK_RUNS = frozenset({State.RUNNING, State.WARNED, State.BREACHED})


@dataclass(frozen=True, slots=True)
class Step:
    """code: unique in its policy. offset: working time from the breach, negative ahead of it. action: the caller's."""

    code: str
    offset: timedelta
    action: str = ""


@dataclass(frozen=True, slots=True)
class DueStep:
    step: Step
    at: datetime


def steps_due(
    policy: Policy, verdict: Verdict, steps: Iterable[Step], done: Collection[str], now: datetime
) -> list[DueStep]:
    """What is to be done now and was not, in its order. done: the codes of what was done for this promise before.

    A promise that was kept, or stands still, calls for nothing.
    """
    planned = _planned(policy, verdict, steps, done)
    return sorted((one for one in planned if one.at <= now), key=lambda one: (one.at, one.step.code))


def next_step(
    policy: Policy, verdict: Verdict, steps: Iterable[Step], done: Collection[str], now: datetime
) -> datetime | None:
    """When the next of them will be due, if nothing happens until then."""
    return min((one.at for one in _planned(policy, verdict, steps, done) if one.at > now), default=None)


def _planned(policy: Policy, verdict: Verdict, steps: Iterable[Step], done: Collection[str]) -> Iterator[DueStep]:
    if verdict.due_at is None or verdict.state not in _CLOCK_RUNS:
        return
    for step in steps:
        if step.code in done:
            continue
        try:
            yield DueStep(step, add(policy.calendar, verdict.due_at, step.offset))
        except NeverOpens:
            continue  # so much working time never comes
