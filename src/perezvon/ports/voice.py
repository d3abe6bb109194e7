"""What our pages ask of the switch that carries sound from browsers: to take their connections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from perezvon.kernel.ids import AgentId, CallId, LegId


@dataclass(frozen=True, slots=True)
class BrowserCall:
    """A customer's browser is connected. answer: the SDP for it; token: opens this leg to whoever has it."""

    call_id: CallId
    leg_id: LegId
    answer: str
    token: str


class VoiceGateway(Protocol):
    """All methods raise TryLater when the switch is away, Refused for what it can't take, NotFound for a leg."""

    def call(self, *, line: str, caller: str | None, record: bool, offer: str, address: str) -> BrowserCall:
        """Connect a customer. address: his network address, to limit those who hammer."""

    def device(self, *, agent: AgentId, offer: str, workplace: str, take: bool) -> str:
        """Connect an operator's phone; the SDP answer. A newer connection replaces the older.

        workplace: names the browser. Refused while another one is the phone, unless he wants to `take` it.
        """

    def disconnect(self, *, agent: AgentId) -> None:
        """He signed out: his phone is gone at once."""

    def echo(self, *, offer: str, address: str) -> str:
        """A connection on which one hears oneself; the SDP answer."""

    def press(self, *, token: str, digits: str) -> None: ...

    def hang_up(self, *, token: str) -> None: ...

    def is_over(self, *, token: str) -> bool: ...
