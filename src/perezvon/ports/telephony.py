"""What we ask of a telephone system, in our words (CSTA where it has one).

**A call** is one conversation with one customer, from the first ring to the last goodbye. It keeps its
`call_id` through hold, consultation and transfer. **A leg** is one party's connection to it: the customer's,
an operator's, a colleague's. All ids are chosen by whoever creates the thing: the switch names a call that
comes in and its first leg, we name every leg that we dial.

A leg that has answered is in one of two places:

- *joined*: in the conversation, where all joined legs hear each other;
- *held*: alone, hearing music or a prompt. A leg is held when it has just answered.

That is all a switch has to know. Hold is `Hold` of the customer's leg; consultation is `Hold` of the
customer and `Dial` of a colleague into the conversation; completing the transfer is `Clear` of oneself and
`Join` of the customer; a conference is `Join` without the `Clear`.

A command is never answered directly: its outcome is an event, at the latest `CommandRefused`. The same
`command_id` given twice does no harm. Unknown events are ignored by whoever reads them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from perezvon.kernel.ids import CallId, LegId


class Cause(StrEnum):
    """Why a leg ended or could not begin."""

    NORMAL = "normal"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    INVALID_NUMBER = "invalid_number"
    LINK_LOST = "link_lost"
    SWITCH = "switch"


class Supervision(StrEnum):
    """How a supervisor's leg takes part."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"


# --- events: what the switch says -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """Something happened at `at`, by the switch's clock. `event_id` is the switch's: a repeat has the same."""

    event_id: UUID
    call_id: CallId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered(CallEvent):
    """A call from outside waits on one of our lines, unanswered.

    line: the number or page that was called. caller: as the network gave it; None when withheld.
    record: False when the caller said beforehand that he does not want to be recorded.
    """

    leg_id: LegId
    line: str
    caller: str | None
    record: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEvent(CallEvent):
    leg_id: LegId


class Delivered(LegEvent):
    """A leg that we dialled rings at the far end."""


class Established(LegEvent):
    """A leg was answered. It is held, in silence, until told otherwise."""


class Joined(LegEvent):
    """The leg is in the conversation now."""


class Held(LegEvent):
    """The leg left the conversation and hears music."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted(LegEvent):
    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Digits(LegEvent):
    """Keys pressed by that party."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptEnded(LegEvent):
    """The prompt of `command_id` was played to its end or cut short."""

    command_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionCleared(LegEvent):
    """A leg is gone. by_party: that party hung up itself; otherwise it was cleared by command or fault.

    A dialled leg that never answered ends with this too, its cause says why.
    """

    cause: Cause
    by_party: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStopped(CallEvent):
    """The sound is complete in `path`, a stereo WAV: customer left, the others right."""

    recording_id: UUID
    path: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused(CallEvent):
    """The switch cannot do what was asked: the leg is gone, or it never could.

    reason: a word for programs and logs, e.g. unknown_leg, not_answered, not_held, unknown_prompt, no_space.
    """

    command_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChanged:
    """An operator's phone came within reach or left it. address: as in `Dial.to`."""

    event_id: UUID
    address: str
    reachable: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class LegSnapshot:
    leg_id: LegId
    address: str
    answered: bool
    joined: bool
    muted: bool = False


@dataclass(frozen=True, slots=True)
class CallSnapshot:
    call_id: CallId
    line: str
    caller: str | None
    legs: tuple[LegSnapshot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything the switch knows, first after each (re)connection. What is not in it is over.

    switch: whose it is, when there are several; the engine writes it in.
    """

    event_id: UUID
    at: datetime
    switch: str = ""
    calls: tuple[CallSnapshot, ...] = ()
    devices: tuple[str, ...] = ()


type SwitchEvent = CallEvent | DeviceChanged | Snapshot


# --- commands: what we ask ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCommand:
    command_id: UUID
    call_id: CallId


@dataclass(frozen=True, slots=True, kw_only=True)
class LegCommand(CallCommand):
    leg_id: LegId


class Answer(LegCommand):
    """Pick up an offered call, or let an operator's ringing phone answer. Outcome: Established."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial(LegCommand):
    """Make a new leg and ring it. Outcome: Delivered, then Established or ConnectionCleared.

    to: `agent:<id>` for an operator's phone, else a number in E.164 digits.
    shown: the number that the far end sees. ring_s: how long before NO_ANSWER.
    answer_at_once: the phone needs no click (outgoing calls ring the operator's own phone this way).
    """

    to: str
    shown: str = ""
    ring_s: float = 30.0
    answer_at_once: bool = False


class Join(LegCommand):
    """Put an answered leg into the conversation. Outcome: Joined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(LegCommand):
    """Take it out, with music. Outcome: Held."""

    music: str = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Play(LegCommand):
    """Play prompts one after another to a held leg, then music again. Outcome: PromptEnded.

    prompts: names of sounds, e.g. ("greeting", "recording_notice", "number.3").
    """

    prompts: tuple[str, ...]
    language: str = "ru"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute(LegCommand):
    """Whether the others hear this leg. Outcome: Muted."""

    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDigits(LegCommand):
    """Press keys towards that leg. No event on success."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear(LegCommand):
    """End a leg, ringing or not. Outcome: ConnectionCleared."""

    cause: Cause = Cause.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervise(LegCommand):
    """Dial a supervisor into a running conversation, or change how an existing one takes part.

    His phone answers at once. Outcome: Delivered, Established and Joined; of a change, Joined again.
    """

    to: str
    mode: Supervision


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRecording(CallCommand):
    """Record all joined legs until the call ends. Outcome: RecordingStopped, at the end."""

    recording_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRecording(CallCommand):
    """Write silence instead of sound while paused, so that the duration stays honest."""

    recording_id: UUID
    paused: bool


# --- the connector --------------------------------------------------------------------------------


class Can(StrEnum):
    """What a connector may or may not be able to do; the contract suite asks only for what it claims."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    HOLD = "hold"
    MUTE = "mute"
    DIGITS = "digits"
    PROMPTS = "prompts"
    RECORDING = "recording"
    SUPERVISION = "supervision"


@dataclass(frozen=True, slots=True)
class Manifest:
    kind: str
    title: str
    can: frozenset[Can] = field(default_factory=frozenset)


class TelephonyConnector(Protocol):
    """One telephone system. No channel names, SIP causes or HTML get out."""

    manifest: Manifest

    async def check(self) -> None:
        """Log in and read something harmless. Raises TryLater or Refused."""

    def events(self) -> AsyncIterator[SwitchEvent]:
        """What happens, as it happens. Reconnects by itself; a Snapshot comes first after each time.

        Asking for the next event confirms the last one. The Snapshot shows how things stood at the last
        confirmation, and what was said since is told after it: nothing is missed, and what is told twice has the
        same event_id.
        """

    async def do(self, command: CallCommand) -> None:
        """Send it; the outcome arrives in `events`. Raises TryLater when the link is down."""

    async def close(self) -> None:
        """Stop reading events; the calls go on."""
