"""What Asterisk says, in a few words of ours: its events read once, and nothing believed that is not needed.

An event we do not know, or that lacks what it should have, is no fact at all: `read` gives None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perezvon.ports.telephony import Cause

_LONGEST = 64
_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")
_WITHHELD = {"", "anonymous", "unknown", "restricted", "unavailable"}

# Q.850 causes as `AST_CAUSE_*` in Asterisk's causes.h.
_CAUSES = {
    1: Cause.INVALID_NUMBER,
    2: Cause.UNREACHABLE,
    3: Cause.UNREACHABLE,
    17: Cause.BUSY,
    18: Cause.NO_ANSWER,
    19: Cause.NO_ANSWER,
    20: Cause.UNREACHABLE,
    21: Cause.DECLINED,
    27: Cause.UNREACHABLE,
    28: Cause.INVALID_NUMBER,
    34: Cause.UNREACHABLE,
    38: Cause.UNREACHABLE,
    41: Cause.UNREACHABLE,
    42: Cause.UNREACHABLE,
    44: Cause.LINK_LOST,
    58: Cause.UNREACHABLE,
}
_NUMBERS = {
    Cause.NORMAL: 16,
    Cause.BUSY: 17,
    Cause.NO_ANSWER: 19,
    Cause.DECLINED: 21,
    Cause.UNREACHABLE: 27,
    Cause.INVALID_NUMBER: 1,
    Cause.LINK_LOST: 41,
    Cause.SWITCH: 41,
}


def cause_of(number: object) -> Cause:
    """NORMAL also for 0 and for causes that say nothing, as 127 of a caller who gives up while it rings."""
    return _CAUSES.get(number, Cause.NORMAL) if isinstance(number, int) else Cause.NORMAL


def number_of(cause: Cause) -> int:
    """What Asterisk is to tell the far end."""
    return _NUMBERS[cause]


@dataclass(frozen=True, slots=True)
class Channel:
    """line, caller: of a call from outside. is_in: it is in our application, by its dialplan."""

    channel_id: str
    is_up: bool
    line: str = ""
    caller: str | None = None
    record: bool = True
    is_in: bool = False


@dataclass(frozen=True, slots=True)
class Arrived:
    """A channel is ours to command now. replaces: it took another one's place, after a transfer by a phone."""

    channel: Channel
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Rang:
    channel_id: str


@dataclass(frozen=True, slots=True)
class Left:
    """The far end hung up, or refused."""

    channel_id: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class Gone:
    """There is no such channel any more. cause: NORMAL also when nobody knows."""

    channel_id: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class Released:
    """The channel is no longer ours to command; mostly because it is about to be Gone."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class Pressed:
    channel_id: str
    digit: str


@dataclass(frozen=True, slots=True)
class Played:
    playback_id: str
    heard: bool


@dataclass(frozen=True, slots=True)
class Emptied:
    """The last channel left that bridge."""

    bridge_id: str


@dataclass(frozen=True, slots=True)
class TransferAsked:
    """A phone asked for a transfer by itself (REFER)."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class Echo:
    """Our own event came back: events flow."""

    mark: str


@dataclass(frozen=True, slots=True)
class Replaced:
    """Somebody else took our application over."""


type Fact = Arrived | Rang | Left | Gone | Released | Pressed | Played | Emptied | TransferAsked | Echo | Replaced


def read(event: Mapping[str, Any]) -> Fact | None:
    """One event of the websocket."""
    reader = _READERS.get(str(event.get("type")))
    if reader is None:
        return None
    try:
        return reader(event)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None


def time_of(event: Mapping[str, Any], otherwise: datetime) -> datetime:
    """When Asterisk says it happened, unless it does not say or its clock is more than a minute from ours."""
    try:
        said = datetime.strptime(event["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z")
    except (KeyError, TypeError, ValueError):
        return otherwise
    return said if abs((said - otherwise).total_seconds()) < 60 else otherwise


def read_channel(channel: Mapping[str, Any], args: list[str]) -> Channel:
    """args: as given to Stasis() after the application: the line, and `unrecorded` where the caller wants that."""
    number = str(channel.get("caller", {}).get("number", "")).strip()[:_LONGEST]
    return Channel(
        str(channel["id"]),
        channel.get("state") == "Up",
        line=args[0].strip()[:_LONGEST] if args else "",
        caller=number if number.lower() not in _WITHHELD else None,
        record="unrecorded" not in args[1:],
    )


def listed(channel: Mapping[str, Any], app: str) -> Channel:
    """A channel in the answer of `GET /channels`."""
    plan = channel.get("dialplan", {})
    name, *args = str(plan.get("app_data", "")).split(",")
    is_in = plan.get("app_name") == "Stasis" and name == app
    found = read_channel(channel, args)
    return Channel(found.channel_id, found.is_up, found.line, found.caller, found.record, is_in)


def is_number(text: str) -> bool:
    """Whether it may be dialled: digits, with a plus before and a star or hash within."""
    return _NUMBER.fullmatch(text) is not None


def _arrived(event: Mapping[str, Any]) -> Arrived:
    channel = read_channel(event["channel"], [str(arg) for arg in event["args"]])
    return Arrived(channel, replaces=str(event.get("replace_channel", {}).get("id", "")))


def _state_changed(event: Mapping[str, Any]) -> Rang | None:
    channel = event["channel"]
    return Rang(channel["id"]) if channel["state"] == "Ringing" else None


def _dialled(event: Mapping[str, Any]) -> Rang | None:
    return Rang(event["peer"]["id"]) if event["dialstatus"] in {"RINGING", "PROGRESS"} else None


def _hangup_asked(event: Mapping[str, Any]) -> Left | None:
    """A soft one is Asterisk's own, or ours; of these only a lost sound path (44) says more than the end will."""
    cause = cause_of(event.get("cause"))
    if event.get("soft") and cause is not Cause.LINK_LOST:
        return None
    return Left(event["channel"]["id"], cause)


def _played(event: Mapping[str, Any]) -> Played:
    return Played(event["playback"]["id"], event["playback"]["state"] == "done")


def _left_bridge(event: Mapping[str, Any]) -> Emptied | None:
    bridge = event["bridge"]
    return None if bridge["channels"] else Emptied(bridge["id"])


_READERS: dict[str, Callable[[Mapping[str, Any]], Fact | None]] = {
    "StasisStart": _arrived,
    "ChannelStateChange": _state_changed,
    "Dial": _dialled,
    "ChannelHangupRequest": _hangup_asked,
    "ChannelDestroyed": lambda event: Gone(event["channel"]["id"], cause_of(event.get("cause"))),
    "StasisEnd": lambda event: Released(event["channel"]["id"]),
    "ChannelDtmfReceived": lambda event: Pressed(event["channel"]["id"], str(event["digit"])[:1]),
    "PlaybackFinished": _played,
    "ChannelLeftBridge": _left_bridge,
    "ChannelTransfer": lambda event: TransferAsked(event["referred_by"]["source_channel"]["id"]),
    "ChannelUserevent": lambda event: Echo(str(event["userevent"].get("mark", ""))),
    "ApplicationReplaced": lambda event: Replaced(),
}
