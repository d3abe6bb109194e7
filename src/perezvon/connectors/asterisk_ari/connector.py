"""Asterisk as a telephone system of the engine: its own client, its own memory, and a link that mends itself.

Calls are Asterisk's, decisions ours: every channel comes into our Stasis application and stays there. News arrive by
websocket and orders go by HTTP, a call's orders one after another and different calls' side by side. While the link is
down the calls go on; when it is back, what Asterisk shows is compared with what we know (`Exchange.see`), and only
then is the engine told.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import aiohttp
import structlog

from perezvon.connectors.asterisk_ari import facts
from perezvon.connectors.asterisk_ari.client import Client
from perezvon.connectors.asterisk_ari.exchange import Exchange
from perezvon.connectors.asterisk_ari.manager import Manager
from perezvon.connectors.asterisk_ari.orders import Action, Fetch, Order, Request
from perezvon.connectors.asterisk_ari.settings import APP, Settings
from perezvon.connectors.asterisk_ari.sight import look, phones, prepare, require_version
from perezvon.connectors.asterisk_ari.sound import fetch, left_behind
from perezvon.cores.switchboard import Journal
from perezvon.kernel.errors import PerezvonError, Refused, TryLater
from perezvon.ports.telephony import CallCommand, Can, Manifest, SwitchEvent

log = structlog.get_logger(__name__)

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 10.0
_ECHO_S = 5.0
_PHONES_EVERY_S = 1.0


class Asterisk:
    """A TelephonyConnector. now: the clock."""

    manifest = Manifest("asterisk_ari", "Asterisk", frozenset(Can))

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, now
        self._client, self._manager = Client(settings), Manager(settings)
        self._exchange = Exchange(secrets.token_bytes)
        self._journal = Journal()
        self._news, self._agenda_changed = asyncio.Event(), asyncio.Event()
        self._echoed = asyncio.Event()
        self._connection = 0
        self._is_up = False
        self._is_closed = False
        self._mark = ""
        self._living: asyncio.Task[None] | None = None
        self._early: list[tuple[facts.Fact, datetime]] = []
        self._lines: dict[str, deque[Order]] = {}
        self._working: set[asyncio.Task[None]] = set()
        self._fetching: set[Fetch] = set()

    # --- the port ---------------------------------------------------------------------------------

    async def check(self) -> None:
        """Raises TryLater, Refused for a wrong password, and TooOld."""
        require_version(await self._client.get("/asterisk/info"))
        if not await self._manager.do("Ping", {}):
            raise Refused(switch="asterisk_ari", manager="ping")

    async def events(self) -> AsyncIterator[SwitchEvent]:
        """One reader at a time. Asking for the next event confirms the last one."""
        self._live()
        seen = None
        while not self._is_closed:
            self._news.clear()
            if self._connection == 0:
                await self._news.wait()
            elif seen != self._connection:
                seen = self._connection
                yield self._journal.snapshot(event_id=self._exchange.board.new_id(self._now()), at=self._now())
            elif event := next(self._journal.unconfirmed(), None):
                yield event
                self._journal.confirm(event.event_id)
            else:
                await self._news.wait()

    async def do(self, command: CallCommand) -> None:
        self._live()
        if not self._is_up:
            raise TryLater(switch=self.manifest.kind)
        self._exchange.handle(command, self._now())
        self._go_on()

    async def close(self) -> None:
        self._is_closed = True
        self._news.set()
        for task in (self._living, *self._working):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await self._manager.close()
        await self._client.close()

    @property
    def is_connected(self) -> bool:
        """Whether commands are taken now."""
        return self._is_up

    # --- the link ---------------------------------------------------------------------------------

    def _live(self) -> None:
        if self._living is None:
            self._living = asyncio.create_task(self._keep_connected(), name="asterisk_ari")

    async def _keep_connected(self) -> None:
        pause_s, is_known = _FIRST_PAUSE_S, False
        while True:
            began = self._connection
            try:
                await self._one_connection()
            except (aiohttp.ClientError, OSError, TimeoutError, PerezvonError, ExceptionGroup) as away:
                if self._connection != began:
                    pause_s, is_known = _FIRST_PAUSE_S, False
                if not is_known:
                    log.warning("asterisk.away", why=_reason(away))
                is_known = True
            finally:
                self._is_up = False
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _one_connection(self) -> None:
        """Ends by an error, always."""
        require_version(await self._client.get("/asterisk/info"))
        self._early.clear()
        async with self._client.listen(APP) as socket, asyncio.TaskGroup() as tasks:
            tasks.create_task(self._read(socket))
            await self._require_echo()  # a socket opened right after another one may be given no events
            await prepare(self._client)
            self._exchange.see(await look(self._client), self._now())
            for fact, at in self._early:
                self._exchange.hear(fact, at)
            self._is_up = True
            self._connection += 1
            self._go_on()
            await self._fetch_left_behind()
            tasks.create_task(self._watch())
            tasks.create_task(self._tick())
            tasks.create_task(self._ask_for_phones())

    async def _read(self, socket: aiohttp.ClientWebSocketResponse[bool]) -> None:
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self._hear(message.data)
        raise TryLater(switch=self.manifest.kind)

    def _hear(self, text: str) -> None:
        try:
            event = json.loads(text)
        except ValueError:
            return
        fact = facts.read(event) if isinstance(event, dict) else None
        match fact:
            case None:
                pass
            case facts.Echo(mark):
                if mark == self._mark:
                    self._echoed.set()
            case facts.Replaced():
                raise TryLater(switch=self.manifest.kind, application="replaced")
            case _ if not self._is_up:  # what is looked at meanwhile may be older than this
                self._early.append((fact, facts.time_of(event, self._now())))
            case _:
                self._exchange.hear(fact, facts.time_of(event, self._now()))
                self._go_on()

    async def _require_echo(self) -> None:
        """Raises TimeoutError or TryLater unless our own event comes back."""
        self._mark = secrets.token_hex(8)
        self._echoed.clear()
        body: dict[str, object] = {"variables": {"mark": self._mark}}
        async with asyncio.timeout(_ECHO_S):
            answer = await self._client.ask("POST", "/events/user/perezvon", {"application": APP}, body)
            if not answer.is_good:
                raise TryLater(switch=self.manifest.kind, status=answer.status)
            await self._echoed.wait()

    async def _watch(self) -> None:
        """A link that is open and dead is found out."""
        while True:
            await asyncio.sleep(self._settings.ping_s)
            await self._require_echo()

    async def _ask_for_phones(self) -> None:
        while True:
            await asyncio.sleep(_PHONES_EVERY_S)
            self._exchange.phones(await phones(self._client), self._now())
            self._go_on()

    async def _tick(self) -> None:
        while True:
            self._exchange.advance(self._now())
            self._go_on()
            self._agenda_changed.clear()
            wake = self._exchange.next_wakeup()
            wait_s = None if wake is None else max(0.0, (wake - self._now()).total_seconds())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._agenda_changed.wait()

    # --- saying and ordering ----------------------------------------------------------------------

    def _go_on(self) -> None:
        said, orders = self._exchange.take()
        for entry in said:
            self._journal.write(entry)
        for order in orders:
            self._send(order)
        self._news.set()
        self._agenda_changed.set()

    def _send(self, order: Order) -> None:
        """After those of the same call that went before."""
        line = self._lines.get(order.line)
        if line is not None:
            line.append(order)
            return
        self._lines[order.line] = deque([order])
        task = asyncio.create_task(self._work(order.line))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _work(self, line: str) -> None:
        orders = self._lines[line]
        try:
            while orders:
                await self._carry_out(orders.popleft())
        finally:
            del self._lines[line]

    async def _carry_out(self, order: Order) -> None:
        """An order that could not be sent is forgotten: the next connection begins with what there is."""
        try:
            match order:
                case Request():
                    answer = await self._client.ask(order.method, order.path, order.query, order.body)
                    if not answer.is_good:
                        log.info("asterisk.refused", path=order.path, status=answer.status)
                        self._exchange.failed(order, answer.status, self._now())
                        self._go_on()
                case Action():
                    if not await self._manager.do(order.name, order.fields):
                        log.warning("asterisk.manager_refused", action=order.name)
                case Fetch() if order not in self._fetching:
                    self._fetching.add(order)
                    task = asyncio.create_task(self._fetch(order))
                    self._working.add(task)
                    task.add_done_callback(self._working.discard)
                case _:
                    pass
        except PerezvonError as away:
            log.warning("asterisk.order_lost", why=_reason(away), order=type(order).__name__)

    async def _fetch(self, order: Fetch) -> None:
        try:
            sound = await fetch(self._client, self._settings.recordings, order.call_id, order.recording_id)
        except (PerezvonError, OSError) as problem:
            log.error("asterisk.no_recording", recording=str(order.recording_id), why=_reason(problem))
            return
        finally:
            self._fetching.discard(order)
        if sound is None:
            log.error("asterisk.no_recording", recording=str(order.recording_id), why="not there")
            return
        self._exchange.board.recorded(
            call_id=order.call_id,
            recording_id=order.recording_id,
            path=sound.path,
            seconds=sound.seconds,
            now=self._now(),
        )
        self._go_on()

    async def _fetch_left_behind(self) -> None:
        running = {call.recording.recording_id for call in self._exchange.board.calls.values() if call.recording}
        for call_id, recording_id in await left_behind(self._client):
            if recording_id not in running:
                self._send(Fetch(str(call_id), call_id, recording_id))


def _reason(error: BaseException) -> str:
    """For the log: kinds of errors, never what they carry."""
    if isinstance(error, ExceptionGroup):
        return ", ".join(_reason(one) for one in error.exceptions)
    return f"{type(error).__name__} {error.code}" if isinstance(error, PerezvonError) else type(error).__name__
