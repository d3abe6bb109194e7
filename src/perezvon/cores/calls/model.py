"""A call as the core knows it, and which buttons it leaves an operator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from perezvon.cores.calls.words import Act, Direction, Phase, Role, Stretch
from perezvon.kernel.ids import AgentId, CallId, LegId, QueueId
from perezvon.ports.telephony import Supervision

# How long after its end a call waits for the sound of its recording, and a greeting for its own end.
RECORDING_LIMIT = timedelta(hours=1)
GREETING_LIMIT = timedelta(minutes=3)


@dataclass(slots=True)
class Leg:
    """joined: as the switch says; wanted: as we last asked; placing: by this command, while it is
    under way. dial: the command that made it.

    until: a leg that has not answered by then, nor said why not, is given up. mode: how a supervisor takes part;
    takes_over: the call is to be his as soon as he answers.
    """

    id: LegId
    role: Role
    address: str
    agent: AgentId | None = None
    delivered: bool = False
    answered: bool = False
    joined: bool = False
    muted: bool = False
    wanted: bool = False
    placing: UUID | None = None
    dial: UUID | None = None
    until: datetime | None = None
    mode: Supervision | None = None
    takes_over: bool = False


@dataclass(slots=True)
class Segment:
    id: UUID
    kind: Stretch
    agent: AgentId | None
    began_at: datetime


@dataclass(slots=True)
class Pending:
    """Whose click a command carries out, so that the switch's refusal reaches him."""

    command_id: UUID
    request_id: UUID
    agent: AgentId
    act: Act | None = None


@dataclass(slots=True)
class Call:
    """One conversation with one customer.

    version rises with every change that a desk could see; moved: the version since when clicks mean what they do.
    owner: the operator whose contact it is (or was last); pending: his clicks not yet answered by the switch.
    consult_queue: the group of which somebody is being sought for a consultation.
    resumes: the call with which the contact began that this one goes on with. wrapped: its owner has written it up.
    brought_by: who sent the customer on to whoever is rung for him now. unreached: whom the last consultation was to
    reach and did not, as legs are addressed.
    """

    id: CallId
    contact_id: UUID
    direction: Direction
    line: str
    number: str | None
    began_at: datetime
    phase: Phase
    since: datetime
    queue: QueueId | None = None
    resumes: CallId | None = None
    version: int = 1
    moved: int = 1
    legs: list[Leg] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    owner: AgentId | None = None
    record: bool = True
    consult_queue: QueueId | None = None
    recording: UUID | None = None
    recording_asked: UUID | None = None
    recording_paused: bool = False
    recording_open: bool = False
    greeting: UUID | None = None
    queued_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    cause: str = ""
    announce_at: datetime | None = None
    preferred: AgentId | None = None
    wrapped: bool = False
    brought_by: AgentId | None = None
    unreached: str = ""

    @property
    def item(self) -> str:
        return f"call:{self.id}"

    @property
    def consult_item(self) -> str:
        return f"consult:{self.id}"

    @property
    def customer(self) -> Leg | None:
        return next((leg for leg in self.legs if leg.role is Role.CUSTOMER), None)

    @property
    def supervisors(self) -> list[Leg]:
        return [leg for leg in self.legs if leg.role is Role.SUPERVISOR]

    @property
    def is_conversation(self) -> bool:
        """One of our operators talks with the customer, or has him on hold: a supervisor can come to it."""
        owner = self.leg_of(self.owner) if self.owner is not None else None
        is_under_way = self.phase in {Phase.TALKING, Phase.HELD, Phase.CONSULTING}
        return is_under_way and owner is not None and owner.role is Role.AGENT and owner.answered

    @property
    def watch_item(self) -> str:
        """What each supervisor who takes part has in hand."""
        return f"watch:{self.id}"

    @property
    def colleague(self) -> Leg | None:
        return next((leg for leg in self.legs if leg.role is Role.COLLEAGUE), None)

    def leg(self, leg_id: LegId) -> Leg | None:
        return next((leg for leg in self.legs if leg.id == leg_id), None)

    def leg_of(self, agent: AgentId) -> Leg | None:
        return next((leg for leg in self.legs if leg.agent == agent), None)

    @property
    def is_over(self) -> bool:
        return self.phase is Phase.ENDED

    @property
    def is_done(self) -> bool:
        """Nothing about it is left to be told: it is over and written up by all, and its recording is in."""
        return self.is_over and self.wrapped and not self.segments and not self.recording_open

    def belongs_in_talk(self, leg: Leg) -> bool:
        """Whether the leg is one of those who hear each other, as the phase wants it."""
        if self.phase is Phase.TALKING:
            return True
        return leg.role is not Role.CUSTOMER and self.phase in {Phase.HELD, Phase.CONSULTING, Phase.DIALLING}

    def wakes_at(self) -> datetime | None:
        """When something must happen to it though nobody says anything."""
        times = [leg.until for leg in self.legs if leg.until and not leg.answered]
        if self.announce_at:
            times.append(self.announce_at)
        if self.phase is Phase.GREETING:
            times.append(self.since + GREETING_LIMIT)
        if self.ended_at and self.recording_open:
            times.append(self.ended_at + RECORDING_LIMIT)
        return min(times, default=None)


# Whoever does these needs a right of his own; the core does not know of rights.
SUPERVISION = frozenset({Act.LISTEN, Act.WHISPER, Act.BARGE, Act.TAKE_OVER})


def agent_address(agent: AgentId) -> str:
    return f"agent:{agent}"


def is_agent_address(address: str) -> bool:
    return address.startswith("agent:")


def legal_acts(call: Call, agent: AgentId) -> frozenset[Act]:
    """What this operator may ask of the call as it stands. The desk enables just these buttons."""
    leg = call.leg_of(agent)
    if leg is None:
        return SUPERVISION if call.is_conversation else frozenset()
    if call.is_over:
        return frozenset()
    if leg.role is Role.SUPERVISOR:
        return frozenset({Act.HANG_UP, *(SUPERVISION if leg.answered and call.is_conversation else ())})
    if not leg.answered:
        return _ringing_acts(call, leg)
    acts = {Act.HANG_UP, Act.UNMUTE if leg.muted else Act.MUTE}
    if agent != call.owner or leg.role is not Role.AGENT:
        return frozenset(acts)
    return frozenset(acts | _owner_acts(call))


def _ringing_acts(call: Call, leg: Leg) -> frozenset[Act]:
    if call.phase is Phase.DIALLING:
        return frozenset({Act.ANSWER, Act.DECLINE, Act.HANG_UP})
    return frozenset({Act.ANSWER, Act.DECLINE, *([Act.REDIRECT] if leg.role is Role.AGENT else [])})


def _owner_acts(call: Call) -> set[Act]:
    customer, colleague = call.customer, call.colleague
    if customer is None or not customer.answered:
        return set()
    acts = {Act.DIGITS}
    if call.recording_open:
        acts.add(Act.RESUME_RECORDING if call.recording_paused else Act.PAUSE_RECORDING)
    if call.phase is Phase.CONSULTING:
        acts.add(Act.CANCEL_CONSULT)
        if colleague and colleague.answered:
            acts |= {Act.COMPLETE_TRANSFER, Act.CONFERENCE}
    elif colleague is None:
        acts |= {Act.CONSULT, Act.TRANSFER, Act.RETRIEVE if call.phase is Phase.HELD else Act.HOLD}
    return acts
