"""Calls and legs as the board keeps them. Only the board changes them; sound and simulation read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from perezvon.kernel.ids import CallId, LegId
from perezvon.ports.telephony import CallSnapshot, LegSnapshot, Supervision, SwitchEvent

_AGENT = "agent:"


def is_agent(address: str) -> bool:
    """Whether `address` is an operator's phone; anything else is a number of the outside world."""
    return address.startswith(_AGENT)


@dataclass(slots=True)
class Leg:
    """One party's connection.

    music: what a held leg hears; empty is silence. prompt: the Play command being played, if any.
    ring_until: when an unanswered dialled leg gives up; None for a caller.
    mode: set for a supervisor's leg.
    """

    leg_id: LegId
    call_id: CallId
    address: str
    ring_until: datetime | None = None
    answer_at_once: bool = False
    mode: Supervision | None = None
    delivered: bool = False
    answered: bool = False
    joined: bool = False
    muted: bool = False
    music: str = ""
    prompt: UUID | None = None

    @property
    def is_agent(self) -> bool:
        return is_agent(self.address)

    def snapshot(self) -> LegSnapshot:
        return LegSnapshot(self.leg_id, self.address, self.answered, self.joined, self.muted)


@dataclass(slots=True)
class Recording:
    """One file in the making. silences: from when to when it was paused; an open end is None."""

    recording_id: UUID
    call_id: CallId
    started_at: datetime
    silences: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    @property
    def is_paused(self) -> bool:
        return bool(self.silences) and self.silences[-1][1] is None

    def pause(self, now: datetime) -> None:
        if not self.is_paused:
            self.silences.append((now, None))

    def resume(self, now: datetime) -> None:
        if self.is_paused:
            self.silences[-1] = (self.silences[-1][0], now)


@dataclass(slots=True)
class Call:
    """line: what was called, or for a call we make, the number we show. caller: None also when we call."""

    call_id: CallId
    line: str
    caller: str | None = None
    legs: dict[LegId, Leg] = field(default_factory=dict)
    recording: Recording | None = None

    @property
    def customer(self) -> Leg | None:
        """The first outside party: the left channel of the recording, and deaf to whispers."""
        return next((leg for leg in self.legs.values() if not leg.is_agent), None)

    def joined(self) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.joined]

    def snapshot(self) -> CallSnapshot:
        return CallSnapshot(self.call_id, self.line, self.caller, tuple(leg.snapshot() for leg in self.legs.values()))


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of the switch: what it said, if it said anything, and how that call stood afterwards.

    call: None when the call is over, or when the step was about no call.
    """

    call_id: CallId | None
    call: CallSnapshot | None
    event: SwitchEvent | None
