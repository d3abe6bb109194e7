"""The whole centre as one decision maker: calls and routing, told apart by what they understand.

`handle(event, now)` gives the commands for the switch and the facts for the history, in order. The same events
and times give the same answers, so that every incident can be replayed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, get_args
from uuid import NAMESPACE_OID, UUID, uuid5

from perezvon.cores.calls.core import CallsCore, Recent
from perezvon.cores.calls.model import Call, agent_address
from perezvon.cores.calls.turn import Turn
from perezvon.cores.calls.words import AgentMoved, CallOut, CallRequest, Fact, LineSet, RequestRefused
from perezvon.cores.routing import Agent, Item, RoutingCore
from perezvon.cores.routing import words as routing
from perezvon.kernel.ids import AgentId
from perezvon.ports import telephony as port

ROUTING_EVENTS = get_args(routing.RoutingEvent.__value__)

type Event = port.SwitchEvent | CallRequest | CallOut | LineSet | routing.RoutingEvent
type Output = port.CallCommand | Fact | AgentMoved | RequestRefused


class Centre:
    """Feed it everything that happens; carry out what it answers."""

    def __init__(self) -> None:
        self.routing = RoutingCore()
        self.calls = CallsCore(self.routing)
        self._now: datetime | None = None
        self._turns = 0

    def handle(self, event: Event, now: datetime) -> list[Output]:
        """What is due by now comes first: a lease that has run out cannot be accepted any more."""
        wake = self.next_wakeup()
        is_due = wake is not None and wake <= now and not isinstance(event, routing.Tick)
        return self._run([routing.Tick(), event] if is_due else [event], self._turn(event, now))

    def next_wakeup(self) -> datetime | None:
        times = (self.routing.next_wakeup(), self.calls.next_wakeup())
        return min((at for at in times if at is not None), default=None)

    def _turn(self, event: object, now: datetime) -> Turn:
        self._turns = self._turns + 1 if now == self._now else 0
        self._now = now
        return Turn(_seed(event, now, self._turns), now, self.calls.lines)

    def _run(self, events: Iterable[object], turn: Turn) -> list[Output]:
        """Each event and all that follows from it, then the next."""
        answers: list[Output] = []
        for event in events:
            inbox: deque[object] = deque([event])
            while inbox:
                self._step(inbox.popleft(), turn)
                for said in turn.out:
                    if isinstance(said, port.CallCommand | Fact | AgentMoved | RequestRefused):
                        answers.append(said)
                    else:
                        inbox.append(said)
                turn.out.clear()
        return answers

    def _step(self, event: object, turn: Turn) -> None:
        if isinstance(event, ROUTING_EVENTS):
            turn.out += self.routing.handle(event, turn.now)
        else:
            self.calls.handle(event, turn)
        match event:
            case routing.Tick():
                self.calls.tick(turn, self.routing.position)
            case port.DeviceChanged():
                turn.out += _reachable(event.address, event.reachable, event.switch)
            case port.Snapshot():
                self._compare_devices(event, turn)

    def _compare_devices(self, snapshot: port.Snapshot, turn: Turn) -> None:
        here = set(snapshot.devices)
        gone = [
            address
            for agent in self.routing.agents.values()
            if snapshot.switch in agent.phones and (address := agent_address(agent.id)) not in here
        ]
        for reachable, addresses in ((False, gone), (True, snapshot.devices)):
            for address in addresses:
                turn.out += _reachable(address, reachable, snapshot.switch)

    # --- memory -----------------------------------------------------------------------------------

    def take_touched(self) -> dict[tuple[str, str], Call | Agent | Item | Recent | None]:
        """What changed since the last call, by kind and key; None: it is no more."""
        found: dict[tuple[str, str], Call | Agent | Item | Recent | None] = {}
        for kind, key in self.calls.changed:
            known: Mapping[Any, Call | Recent] = self.calls.calls if kind == "call" else self.calls.recent
            found[kind, str(key)] = known.get(key)
        for agent in self.routing.changed_agents:
            found["agent", str(agent)] = self.routing.agents.get(agent)
        for item in self.routing.changed_items:
            found["item", item] = self.routing.items.get(item)
        for changed in (self.calls.changed, self.routing.changed_agents, self.routing.changed_items):
            changed.clear()
        return dict(sorted(found.items(), key=itemgetter(0)))

    def restore(self, state: Iterable[Call | Agent | Item | Recent], now: datetime) -> list[Output]:
        """Take up stored state; configuration must have been given before. Answers what is due now."""
        kept = list(state)
        self.calls.restore(
            [one for one in kept if isinstance(one, Call)], [one for one in kept if isinstance(one, Recent)]
        )
        due = self.routing.restore(
            [one for one in kept if isinstance(one, Agent)], [one for one in kept if isinstance(one, Item)], now
        )
        return self._run([*due, routing.Tick()], self._turn("restore", now))


def _reachable(address: str, reachable: bool, switch: str) -> list[routing.PhoneReachable]:
    kind, _, key = address.partition(":")
    if kind != "agent" or not key.isdecimal():
        return []
    return [routing.PhoneReachable(agent=AgentId(int(key)), reachable=reachable, switch=switch)]


def _seed(event: object, now: datetime, turn: int) -> UUID:
    """Where the ids made by this turn come from: the event's own id, or the time for those without one.

    turn: counts those at the same time, which may be alike.
    """
    for name in ("event_id", "request_id"):
        given = getattr(event, name, None)
        if isinstance(given, UUID):
            return given
    return uuid5(NAMESPACE_OID, f"{type(event).__name__} {now.isoformat()} {turn} {event!r}")
