"""The simulated exchange in real time, as a telephone system that the engine can be connected to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from perezvon.connectors.pbx_simulator.control import make_control
from perezvon.connectors.pbx_simulator.scripts import FarEnd, Phone, Script
from perezvon.connectors.pbx_simulator.simulator import Simulator, World
from perezvon.connectors.pbx_simulator.sound import write_tones
from perezvon.cores.switchboard import Entry, Journal, Leg
from perezvon.kernel.errors import TryLater
from perezvon.kernel.ids import CallId, LegId
from perezvon.ports.telephony import CallCommand, Can, Manifest, SwitchEvent


class NoSuchLeg(LookupError):
    """A test or a demo names a party that is not there (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """control_socket: a path of at most 107 bytes where the exchange can be driven from outside; empty: nowhere."""

    world: World
    seed: int = 1
    control_socket: str = ""


class PbxSimulator:
    """A TelephonyConnector whose far ends are scripts, tests or people at the control socket.

    now: the clock; everything that happens carries its time.
    """

    manifest = Manifest("pbx_simulator", "Simulated exchange", frozenset(Can))

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self.simulator = Simulator(seed=settings.seed, world=settings.world, write=write_tones)
        self._settings = settings
        self._now = now
        self._journal = Journal()
        self._news = asyncio.Event()
        self._agenda_changed = asyncio.Event()
        self._running = asyncio.Lock()
        self._life = contextlib.AsyncExitStack()
        self._is_open = False
        self._link_is_up = True
        self._connection = 0

    # --- the port ---------------------------------------------------------------------------------

    async def check(self) -> None:
        await self._open()
        self._require_link()

    async def events(self) -> AsyncIterator[SwitchEvent]:
        """One reader at a time. Asking for the next event confirms the last one."""
        await self._open()
        seen = None
        while self._is_open:
            self._news.clear()
            if not self._link_is_up:
                await self._news.wait()
            elif seen != self._connection:
                seen = self._connection
                yield self._journal.snapshot(event_id=self.simulator.board.new_id(self._now()), at=self._now())
            elif event := next(self._journal.unconfirmed(), None):
                yield event
                self._journal.confirm(event.event_id)
            else:
                await self._news.wait()

    async def do(self, command: CallCommand) -> None:
        await self._open()
        self._require_link()
        self._write(self.simulator.steps(self._now(), command))

    async def close(self) -> None:
        async with self._running:
            self._is_open = False
            self._news.set()
            await self._life.aclose()

    # --- people, for tests and demonstrations -----------------------------------------------------

    def place_call(self, line: str, caller: str | None, script: Script | None = None) -> CallId:
        """Somebody calls. Without a script he waits, talks and stays until told otherwise."""
        now = self._now()
        leg = self.simulator.place_call(script or Script(arrives_at=now, line=line, caller=caller), now)
        self._go_on()
        return leg.call_id

    def expect(self, script: Script) -> None:
        """Somebody will call."""
        self.simulator.expect(script)
        self._go_on()

    def caller_hangs_up(self, call_id: CallId) -> None:
        self.hang_up(self.customer(call_id).leg_id)

    def press(self, call_id: CallId, digits: str) -> None:
        """The customer presses keys."""
        self.simulator.press(self.customer(call_id).leg_id, digits, self._now())
        self._go_on()

    def hang_up(self, leg_id: LegId) -> None:
        """Any party puts its handset down."""
        self.simulator.hang_up(leg_id, self._now())
        self._go_on()

    def pick_up(self, leg_id: LegId) -> None:
        """A party that is rung takes its handset up."""
        self.simulator.pick_up(leg_id, self._now())
        self._go_on()

    def decline(self, leg_id: LegId) -> None:
        self.simulator.decline(leg_id, self._now())
        self._go_on()

    def operator_comes(self, address: str, phone: Phone | None = None) -> None:
        self.simulator.operator_comes(address, self._now(), phone)
        self._go_on()

    def operator_leaves(self, address: str) -> None:
        self.simulator.operator_leaves(address, self._now())
        self._go_on()

    def set_far_end(self, number: str, far_end: FarEnd) -> None:
        """What will happen when this number is dialled."""
        self.simulator.far_ends[number] = far_end

    def break_link(self) -> None:
        """The engine loses the exchange; calls go on. Commands raise TryLater until `mend_link`."""
        self._link_is_up = False
        self._news.set()

    def mend_link(self) -> None:
        self._link_is_up = True
        self._connection += 1
        self._news.set()

    def customer(self, call_id: CallId) -> Leg:
        """The outside party of a running call. Raises NoSuchLeg."""
        call = self.simulator.board.calls.get(call_id)
        if call is None or call.customer is None:
            raise NoSuchLeg(call_id)
        return call.customer

    # --- time passing -----------------------------------------------------------------------------

    async def _open(self) -> None:
        async with self._running:
            if self._is_open:
                return
            ticking = asyncio.create_task(self._tick(), name="pbx_simulator")
            self._life.push_async_callback(_stop, ticking)
            if self._settings.control_socket:
                await self._serve_control()
            self._is_open = True

    async def _serve_control(self) -> None:
        runner = web.AppRunner(make_control(self), access_log=None)
        await runner.setup()
        self._life.push_async_callback(runner.cleanup)
        await web.UnixSite(runner, self._settings.control_socket).start()

    async def _tick(self) -> None:
        while True:
            self._write(self.simulator.steps(self._now()))
            self._agenda_changed.clear()
            wake = self.simulator.next_wakeup()
            wait_s = None if wake is None else max(0.0, (wake - self._now()).total_seconds())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._agenda_changed.wait()

    def _go_on(self) -> None:
        self._write(self.simulator.steps(self._now()))

    def _write(self, steps: list[Entry]) -> None:
        for step in steps:
            self._journal.write(step)
        self._news.set()
        self._agenda_changed.set()

    def _require_link(self) -> None:
        if not self._link_is_up:
            raise TryLater(switch=self.manifest.kind)


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
