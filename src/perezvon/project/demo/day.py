"""One day of the centre in virtual time: callers, exchange, cores and operators, each asked when it is its turn.

No clock, no IO but the sound files that the exchange is asked to write: the same plan and seed give the same facts.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from uuid import NAMESPACE_OID, UUID, uuid5

from perezvon.connectors.pbx_simulator.scripts import Script
from perezvon.connectors.pbx_simulator.simulator import FinishedRecording, Simulator, World, write_nothing
from perezvon.cores.calls.model import Call
from perezvon.cores.calls.words import AgentMoved, CallRequest, Fact, LineSet
from perezvon.cores.centre import Centre, Event
from perezvon.cores.routing import words as routing
from perezvon.cores.routing.words import AgentSet, QueueSet
from perezvon.kernel.ids import AgentId, CallId
from perezvon.ports.telephony import CallCommand
from perezvon.project.demo.operators import Deed, Operator, Press, Say, Sight, TakePhone, WriteUp

type Configuration = QueueSet | AgentSet | LineSet


@dataclass(slots=True)
class Happened:
    """All that a day leaves behind. write_ups: what was written when, in the order of writing."""

    facts: list[Fact] = field(default_factory=list)
    moves: list[AgentMoved] = field(default_factory=list)
    write_ups: list[tuple[datetime, AgentId, Call]] = field(default_factory=list)


class VirtualDay:
    """Runs `scripts` against `operators`. write: makes the sound file of a recording."""

    def __init__(
        self,
        *,
        configuration: Iterable[Configuration],
        scripts: Sequence[Script],
        operators: Sequence[Operator],
        world: World,
        seed: int,
        write: Callable[[FinishedRecording], None] = write_nothing,
    ) -> None:
        self._centre = Centre()
        self._simulator = Simulator(seed=seed, world=world, scripts=scripts, write=write)
        self._operators = list(operators)
        self._ids = random.Random(f"requests {seed}")  # noqa: S311 - repeatable on purpose
        self._happened = Happened()
        self._configuration = list(configuration)

    def run(self, starts_at: datetime) -> Happened:
        """From `starts_at` until nobody has anything left to do."""
        for event in self._configuration:
            self._decide(event, starts_at)
        now: datetime | None = starts_at
        while now is not None:
            self._at(now)
            now = self._next(now)
        return self._happened

    def _next(self, now: datetime) -> datetime | None:
        times = (
            self._simulator.next_wakeup(),
            self._centre.next_wakeup(),
            *(operator.next_at for operator in self._operators),
        )
        return min((max(at, now) for at in times if at), default=None)

    def _at(self, now: datetime) -> None:
        for said in self._simulator.advance(now):
            self._decide(said, now)
        wake = self._centre.next_wakeup()
        if wake is not None and wake <= now:
            self._decide(routing.Tick(), now)
        while self._let_them_act(now):
            pass

    def _let_them_act(self, now: datetime) -> bool:
        """Whether anybody looked: what one does may change what another sees, so they look until nothing changes."""
        changed = self._centre.take_touched()
        looking = [one for one in self._operators if changed or (one.next_at and one.next_at <= now)]
        for operator in looking:
            for deed in operator.look(self._sight(operator.agent), now):
                self._do(operator.agent, deed, now)
        return bool(looking)

    def _decide(self, event: Event, now: datetime) -> None:
        """What the cores say goes to the exchange; what the exchange says to that comes back, until all is said."""
        inbox: deque[Event] = deque([event])
        while inbox:
            for said in self._centre.handle(inbox.popleft(), now):
                if isinstance(said, CallCommand):
                    inbox.extend(self._simulator.handle(said, now))
                elif isinstance(said, AgentMoved):
                    self._happened.moves.append(said)
                elif isinstance(said, Fact):
                    self._happened.facts.append(said)

    # --- operators --------------------------------------------------------------------------------

    def _sight(self, agent_id: AgentId) -> Sight:
        agent = self._centre.routing.agents.get(agent_id)
        if agent is None:
            return Sight(routing.AgentStatus.OUT, "", None)
        call = self._centre.calls.calls.get(_call_of(agent.work.item)) if agent.work else None
        return Sight(agent.status, agent.reason, call)

    def _do(self, agent: AgentId, deed: Deed, now: datetime) -> None:
        match deed:
            case TakePhone(up=True):
                self._simulator.operator_comes(f"agent:{agent}", now)
            case TakePhone():
                self._simulator.operator_leaves(f"agent:{agent}", now)
            case Say(presence=presence, reason=reason, after_contact=later):
                asked = routing.PresenceAsked(
                    agent=agent, presence=presence, by=agent, reason=reason, after_contact=later
                )
                self._decide(asked, now)
            case Press(call_id=call_id, act=act, target=target):
                request_id = UUID(bytes=self._ids.randbytes(16), version=4)
                self._decide(
                    CallRequest(request_id=request_id, agent=agent, call_id=call_id, act=act, target=target), now
                )
            case WriteUp(call=call):
                self._happened.write_ups.append((now, agent, call))
                self._decide(routing.WrappedUp(item=call.item, agent=agent), now)
        for said in self._simulator.advance(now):
            self._decide(said, now)


@lru_cache(maxsize=256)
def _call_of(item: str) -> CallId:
    """The call that a piece of work is about: "call:…", "consult:…"."""
    return CallId(UUID(item.partition(":")[2]))


def id_of(*words: object) -> UUID:
    """An id that follows from what it stands for, so that a second run makes the same one."""
    return uuid5(NAMESPACE_OID, " ".join(map(str, words)))
