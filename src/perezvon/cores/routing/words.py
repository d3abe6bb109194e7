"""What goes into the routing core and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from perezvon.kernel.ids import AgentId, QueueId

type ItemId = str
"""An opaque reference to a piece of work: "call:<uuid>", later "chat:…", "case:…"."""


class Presence(StrEnum):
    """What the person, or a supervisor, asked for."""

    READY = "ready"
    NOT_READY = "not_ready"
    OUT = "out"


class AgentStatus(StrEnum):
    """What is shown and logged: the work in hand where there is some, else the presence asked for."""

    READY = "ready"
    NOT_READY = "not_ready"
    OUT = "out"
    RINGING = "ringing"
    BUSY = "busy"
    WRAP_UP = "wrap_up"
    MISSED = "missed"
    NO_PHONE = "no_phone"


class WrapUp(StrEnum):
    """How work after the contact goes (UX.md §1.2). NONE: at once free; LOCKED: timed, no early exit."""

    NONE = "none"
    OPTIONAL = "optional"
    MANDATORY = "mandatory"
    TIMED = "timed"
    LOCKED = "locked"


class Reason(StrEnum):
    """Reasons that the system gives; people choose theirs from a dictionary."""

    SIGNED_IN = "system.signed_in"
    MISSED = "system.missed"
    DECLINED = "system.declined"
    AFTER_CONTACT = "system.after_contact"


# --- configuration, each with a version so that a replay sees the same ------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSet:
    """A queue as configured.

    ring_s: how long one operator is rung before the next. extensions: how often one may ask for more time to
    write; None for as often as one likes.
    """

    queue: QueueId
    version: int
    ring_s: float = 20.0
    skills: frozenset[tuple[str, int]] = frozenset()
    wrap_up: WrapUp = WrapUp.MANDATORY
    wrap_up_s: float = 60.0
    ready_after: bool = False
    extensions: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSet:
    """An operator as configured. skills: name -> level; queues: those he serves."""

    agent: AgentId
    version: int
    queues: frozenset[QueueId] = frozenset()
    skills: dict[str, int] = field(default_factory=dict)


# --- what happens -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceAsked:
    """by: who asked, the agent or a supervisor. after_contact: takes effect when the work in hand is done."""

    agent: AgentId
    presence: Presence
    by: AgentId
    reason: str = ""
    after_contact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneReachable:
    """switch: which telephone system says so; within reach of one is within reach."""

    agent: AgentId
    reachable: bool
    switch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """Work waits. boost_s: how many seconds of waiting its priority is worth.

    preferred: the operator it should go to, whatever he serves; others get it after `patience_s`.
    reopens: if this is what the preferred one is still writing up, he is rung at once and the pen laid aside.
    passed_by: who let it go by already.
    """

    item: ItemId
    queue: QueueId
    skills: frozenset[tuple[str, int]] = frozenset()
    boost_s: float = 0.0
    preferred: AgentId | None = None
    patience_s: float = 0.0
    reopens: ItemId | None = None
    passed_by: frozenset[AgentId] = frozenset()
    joined_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """The work went away by itself: the caller hung up, the transfer was called off."""

    item: ItemId


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    item: ItemId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The offer was turned down, or the phone could not be rung (missed: nobody answered it)."""

    item: ItemId
    agent: AgentId
    missed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The agent has work that no queue gave: an outgoing call, a colleague's question.

    What he was writing up is ended, what he was offered goes to the next. In the middle of other work he cannot
    take any, unless it is what becomes of that work (instead_of).
    """

    item: ItemId
    agent: AgentId
    queue: QueueId | None = None
    instead_of: ItemId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The contact is over for this agent. wrap_up False: it was none of his, he is again what he was before."""

    item: ItemId
    agent: AgentId
    wrap_up: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedUp:
    """Everything required is written."""

    item: ItemId
    agent: AgentId


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpExtended:
    """More time is wanted, as often as the queue allows."""

    item: ItemId
    agent: AgentId
    seconds: float


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


type RoutingEvent = (
    QueueSet
    | AgentSet
    | PresenceAsked
    | PhoneReachable
    | Queued
    | Withdrawn
    | Accepted
    | Declined
    | Taken
    | Finished
    | WrappedUp
    | WrapUpExtended
    | Tick
)


# --- what the core decides --------------------------------------------------------------------------
# Nobody changes these, but they are not frozen: that takes four times as long, and each decision makes several.


@dataclass(slots=True, kw_only=True)
class Offer:
    """A lease: `agent` may accept `item` until `until`; `token` rises with every offer of the item."""

    item: ItemId
    agent: AgentId
    queue: QueueId
    token: int
    until: datetime


@dataclass(slots=True, kw_only=True)
class OfferEnded:
    """The lease ran out or was given back; `missed`: nobody reacted in time."""

    item: ItemId
    agent: AgentId
    token: int
    missed: bool


@dataclass(slots=True, kw_only=True)
class WrapUpEnded:
    """After-call work is over; timed_out: the clock ended it, not the person."""

    item: ItemId
    agent: AgentId
    timed_out: bool


@dataclass(slots=True, kw_only=True)
class AgentChanged:
    """The agent's state from now on. until: when it ends by itself, if it does."""

    agent: AgentId
    status: AgentStatus
    reason: str
    by: AgentId | None
    until: datetime | None = None


type RoutingOutput = Offer | OfferEnded | WrapUpEnded | AgentChanged
