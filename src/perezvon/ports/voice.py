"""What our pages ask of the switch that carries sound from browsers: to take their connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from perezvon.kernel.ids import AgentId, CallId, LegId


@dataclass(frozen=True, slots=True)
class BrowserCall:
    """A customer's browser is connected. answer: the SDP for it."""

    call_id: CallId
    leg_id: LegId
    answer: str


class VoiceGateway(Protocol):
    """All methods raise TryLater when the switch is away, Refused for an offer it can't take, NotFound for a leg."""

    def call(self, *, line: str, caller: str | None, record: bool, offer: str, address: str) -> BrowserCall:
        """Connect a customer. address: his network address, to limit those who hammer."""

    def device(self, *, agent: AgentId, offer: str) -> str:
        """Connect an operator's phone; the SDP answer. A newer connection replaces the older."""

    def echo(self, *, offer: str, address: str) -> str:
        """A connection on which one hears oneself; the SDP answer."""

    def press(self, leg_id: LegId, digits: str) -> None: ...

    def clear(self, leg_id: LegId) -> None: ...

    def is_there(self, leg_id: LegId) -> bool: ...


def leg_token_subject(call_id: UUID, leg_id: UUID) -> str:
    """What a call page's token vouches for."""
    return f"{call_id}:{leg_id}"
