"""A centre on a simulated exchange in virtual time, with a memory for all that was said."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from perezvon.connectors.pbx_simulator.scripts import Phone, Script
from perezvon.connectors.pbx_simulator.simulator import Simulator, World
from perezvon.cores.calls.core import Recent
from perezvon.cores.calls.model import Call, Leg
from perezvon.cores.calls.words import (
    Act,
    AgentMoved,
    CallOut,
    CallRequest,
    Fact,
    LineSet,
    Phase,
    RequestRefused,
    SegmentBegan,
    SegmentEnded,
    Stretch,
    Target,
)
from perezvon.cores.centre import Centre, Event, Output
from perezvon.cores.routing import Agent, AgentStatus, Item, Presence, WrapUp
from perezvon.cores.routing.words import AgentSet, PresenceAsked, QueueSet, Tick, WrappedUp
from perezvon.kernel.codec import Codec
from perezvon.kernel.ids import AgentId, CallId, QueueId
from perezvon.ports import telephony as port

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OLGA, IVAN, VIKTOR = AgentId(1), AgentId(2), AgentId(3)
LOANS, CARDS = QueueId(10), QueueId(20)
BANK, SHOP = "bank", "shop"
ANNA, BORIS = "79161234567", "79167654321"
OUTSIDE = "74951112233"
GREETING_S = 2.0

TO_IVAN, TO_CARDS, TO_OUTSIDE = Target(agent=IVAN), Target(queue=CARDS), Target(number=OUTSIDE)

STATE = Codec(Call, Agent, Item, Recent)


class House:
    """Olga and Ivan serve loans, Viktor cards; calls to the bank go to loans. Nobody is ready yet.

    All commands go to the exchange at once and all that it says comes back, unless the link is cut.
    """

    def __init__(self, world: World | None = None, *, line: dict[str, object] | None = None, **queue: object) -> None:
        self.centre = Centre()
        self.pbx = Simulator(seed=7, world=world)
        self.now = MORNING
        self.said: list[Output] = []
        self.events: list[tuple[Event, datetime]] = []
        self.link_is_up = True
        self.lost: list[port.CallCommand] = []
        self._requests = count(1)
        how = {"wrap_up": WrapUp.MANDATORY, **queue}
        for queue_id in (LOANS, CARDS):
            self.tell(QueueSet(queue=queue_id, version=1, **how))
        for address, queue_id in ((BANK, LOANS), (SHOP, CARDS)):
            self.tell(LineSet(line=address, version=1, queue=queue_id, **(line or {})))
        for agent, queue_id in ((OLGA, LOANS), (IVAN, LOANS), (VIKTOR, CARDS)):
            self.tell(AgentSet(agent=agent, version=1, queues=frozenset({queue_id})))

    # --- time and news ----------------------------------------------------------------------------

    def tell(self, event: Event) -> list[Output]:
        """What the centre answers to this and to all that follows from it in the exchange."""
        answers: list[Output] = []
        inbox: deque[Event] = deque([event])
        while inbox:
            told = inbox.popleft()
            self.events.append((told, self.now))
            for said in self.centre.handle(told, self.now):
                answers.append(said)
                if isinstance(said, port.CallCommand):
                    inbox.extend(self._send(said))
        self.said += answers
        return answers

    def _send(self, command: port.CallCommand) -> list[port.SwitchEvent]:
        if self.link_is_up:
            return self.pbx.handle(command, self.now)
        self.lost.append(command)
        return []

    def wait(self, seconds: float) -> list[Output]:
        """Let so much time pass; everything happens at its own time."""
        end, answers = self.now + timedelta(seconds=seconds), []
        while (wake := self._next_wakeup()) and wake <= end:
            self.now = max(self.now, wake)
            answers += self._catch_up()
        self.now = end
        return answers

    def _next_wakeup(self) -> datetime | None:
        times = (self.centre.next_wakeup(), self.pbx.next_wakeup())
        return min((at for at in times if at), default=None)

    def _catch_up(self) -> list[Output]:
        answers = [said for event in self.pbx.advance(self.now) if self.link_is_up for said in self.tell(event)]
        wake = self.centre.next_wakeup()
        return answers + (self.tell(Tick()) if wake and wake <= self.now else [])

    def _hear(self) -> list[Output]:
        return [said for event in self.pbx.advance(self.now) if self.link_is_up for said in self.tell(event)]

    def restart(self) -> None:
        """The centre dies, another takes up what was stored and finds all phones where they were."""
        self.centre, answers = take_up(self.centre, self.now)
        self.said += answers
        for said in answers:
            for event in self._send(said) if isinstance(said, port.CallCommand) else []:
                self.tell(event)

    # --- people -----------------------------------------------------------------------------------

    def comes(self, *agents: AgentId) -> None:
        """They take their phones and say Ready."""
        for agent in agents:
            self.pbx.operator_comes(f"agent:{agent}", self.now, Phone())
            self._hear()
            self.ask(agent, Presence.READY)

    def phone(self, agent: AgentId, *, up: bool) -> list[Output]:
        if up:
            self.pbx.operator_comes(f"agent:{agent}", self.now, Phone())
        else:
            self.pbx.operator_leaves(f"agent:{agent}", self.now)
        return self._hear()

    def ask(self, agent: AgentId, presence: Presence, reason: str = "", *, later: bool = False) -> list[Output]:
        asked = PresenceAsked(agent=agent, presence=presence, by=agent, reason=reason, after_contact=later)
        return self.tell(asked)

    def call(self, number: str | None = ANNA, line: str = BANK, *, record: bool = True) -> CallId:
        """A customer calls and hears the greeting."""
        script = Script(arrives_at=self.now, line=line, caller=number, record=record)
        call_id = self.pbx.place_call(script, self.now).call_id
        self._hear()
        return call_id

    def waits(self, number: str | None = ANNA, line: str = BANK) -> CallId:
        """A customer has heard the greeting and waits, or is being put through."""
        call_id = self.call(number, line)
        self.wait(GREETING_S)
        return call_id

    def rings(self, agent: AgentId = OLGA, number: str | None = ANNA) -> CallId:
        self.comes(agent)
        return self.waits(number)

    def talks(self, agent: AgentId = OLGA, number: str | None = ANNA) -> CallId:
        """A customer and an operator have talked for ten seconds."""
        call_id = self.rings(agent, number)
        self.press(agent, Act.ANSWER, call_id)
        self.wait(10)
        return call_id

    def consults(self, target: Target = TO_IVAN) -> CallId:
        """Olga talks with a colleague while the customer hears music."""
        if target.agent is not None:
            self.phone(target.agent, up=True)
        call_id = self.talks(OLGA)
        self.press(OLGA, Act.CONSULT, call_id, target=target)
        colleague = self.seen(call_id).colleague
        assert colleague
        if colleague.agent is not None:
            self.press(colleague.agent, Act.ANSWER, call_id)
        self.wait(5)
        return call_id

    def press(self, agent: AgentId, act: Act, call_id: CallId, **details: object) -> list[Output]:
        request_id = UUID(int=next(self._requests))
        return self.tell(CallRequest(request_id=request_id, agent=agent, call_id=call_id, act=act, **details))

    def dials(self, agent: AgentId, number: str, **details: object) -> CallId:
        request_id = UUID(int=next(self._requests))
        call_id = CallId(UUID(int=next(self._requests) << 64))
        self.tell(CallOut(request_id=request_id, agent=agent, call_id=call_id, number=number, line=BANK, **details))
        return call_id

    def hangs_up(self, leg: Leg | None) -> list[Output]:
        assert leg
        self.pbx.hang_up(leg.id, self.now)
        return self._hear()

    def customer_hangs_up(self, call_id: CallId) -> list[Output]:
        return self.hangs_up(self.seen(call_id).customer)

    def declines(self, leg: Leg | None) -> list[Output]:
        """On the phone itself."""
        assert leg
        self.pbx.decline(leg.id, self.now)
        return self._hear()

    def loses(self, leg: Leg | None) -> list[Output]:
        """That party's line breaks."""
        assert leg
        self.pbx.board.drop(leg.id, self.now, port.Cause.LINK_LOST)
        return self._hear()

    def keys(self, call_id: CallId, digits: str) -> list[Output]:
        customer = self.seen(call_id).customer
        assert customer
        self.pbx.press(customer.id, digits, self.now)
        return self._hear()

    def writes_up(self, agent: AgentId, call_id: CallId) -> list[Output]:
        return self.tell(WrappedUp(item=f"call:{call_id}", agent=agent))

    # --- the link ---------------------------------------------------------------------------------

    def cut_link(self) -> None:
        """The exchange goes on, but nothing is heard of it and nothing reaches it."""
        self.link_is_up = False

    def mend_link(self) -> list[Output]:
        """Nothing is told of what happened meanwhile but how things stand now."""
        self.pbx.advance(self.now)
        self.link_is_up = True
        return self.tell(self.pbx.snapshot(self.now))

    # --- looking ----------------------------------------------------------------------------------

    def seen(self, call_id: CallId) -> Call:
        return self.centre.calls.calls[call_id]

    def phase(self, call_id: CallId) -> Phase | None:
        call = self.centre.calls.calls.get(call_id)
        return call.phase if call else None

    def agent(self, agent: AgentId) -> Agent:
        return self.centre.routing.agents[agent]

    def status(self, agent: AgentId) -> AgentStatus:
        return self.agent(agent).status

    def joined(self, call_id: CallId) -> set[str]:
        """Who hears whom, as the exchange knows it."""
        call = self.pbx.board.calls.get(call_id)
        return {leg.address for leg in call.joined()} if call else set()

    def on_the_line(self, call_id: CallId) -> set[str]:
        """All legs of the call that the exchange has."""
        call = self.pbx.board.calls.get(call_id)
        return {leg.address for leg in call.legs.values()} if call else set()

    def facts[F: Fact](self, kind: type[F], call_id: CallId | None = None) -> list[F]:
        found = [said for said in self.said if isinstance(said, kind)]
        return [fact for fact in found if call_id is None or fact.call_id == call_id]

    def moves(self, agent: AgentId) -> list[str]:
        return [said.status for said in self.said if isinstance(said, AgentMoved) and said.agent == agent]

    def refusals(self) -> list[tuple[AgentId, str]]:
        return [(said.agent, said.code) for said in self.said if isinstance(said, RequestRefused)]

    def stretches(self, contact: UUID) -> list[tuple[Stretch, AgentId | None, str]]:
        """All that the contact went through, in order of beginning, with its outcome; "open" when it goes on."""
        ended = {fact.segment_id: fact.outcome for fact in self.facts(SegmentEnded)}
        return [
            (fact.kind, fact.agent, ended.get(fact.segment_id, "open"))
            for fact in self.facts(SegmentBegan)
            if fact.contact_id == contact
        ]


def take_up(centre: Centre, now: datetime) -> tuple[Centre, list[Output]]:
    """A new centre that knows what the old one had stored: configuration, and states written and read as JSON."""
    fresh = Centre()
    for line in centre.calls.lines.values():
        fresh.handle(line, now)
    for queue in centre.routing.queues.values():
        fresh.handle(queue, now)
    for agent in centre.routing.agents.values():
        if agent.version:
            known = AgentSet(agent=agent.id, version=agent.version, queues=agent.queues, skills=agent.skills)
            fresh.handle(known, now)
    return fresh, fresh.restore([STATE.load(state) for state in stored(centre)], now)


def stored(centre: Centre) -> list[dict[str, Any]]:
    """All states as they are written, in one order."""
    return sorted((STATE.dump(state) for state in states_of(centre)), key=repr)


def states_of(centre: Centre) -> Iterable[object]:
    yield from centre.calls.calls.values()
    yield from centre.calls.recent.values()
    yield from centre.routing.agents.values()
    yield from centre.routing.items.values()


def kinds(said: Iterable[object]) -> list[str]:
    return [type(one).__name__ for one in said]


def commands(said: Iterable[object]) -> list[str]:
    return [type(one).__name__ for one in said if isinstance(one, port.CallCommand)]
