"""What the web process passes on for browsers: it proxies descriptions of sessions, never sound.

Every method raises TryLater when the switch is away, and otherwise what the switch refuses, with its code:
webvoice.bad_offer, webvoice.no_microphone, webvoice.too_often, webvoice.too_many_legs, webvoice.unknown_leg,
webvoice.phone_elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from perezvon.connectors.webvoice.link import Address, Link
from perezvon.kernel.ids import CallId, LegId


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """token: whoever has it may press keys in this call, end it and ask about it."""

    sdp: str
    call_id: CallId
    leg_id: LegId
    token: str


class VoicePages:
    """The switch, as pages need it. Belongs to one event loop."""

    def __init__(self, address: Address) -> None:
        self._link = Link(address)

    async def call(self, *, sdp: str, line: str, caller: str | None, record: bool, address: str) -> PlacedCall:
        """A customer calls. address: of his browser; offers from one are limited."""
        body = {"sdp": sdp, "line": line, "caller": caller, "record": record, "address": address}
        said = await self._link.ask("POST", "/call", body)
        return PlacedCall(said["sdp"], CallId(UUID(said["call_id"])), LegId(UUID(said["leg_id"])), said["token"])

    async def connect_phone(self, *, agent_id: int, sdp: str, workplace: str = "", take: bool = False) -> str:
        """An operator's page becomes his phone, in place of any page before it. Gives the answer.

        workplace: which browser it is; refused while another one is the phone, unless it is to `take` it.
        """
        body = {"sdp": sdp, "workplace": workplace, "take": take}
        said = await self._link.ask("POST", f"/device/{agent_id}", body)
        return str(said["sdp"])

    async def disconnect_phone(self, *, agent_id: int) -> None:
        """He signed out; a call he is in loses him at once."""
        await self._link.ask("DELETE", f"/device/{agent_id}")

    async def echo(self, *, sdp: str, address: str) -> str:
        """A connection that hears itself, for the equipment test. Gives the answer."""
        return str((await self._link.ask("POST", "/echo", {"sdp": sdp, "address": address}))["sdp"])

    async def press(self, *, token: str, digits: str) -> None:
        await self._link.ask("POST", f"/digits/{token}", {"digits": digits})

    async def hang_up(self, *, token: str) -> None:
        """Ends the customer's call; when it is over already, does nothing."""
        await self._link.ask("POST", f"/clear/{token}")

    async def status(self, *, token: str) -> dict[str, str]:
        """state: offered, waiting, talking, over; with cause when it is over."""
        return await self._link.ask("GET", f"/status/{token}")

    async def health(self) -> dict[str, float]:
        """How many calls, legs and phones; late_ms: how late the mixer was at worst within a minute."""
        return await self._link.ask("GET", "/health")

    async def close(self) -> None:
        await self._link.close()
