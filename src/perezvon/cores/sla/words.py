"""The words of a service level.

A policy promises targets, each within so much working time of the policy's calendar:

    first_response   from the opening to our first answer
    update           from a client's question (or, `since_reply`, from our last answer) to our next answer
    solution         from the opening to the closing; reopening takes the closing back
    reach            from the opening until a given state is entered for the first time

A clock runs only in working time, and stands still while the case is in a state that the policy excuses ("waiting for
the client") or closed. What is counted then adds up over the pauses; a breach is the moment at which the promised time
was used up before the target was met, and it stays: a target met late was broken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from perezvon.cores.worktime import Calendar


class Kind(StrEnum):
    FIRST_RESPONSE = "first_response"
    UPDATE = "update"
    SOLUTION = "solution"
    REACH = "reach"


class Happening(StrEnum):
    """asked: the client wrote or called. replied: we answered him. moved: into the event's state."""

    OPENED = "opened"
    ASKED = "asked"
    REPLIED = "replied"
    MOVED = "moved"
    CLOSED = "closed"
    REOPENED = "reopened"


class State(StrEnum):
    """idle: nothing is owed now. running, paused, warned, breached: it is still owed. met, met_late: it was done."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    WARNED = "warned"
    BREACHED = "breached"
    MET = "met"
    MET_LATE = "met_late"


OWED = frozenset({State.RUNNING, State.PAUSED, State.WARNED, State.BREACHED})


class Event(NamedTuple):
    """state: of the case from then on; "" leaves it as it is."""

    what: Happening
    at: datetime
    state: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """within: working time promised. warn_before: so much working time ahead it is warned of. state: for `reach`."""

    kind: Kind
    within: timedelta
    warn_before: timedelta = timedelta(0)
    state: str = ""
    since_reply: bool = False

    def __post_init__(self) -> None:
        if self.within <= timedelta(0) or self.warn_before < timedelta(0):
            raise ValueError("a target promises some time and warns before it is over")
        if (self.kind is Kind.REACH) != bool(self.state):
            raise ValueError("a target of the kind reach, and no other, names a state")


@dataclass(frozen=True, slots=True)
class Policy:
    """pauses_in: states in which its clocks stand still."""

    code: str
    calendar: Calendar
    targets: tuple[Target, ...]
    pauses_in: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of working time that was counted, or of a pause. state: the case's at that time."""

    begins_at: datetime
    ends_at: datetime
    is_counted: bool
    state: str = ""


class Verdict(NamedTuple):
    """How one target stands at a moment.

    due_at: when the promised time is, or was, used up; None while it stands still before that, and when idle.
    warn_at: when a warning is due, likewise. counted: working time used. remaining: negative once it is broken.
    """

    policy: str
    target: Target
    state: State
    counted: timedelta
    due_at: datetime | None = None
    warn_at: datetime | None = None
    met_at: datetime | None = None

    @property
    def remaining(self) -> timedelta:
        return self.target.within - self.counted

    @property
    def is_broken(self) -> bool:
        return self.state in {State.BREACHED, State.MET_LATE}
