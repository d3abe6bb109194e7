"""The engine: connectors in, cores in the middle, three loops around them. One leads a site, others stand by."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog
from asgiref.sync import sync_to_async

from perezvon.cores.routing.words import Tick
from perezvon.engine.decide import Configuration, Decider
from perezvon.engine.execute import Executor
from perezvon.engine.lead import Deposed, Lead
from perezvon.engine.project import Projector
from perezvon.engine.store import Store
from perezvon.foundation.outbox.relay import Follower
from perezvon.modules.routing import selectors as routing
from perezvon.modules.routing.events import CORE_EVENTS, EngineAsked
from perezvon.modules.telephony import selectors as telephony
from perezvon.modules.telephony.models import Line
from perezvon.ports.telephony import DeviceChanged, Snapshot, TelephonyConnector

log = structlog.get_logger()

SLEEP_LIMIT_S = 1.0


class Engine:
    """What one process runs. `run` returns only by an error: Deposed when another has taken the lead."""

    def __init__(self, url: str, connectors: dict[str, TelephonyConnector], now: Callable[[], datetime]) -> None:
        self._url = url
        self._now = now
        self._connectors = connectors
        self._lead = Lead(url, now)
        self._store, self._settling = Store(url), Store(url)
        self._projector = Projector(now)
        self._executor = Executor(self._settling, connectors, now, self._refused)
        self._line_connectors: dict[str, str] = {}
        self.decider = Decider(self._store, now, self._connector_of, self._executor.send, self._projector.bell.set)

    async def run(self) -> None:
        """Wait for the lead, take up the state, then serve until the end."""
        await self._lead.wait()
        log.info("engine.leading", epoch=self._lead.epoch)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._lead.keep())
            await self._restore()
            tasks.create_task(self._executor.run())
            tasks.create_task(self._projector.run())
            tasks.create_task(self._tick())
            tasks.create_task(self._follow_outbox())
            for name, connector in self._connectors.items():
                tasks.create_task(self._pump(name, connector))

    async def _restore(self) -> None:
        await self._store.begin(self._lead.epoch)
        configuration = await sync_to_async(self._read_configuration)()
        await self.decider.restore(configuration)
        for stored in await self._store.unsent():
            self._executor.send([stored])
        self._projector.bell.set()
        gc.freeze()  # what was loaded lives on; looking through it again and again would hold up decisions

    def _read_configuration(self) -> list[Configuration]:
        self._line_connectors = dict(Line.objects.values_list("address", "connector"))
        return [*routing.configuration(), *telephony.configuration()]

    def _connector_of(self, line: str) -> str:
        return self._line_connectors.get(line) or next(iter(self._connectors))

    # --- sources of events ------------------------------------------------------------------------

    async def _pump(self, name: str, connector: TelephonyConnector) -> None:
        """Each event is confirmed to the connector, by asking for the next, only after its commit."""
        async with contextlib.aclosing(connector.events()) as events:  # type: ignore[type-var]
            async for event in events:
                log.debug("engine.event", connector=name, kind=type(event).__name__)
                if isinstance(event, Snapshot | DeviceChanged):
                    event = replace(event, switch=name)
                await self.decider.take(event, source=name)

    async def _follow_outbox(self) -> None:
        follower = Follower(self._url, start=await self._store.cursor(), topics=[EngineAsked.topic])
        async for batch in follower.batches():
            asked = [CORE_EVENTS.load(message.body["body"]) for message in batch]
            events = [event for event in asked if event is not None]
            if any(type(event).__name__ == "LineSet" for event in events):
                await sync_to_async(self._read_configuration)()
            if batch:
                await self.decider.take(*events, cursor=batch[-1].number)

    async def _tick(self) -> None:
        while True:
            self.decider.woken.clear()
            wake = self.decider.centre.next_wakeup()
            wait_s = SLEEP_LIMIT_S if wake is None else max(0.0, (wake - self._now()).total_seconds())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(wait_s, SLEEP_LIMIT_S)):
                    await self.decider.woken.wait()
            wake = self.decider.centre.next_wakeup()
            if wake is not None and wake <= self._now():
                await self.decider.take(Tick())

    async def _refused(self, event: object) -> None:
        await self.decider.take(event)  # type: ignore[arg-type]

    async def close(self) -> None:
        for connector in self._connectors.values():
            await connector.close()
        await self._lead.close()
        await self._store.close()
        await self._settling.close()


async def serve(engine: Engine) -> None:
    """Run until stopped; close the connectors, the calls go on in the switch."""
    try:
        await engine.run()
    except* Deposed:
        log.warning("engine.deposed")
    finally:
        await engine.close()
