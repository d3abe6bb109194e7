"""A call as the core knows it, and which buttons it leaves an operator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from perezvon.cores.calls.words import Act, Direction, Phase, Role, Stretch
from perezvon.kernel.ids import AgentId, CallId, LegId, QueueId


@dataclass(slots=True)
class Leg:
    id: LegId
    role: Role
    address: str
    agent: AgentId | None = None
    delivered: bool = False
    answered: bool = False
    joined: bool = False
    muted: bool = False


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


@dataclass(slots=True)
class Call:
    """One conversation with one customer. version rises with every change that a desk could see.

    owner: the operator whose contact it is (or was last); pending: his clicks not yet answered by the switch.
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
    version: int = 1
    legs: list[Leg] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    owner: AgentId | None = None
    record: bool = True
    recording: UUID | None = None
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

    @property
    def item(self) -> str:
        return f"call:{self.id}"

    @property
    def customer(self) -> Leg | None:
        return next((leg for leg in self.legs if leg.role is Role.CUSTOMER), None)

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


def agent_address(agent: AgentId) -> str:
    return f"agent:{agent}"


def legal_acts(call: Call, agent: AgentId) -> frozenset[Act]:
    """What this operator may ask of the call as it stands. The desk enables just these buttons."""
    leg = call.leg_of(agent)
    if leg is None or call.is_over:
        return frozenset()
    if not leg.answered:
        return frozenset({Act.ANSWER, Act.DECLINE} | ({Act.REDIRECT} if leg.role is Role.AGENT else set()))
    acts = {Act.HANG_UP, Act.UNMUTE if leg.muted else Act.MUTE}
    if agent != call.owner or leg.role is not Role.AGENT:
        return frozenset(acts)
    return frozenset(acts | _owner_acts(call))


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
