"""What we want of Asterisk: REST requests and manager actions, and the little that is remembered of a channel."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from perezvon.cores.switchboard import Call, Leg
from perezvon.kernel.ids import CallId, LegId
from perezvon.ports.telephony import Supervision

MEMORY = "PEREZVON"
RECORDING = "PEREZVON_RECORDING"
SPOOL = "perezvon."


class Weight(StrEnum):
    """What it means for the leg when an order fails: it was never reached, it is broken, or nothing."""

    REACH = "reach"
    NEED = "need"
    WISH = "wish"


@dataclass(frozen=True, slots=True)
class Request:
    """A REST request. line: orders of one line are carried out one after another."""

    line: str
    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, object] | None = None
    leg_id: LegId | None = None
    weight: Weight = Weight.WISH


@dataclass(frozen=True, slots=True)
class Action:
    """An action of the manager interface (AMI)."""

    line: str
    name: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Fetch:
    """Bring the sound of an ended recording home, and report it."""

    line: str
    call_id: CallId
    recording_id: UUID


type Order = Request | Action | Fetch


@dataclass(slots=True)
class Wire:
    """How a leg's channel stands as far as we have ordered it.

    is_in: the channel takes commands. bridge: where it is; None is alone. snoops: channels through which this
    supervisor whispers, by the leg that hears him.
    """

    channel_id: str
    is_in: bool = False
    is_gone: bool = False
    bridge: str | None = None
    music: bool = False
    playback: UUID | None = None
    muted: bool = False
    snoops: dict[LegId, str] = field(default_factory=dict)


def channel_of(leg: Leg) -> str:
    """The id we give to a channel that we make."""
    return f"{leg.call_id}.{leg.leg_id}"


def talk_bridge(call_id: CallId) -> str:
    return f"{call_id}.talk"


def whisper_bridge(leg: Leg) -> str:
    return f"{leg.call_id}.{leg.leg_id}.whisper"


def is_our_bridge(bridge_id: str) -> bool:
    return bridge_id.endswith((".talk", ".whisper"))


def is_snoop(channel_id: str) -> bool:
    return channel_id.endswith(".snoop")


def spool_name(call_id: CallId, recording_id: UUID) -> str:
    """Of the file in Asterisk's folder of recordings, without its ending."""
    return f"{SPOOL}{call_id}.{recording_id}"


def remember(leg: Leg, call: Call) -> str:
    """What a channel carries, for a connector that starts anew to know it by."""
    return json.dumps(
        {
            "call": str(leg.call_id),
            "leg": str(leg.leg_id),
            "address": leg.address,
            "line": call.line,
            "caller": call.caller,
            "mode": leg.mode,
            "dialled": leg.ring_until is not None,
        },
        ensure_ascii=True,
        separators=(",", ":"),
    )


@dataclass(frozen=True, slots=True)
class Remembered:
    leg: Leg
    line: str
    caller: str | None
    dialled: bool


def recall(memory: str) -> Remembered | None:
    """The leg of which `remember` spoke; None when that makes no sense."""
    try:
        said = json.loads(memory)
        mode = Supervision(said["mode"]) if said["mode"] else None
        leg = Leg(LegId(UUID(said["leg"])), CallId(UUID(said["call"])), str(said["address"]), mode=mode)
        caller = said["caller"] if isinstance(said["caller"], str) else None
        return Remembered(leg, str(said["line"]), caller, bool(said["dialled"]))
    except (ValueError, KeyError, TypeError):
        return None
