"""The second loop: stored commands go to the switch, in order, one connector after its own pace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import psycopg
import structlog

from perezvon.engine.decide import refusal_of, unpack
from perezvon.engine.store import Store, StoredCommand
from perezvon.kernel.errors import PerezvonError, TryLater
from perezvon.kernel.ids import uuid7
from perezvon.ports.telephony import CommandRefused, TelephonyConnector

log = structlog.get_logger()

RETRY_S = 0.1


class Executor:
    """Sends commands. A failing link is tried until the command expires; then the cores are told."""

    def __init__(
        self,
        store: Store,
        connectors: dict[str, TelephonyConnector],
        now: Callable[[], datetime],
        refused: Callable[[CommandRefused], Awaitable[None]],
    ) -> None:
        self._store = store
        self._connectors = connectors
        self._now = now
        self._refused = refused
        self._queues: dict[str, asyncio.Queue[StoredCommand]] = {name: asyncio.Queue() for name in connectors}
        self._done: list[tuple[str, UUID]] = []
        self._settle = asyncio.Event()

    def send(self, commands: list[StoredCommand]) -> None:
        for command in commands:
            queue = self._queues.get(command.connector)
            if queue is None:
                log.error("engine.no_such_connector", connector=command.connector)
                continue
            queue.put_nowait(command)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._settle_for_ever())
            for name, connector in self._connectors.items():
                tasks.create_task(self._serve(self._queues[name], connector))

    async def _serve(self, queue: asyncio.Queue[StoredCommand], connector: TelephonyConnector) -> None:
        while True:
            stored = await queue.get()
            self._done.append((await self._carry_out(stored, connector), stored.id))
            self._settle.set()

    async def _carry_out(self, stored: StoredCommand, connector: TelephonyConnector) -> str:
        """The command's outcome: sent, expired or refused."""
        command = unpack(stored.body)
        reason = "expired"
        while self._now() < stored.expires_at:
            try:
                await connector.do(command)
                return "sent"
            except TryLater:
                await asyncio.sleep(RETRY_S)
            except PerezvonError as error:
                reason = error.code
                break
        now = self._now()
        log.info("engine.command_not_sent", command=type(command).__name__, reason=reason)
        await self._refused(refusal_of(command, reason, uuid7(now), now))
        return "expired" if reason == "expired" else "refused"

    async def _settle_for_ever(self) -> None:
        while True:
            await self._settle.wait()
            self._settle.clear()
            done, self._done = self._done, []
            try:
                await self._store.settle(done)
            except (psycopg.Error, OSError):
                self._done = done + self._done
                await asyncio.sleep(RETRY_S)
                self._settle.set()
