"""What the people at the far ends will do: given beforehand, so that the same scripts make the same day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WhoEnds(StrEnum):
    """Who hangs up after the talk."""

    CALLER = "caller"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Press:
    """Keys pressed `after_s` after the call was answered."""

    after_s: float
    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One caller.

    patience_s: hangs up when nobody has talked to him so long after he arrived; None waits for ever.
    talk_s: how long after he was first joined the talk ends, by whom says `ends`; None leaves it to others.
    calls_back_after_s: having lost his patience, he tries once more so much later.
    """

    arrives_at: datetime
    line: str
    caller: str | None
    record: bool = True
    patience_s: float | None = None
    presses: tuple[Press, ...] = ()
    talk_s: float | None = None
    ends: WhoEnds = WhoEnds.CALLER
    calls_back_after_s: float | None = None


class Outcome(StrEnum):
    """What becomes of a call that we make."""

    ANSWERS = "answers"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINES = "declines"
    UNREACHABLE = "unreachable"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class FarEnd:
    """What happens when a number is dialled: `after_s` after it began to ring, or after dialling if it never rings.

    talk_s: how long after it was joined it hangs up by itself; None never does.
    """

    outcome: Outcome = Outcome.ANSWERS
    after_s: float = 2.0
    talk_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """An operator's phone within reach. answers_after_s: picks up by itself, for runs without people."""

    answers_after_s: float | None = None
