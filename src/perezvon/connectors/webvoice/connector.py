"""The voice switch as a telephone system of the engine."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from uuid import UUID

import aiohttp
import structlog

from perezvon.connectors.webvoice.link import Address, Link
from perezvon.connectors.webvoice.wire import COMMANDS, EVENTS, HEARTBEAT_S
from perezvon.kernel.errors import PerezvonError, TryLater
from perezvon.ports.telephony import CallCommand, Can, Manifest, SwitchEvent

log = structlog.get_logger(__name__)

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_CONFIRM_EVERY_S = 0.2
_NO_TOTAL = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=3 * HEARTBEAT_S)


class WebVoice:
    """A TelephonyConnector for calls between browsers; it cannot dial numbers of the telephone network."""

    manifest = Manifest("webvoice", "Calls from web pages", frozenset(Can) - {Can.OUTBOUND})

    def __init__(self, address: Address) -> None:
        self._link = Link(address)
        self._confirmed: UUID | None = None
        self._unconfirmed = asyncio.Event()
        self._is_closed = False

    async def check(self) -> None:
        await self._link.ask("GET", "/health")

    async def do(self, command: CallCommand) -> None:
        await self._link.ask("POST", "/do", COMMANDS.dump(command))

    async def events(self) -> AsyncIterator[SwitchEvent]:
        """Asking for the next event confirms the last one; an event told again has the same id."""
        confirming = asyncio.create_task(self._keep_confirming())
        try:
            async for event in self._all_connections():
                yield event
                self._confirmed = event.event_id
                self._unconfirmed.set()
        finally:
            confirming.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await confirming

    async def close(self) -> None:
        self._is_closed = True
        await self._link.close()

    async def _all_connections(self) -> AsyncIterator[SwitchEvent]:
        pause_s, is_known = _FIRST_PAUSE_S, False
        while not self._is_closed:
            try:
                async for event in self._one_connection():
                    pause_s, is_known = _FIRST_PAUSE_S, False
                    yield event
            except (aiohttp.ClientError, OSError, TimeoutError, PerezvonError, ValueError) as away:
                if not is_known:
                    log.warning("webvoice.away", why=type(away).__name__)
                is_known = True
            await asyncio.sleep(0 if self._is_closed else pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _one_connection(self) -> AsyncIterator[SwitchEvent]:
        query = {"confirmed": str(self._confirmed)} if self._confirmed else {}
        async with self._link.session().get("/events", params=query, timeout=_NO_TOTAL) as response:
            if response.status != 200:
                raise await self._link.refused(response.status, await response.json())
            async for line in response.content:
                if line.strip() and (event := EVENTS.load(json.loads(line))) is not None:
                    yield event

    async def _keep_confirming(self) -> None:
        """What is lost of this is made good at the next connection, which confirms too."""
        while True:
            await self._unconfirmed.wait()
            self._unconfirmed.clear()
            with contextlib.suppress(TryLater, PerezvonError):
                await self._link.ask("POST", "/confirm", {"event_id": str(self._confirmed)})
            await asyncio.sleep(_CONFIRM_EVERY_S)
