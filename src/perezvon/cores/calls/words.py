"""What the call core is told and what it says: configuration, requests of people, facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from perezvon.kernel.ids import AgentId, CallId, QueueId


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Phase(StrEnum):
    """Where a call stands, for the operator's desk.

    greeting -> queued -> ringing -> talking <-> held / consulting -> ended; an outgoing one begins as dialling.
    """

    GREETING = "greeting"
    QUEUED = "queued"
    RINGING = "ringing"
    DIALLING = "dialling"
    TALKING = "talking"
    HELD = "held"
    CONSULTING = "consulting"
    ENDED = "ended"


class Role(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    COLLEAGUE = "colleague"
    SUPERVISOR = "supervisor"


class Stretch(StrEnum):
    """Kinds of segments of a contact: what reports add up."""

    GREETING = "greeting"
    QUEUE = "queue"
    RING = "ring"
    DIAL = "dial"
    TALK = "talk"
    HOLD = "hold"
    CONSULT = "consult"
    WRAP_UP = "wrap_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSet:
    """A number or page that customers call.

    return_s: within it a dropped caller comes back to the same operator.
    switch: the telephone system that it belongs to, when there are several; as in `Snapshot.switch`.
    """

    line: str
    version: int
    queue: QueueId
    shown: str = ""
    greeting: tuple[str, ...] = ("greeting",)
    notice: tuple[str, ...] = ("recording_notice",)
    language: str = "ru"
    record: bool = True
    announce_every_s: float = 30.0
    return_s: float = 300.0
    patience_s: float = 20.0
    switch: str = ""


# --- where a call may be sent -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """One of the three: an operator, a group's queue, or a number in digits."""

    agent: AgentId | None = None
    queue: QueueId | None = None
    number: str | None = None

    def __bool__(self) -> bool:
        return self != NOWHERE


NOWHERE = Target()


# --- what people ask for ----------------------------------------------------------------------------


class Act(StrEnum):
    """What an operator may ask of a call; the call bar shows those that are legal now.

    The last four are a supervisor's: he hears the conversation; the operator alone hears him; all hear him; it is his.
    """

    ANSWER = "answer"
    DECLINE = "decline"
    REDIRECT = "redirect"
    HOLD = "hold"
    RETRIEVE = "retrieve"
    MUTE = "mute"
    UNMUTE = "unmute"
    DIGITS = "digits"
    CONSULT = "consult"
    CANCEL_CONSULT = "cancel_consult"
    TRANSFER = "transfer"
    COMPLETE_TRANSFER = "complete_transfer"
    CONFERENCE = "conference"
    PAUSE_RECORDING = "pause_recording"
    RESUME_RECORDING = "resume_recording"
    HANG_UP = "hang_up"
    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    TAKE_OVER = "take_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A person's click. Past `expires_at` it is refused and nothing else happens."""

    request_id: UUID
    agent: AgentId
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest(Request):
    """seen: the version of the call he was looking at; None when it does not matter.

    On a call that has moved on since, the click may not mean what he meant: it is refused.
    """

    call_id: CallId
    act: Act
    seen: int | None = None
    target: Target = NOWHERE
    digits: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOut(Request):
    """Call `number` from `line`, the operator's own phone first. queue: for wrap-up and reports."""

    call_id: CallId
    number: str
    line: str
    continues: UUID | None = None


# --- facts: what happened, for history, reports and desks -------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that is so from `at` on. contact_id: the conversation it belongs to in the history."""

    contact_id: UUID
    call_id: CallId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactBegan(Fact):
    """number: E.164 digits, None when withheld. continues: this call goes on with an open contact."""

    direction: Direction
    line: str
    queue: QueueId | None
    number: str | None
    agent: AgentId | None = None
    continues: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentBegan(Fact):
    segment_id: UUID
    kind: Stretch
    queue: QueueId | None = None
    agent: AgentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEnded(Fact):
    """outcome: answered, missed, declined, abandoned, cancelled, redirected, busy, … or "" for a plain end."""

    segment_id: UUID
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingBegan(Fact):
    recording_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingReady(Fact):
    recording_id: UUID
    path: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRefused(Fact):
    """The customer does not want to be recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEnded(Fact):
    """ended_by: customer, agent, abandoned, failed, link, transferred. cause: the switch's word unless normal."""

    ended_by: str
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpOver(Fact):
    agent: AgentId
    timed_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentMoved:
    """An operator's state from `at` on, for the log that begins with his first day."""

    agent: AgentId
    status: str
    reason: str
    by: AgentId | None
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefused:
    """code: expired, outdated, not_possible, gone, no_target, busy, unreachable, invalid_number, no_line.

    Or what the switch said when it could not do it.
    """

    request_id: UUID
    agent: AgentId
    code: str
    at: datetime
    call_id: CallId | None = None
