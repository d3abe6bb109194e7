"""The first loop: one event in, one transaction out. Decides nothing itself; the cores do.

If the database is away the decision that was made waits here until it can be stored, and no other is made: the
connectors hold their events meanwhile, because each is confirmed only after its commit.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import structlog

from perezvon.cores.calls.model import Call
from perezvon.cores.calls.words import AgentMoved, Fact, LineSet, RequestRefused
from perezvon.cores.centre import Centre, Event, Output
from perezvon.cores.routing import Agent
from perezvon.cores.routing.words import AgentSet, QueueSet, Tick
from perezvon.engine.store import Decision, Store, StoredCommand
from perezvon.kernel.codec import Codec, family
from perezvon.kernel.errors import TryLater
from perezvon.modules.routing.events import CORE_EVENTS
from perezvon.modules.telephony.state import STATE
from perezvon.ports import telephony as port

log = structlog.get_logger()

COMMAND_LIVES = timedelta(seconds=10)
DATABASE_AWAY_LIMIT_S = 60.0
RETRY_S = 0.2
REMEMBERED_IDS = 20_000

COMMANDS = Codec(*family(port.CallCommand))
FACTS = Codec(*family(Fact), AgentMoved)
SWITCH_EVENTS = Codec(*family(port.CallEvent), port.DeviceChanged, port.Snapshot)
type Configuration = QueueSet | AgentSet | LineSet


class Decider:
    """Holds the cores. `take` is called by one task at a time."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], datetime],
        connector_of: Callable[[str], str],
        send: Callable[[list[StoredCommand]], None],
        facts_written: Callable[[], None],
    ) -> None:
        self.centre = Centre()
        self._store = store
        self._now = now
        self._connector_of = connector_of
        self._send = send
        self._facts_written = facts_written
        self._seen: OrderedDict[UUID, None] = OrderedDict()
        self._lock = asyncio.Lock()
        self.woken = asyncio.Event()

    # --- the door ---------------------------------------------------------------------------------

    async def take(self, *events: Event, cursor: int | None = None, source: str = "") -> None:
        """Decide on these events and store all of it. Returns when it is committed. Raises Deposed.

        source: the switch that told of them; commands for calls that nobody knows go back there.
        """
        async with self._lock:
            now = self._now()
            decision = Decision(now, cursor=cursor)
            for event in events:
                if self._is_new(event):
                    outputs = self.centre.handle(event, now)
                    if outputs or not isinstance(event, Tick):
                        self._note_event(decision, event)
                    self._note_outputs(decision, outputs, source)
            self._note_states(decision)
            await self._store_surely(decision)
        self.woken.set()
        self._after_commit(decision)

    async def restore(self, configuration: list[Configuration]) -> None:
        """Take up the stored state, after a start or a take-over."""
        async with self._lock:
            now = self._now()
            for event in configuration:
                self.centre.handle(event, now)
            states = [
                STATE.load({"type": {"call": "Call", "agent": "Agent", "item": "Item"}.get(kind, "Recent"), **body})
                for kind, _, body, _ in await self._store.states()
            ]
            decision = Decision(now)
            self._note_outputs(decision, self.centre.restore(states, now))
            self._seen = OrderedDict.fromkeys(await self._store.recent_event_ids(now))
            self._note_states(decision)
            await self._store_surely(decision)
        self._after_commit(decision)

    # --- what a decision writes -------------------------------------------------------------------

    def _is_new(self, event: Event) -> bool:
        event_id = getattr(event, "event_id", None)
        if not isinstance(event_id, UUID):
            return True
        if event_id in self._seen:
            return False
        self._seen[event_id] = None
        if len(self._seen) > REMEMBERED_IDS:
            self._seen.popitem(last=False)
        return True

    def _note_event(self, decision: Decision, event: Event) -> None:
        codec = SWITCH_EVENTS if isinstance(event, port.CallEvent | port.DeviceChanged | port.Snapshot) else CORE_EVENTS
        key = getattr(event, "event_id", None) or getattr(event, "request_id", None)
        decision.events.append((key, _call_of(event), codec.dump(event)))

    def _note_outputs(self, decision: Decision, outputs: list[Output], source: str = "") -> None:
        for said in outputs:
            if isinstance(said, port.CallCommand):
                call = self.centre.calls.calls.get(said.call_id)
                connector = self._connector_of(call.line) if call else source or self._connector_of("")
                expires = decision.now + COMMAND_LIVES
                decision.commands.append((said.command_id, said.call_id, connector, COMMANDS.dump(said), expires))
            elif isinstance(said, RequestRefused):
                decision.live.append((f"refused:{said.code}", str(said.request_id), [f"user:{said.agent}"]))
            else:
                call_id = None if isinstance(said, AgentMoved) else said.call_id
                decision.facts.append((call_id, FACTS.dump(said), said.at))

    def _note_states(self, decision: Decision) -> None:
        for (kind, key), state in self.centre.take_touched().items():
            agents = _agents_of(state)
            body = None if state is None else {k: v for k, v in STATE.dump(state).items() if k != "type"}
            decision.states.append((kind, key, body, agents))
            if kind == "call":
                audience = [f"user:{agent}" for agent in agents] + [f"call:{key}"]
                decision.live.append(("call", key, audience))
            elif kind == "agent":
                decision.live.append(("agent", key, [f"user:{key}", "right:routing.set_presence"]))

    async def _store_surely(self, decision: Decision) -> None:
        waited = 0.0
        while True:
            try:
                await self._store.write(decision)
                return
            except (psycopg.OperationalError, psycopg.InterfaceError, OSError) as error:
                if waited >= DATABASE_AWAY_LIMIT_S:
                    raise
                log.info("engine.database_away", waited_s=round(waited, 1), error=str(error).partition("\n")[0])
                await asyncio.sleep(RETRY_S)
                waited += RETRY_S

    def _after_commit(self, decision: Decision) -> None:
        if decision.commands:
            self._send(
                [
                    StoredCommand(command_id, connector, body, expires)
                    for command_id, _, connector, body, expires in decision.commands
                ]
            )
        if decision.facts:
            self._facts_written()


def refusal_of(command: port.CallCommand, reason: str, event_id: UUID, at: datetime) -> port.CommandRefused:
    """What the cores are told of a command that could not be sent in time."""
    return port.CommandRefused(
        event_id=event_id, call_id=command.call_id, at=at, command_id=command.command_id, reason=reason
    )


def _call_of(event: object) -> UUID | None:
    call_id = getattr(event, "call_id", None)
    return call_id if isinstance(call_id, UUID) else None


def _agents_of(state: object) -> list[int]:
    """Whose desks must hear of a change of this state."""
    if isinstance(state, Agent):
        return [int(state.id)]
    if not isinstance(state, Call):
        return []
    wanted = {leg.agent for leg in state.legs} | {state.owner} | {segment.agent for segment in state.segments}
    return sorted(int(agent) for agent in wanted if agent is not None)


def commands_codec() -> Codec:
    return COMMANDS


def unpack(body: dict[str, Any]) -> port.CallCommand:
    command = COMMANDS.load(body)
    if not isinstance(command, port.CallCommand):
        raise TryLater(body=body.get("type"))
    return command
