"""The whole centre as one decision maker: calls and routing, told apart by what they understand.

`handle(event, now)` gives the commands for the switch and the facts for the history, in order. The same events
and times give the same answers, so that every incident can be replayed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import get_args
from uuid import NAMESPACE_OID, UUID, uuid5

from perezvon.cores.calls.core import CallsCore, Recent
from perezvon.cores.calls.model import Call
from perezvon.cores.calls.turn import Turn
from perezvon.cores.calls.words import AgentMoved, CallOut, CallRequest, Fact, LineSet, RequestRefused
from perezvon.cores.routing import words as routing
from perezvon.cores.routing.core import Agent, Item, RoutingCore
from perezvon.kernel.ids import AgentId
from perezvon.ports import telephony as port

ROUTING_EVENTS = get_args(routing.RoutingEvent.__value__)

type Event = port.SwitchEvent | CallRequest | CallOut | LineSet | routing.RoutingEvent
type Output = port.CallCommand | Fact | AgentMoved | RequestRefused


class Centre:
    """Feed it everything that happens; carry out what it answers."""

    def __init__(self) -> None:
        self.routing = RoutingCore()
        self.calls = CallsCore()

    def handle(self, event: Event, now: datetime) -> list[Output]:
        turn = Turn(_seed(event, now), now)
        inbox: deque[object] = deque([event])
        answers: list[Output] = []
        while inbox:
            self._step(inbox.popleft(), turn)
            for said in turn.out:
                if isinstance(said, port.CallCommand | Fact | AgentMoved | RequestRefused):
                    answers.append(said)
                else:
                    inbox.append(said)
            turn.out.clear()
        return answers

    def next_wakeup(self) -> datetime | None:
        times = (self.routing.next_wakeup(), self.calls.next_wakeup())
        return min((at for at in times if at is not None), default=None)

    def _step(self, event: object, turn: Turn) -> None:
        if isinstance(event, port.DeviceChanged):
            event = _reachable(event.address, event.reachable)
        if isinstance(event, ROUTING_EVENTS):
            turn.out += self.routing.handle(event, turn.now)
        else:
            self.calls.handle(event, turn)
        if isinstance(event, port.Snapshot):
            self._compare_devices(event, turn)
        if isinstance(event, routing.Tick):
            places = {
                call.id: self.routing.position(call.item) for call in self.calls.calls.values() if call.announce_at
            }
            self.calls.announce(turn, places)

    def _compare_devices(self, snapshot: port.Snapshot, turn: Turn) -> None:
        for agent in self.routing.agents.values():
            reachable = f"agent:{agent.id}" in snapshot.devices
            if agent.reachable != reachable:
                turn.out.append(routing.PhoneReachable(agent=agent.id, reachable=reachable))
        for address in snapshot.devices:
            known = _reachable(address, reachable=True)
            if known and known.agent not in self.routing.agents:
                turn.out.append(known)

    # --- memory -----------------------------------------------------------------------------------

    def take_touched(self) -> dict[tuple[str, str], Call | Agent | Item | Recent | None]:
        """What changed since the last call, by kind and key; None: it is no more."""
        keys = self.calls.touched | self.routing.touched
        self.calls.touched.clear()
        self.routing.touched.clear()
        return {key: self._look_up(*key) for key in sorted(keys)}

    def _look_up(self, kind: str, key: str) -> Call | Agent | Item | Recent | None:
        match kind:
            case "call":
                return next((call for call in self.calls.calls.values() if str(call.id) == key), None)
            case "agent":
                return self.routing.agents.get(AgentId(int(key)))
            case "item":
                return self.routing.items.get(key)
            case _:
                return self.calls.recent.get(key)

    def restore(self, state: Iterable[Call | Agent | Item | Recent], now: datetime) -> list[Output]:
        """Take up stored state; configuration must have been given before. Answers what is due now."""
        kept = list(state)
        self.calls.restore(
            [one for one in kept if isinstance(one, Call)], [one for one in kept if isinstance(one, Recent)]
        )
        due = self.routing.restore(
            [one for one in kept if isinstance(one, Agent)], [one for one in kept if isinstance(one, Item)], now
        )
        turn = Turn(uuid5(NAMESPACE_OID, f"restore {now.isoformat()}"), now)
        for said in due:
            self.calls.handle(said, turn)
        return [*self.handle(routing.Tick(), now + timedelta(0)), *turn.out]  # type: ignore[list-item]


def _reachable(address: str, reachable: bool) -> routing.PhoneReachable | None:
    kind, _, key = address.partition(":")
    return routing.PhoneReachable(agent=AgentId(int(key)), reachable=reachable) if kind == "agent" else None


def _seed(event: object, now: datetime) -> UUID:
    """Where the ids made by this turn come from: the event's own id, or the time for those without one."""
    for name in ("event_id", "request_id"):
        given = getattr(event, name, None)
        if isinstance(given, UUID):
            return given
    return uuid5(NAMESPACE_OID, f"{type(event).__name__} {now.isoformat()} {event!r}")
