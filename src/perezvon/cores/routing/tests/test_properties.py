"""Whatever happens in whatever order: routing keeps its promises."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perezvon.cores.routing import Agent, AgentStatus, Item, Phase, Presence, RoutingCore, WrapUp
from perezvon.cores.routing.tests.floor import CARDS, LOANS, MORNING
from perezvon.cores.routing.words import (
    Accepted,
    AgentChanged,
    AgentSet,
    Declined,
    Finished,
    Offer,
    OfferEnded,
    PhoneReachable,
    PresenceAsked,
    Queued,
    QueueSet,
    RoutingEvent,
    RoutingOutput,
    Taken,
    Tick,
    Withdrawn,
    WrappedUp,
    WrapUpEnded,
    WrapUpExtended,
)
from perezvon.kernel.codec import Codec
from perezvon.kernel.ids import AgentId

AGENTS = [AgentId(number) for number in range(1, 6)]
ITEMS = [f"call:{number}" for number in range(8)]
SKILLS = ("english", "cards")
STATE = Codec(Agent, Item)
PRESENT = {AgentStatus.READY, AgentStatus.RINGING, AgentStatus.BUSY, AgentStatus.WRAP_UP}

# --- random days -------------------------------------------------------------------------------------

# Drawing whole events takes Hypothesis ten times as long as playing them, so it draws the seeds of events.
days = st.lists(st.integers(0, 2**16), min_size=20, max_size=80)
modes = st.tuples(st.sampled_from(list(WrapUp)), st.booleans())


class Reader(random.Random):
    """What a number stands for."""

    def one_of[T](self, *choices: T) -> T:
        return self.choice(choices)

    def agent(self) -> AgentId:
        return self.one_of(*AGENTS)

    def item(self) -> str:
        return self.one_of(*ITEMS)

    def skills(self) -> dict[str, int]:
        return self.one_of({}, {}, {"english": 1}, {"english": 2}, {"cards": 1}, {"english": 1, "cards": 2})


def read(number: int, core: RoutingCore) -> tuple[float, RoutingEvent]:
    """How much later, and what. Half of the events are what naturally follows from how things stand."""
    reader = Reader(number)
    seconds = reader.one_of(*[0.0] * 6, *[1.0] * 6, 3.0, 3.0, 7.0, 20.0, 61.0)
    return seconds, reader.one_of(_queued, _queued, _natural, _natural, _natural, _of_people, _any, _any)(reader, core)


def _queued(reader: Reader, _: RoutingCore) -> RoutingEvent:
    return Queued(
        item=reader.item(),
        queue=reader.one_of(LOANS, LOANS, CARDS),
        skills=frozenset(reader.skills().items()),
        boost_s=reader.one_of(0.0, 0.0, 30.0, 3600.0),
        preferred=reader.one_of(None, None, *AGENTS),
        patience_s=reader.one_of(60.0, 0.0, 5.0),
        reopens=reader.one_of(None, *ITEMS),
        passed_by=reader.one_of(frozenset(), frozenset({AGENTS[0]}), frozenset(AGENTS[1:3])),
    )


def _natural(reader: Reader, core: RoutingCore) -> RoutingEvent:
    """The one rung answers or not, the one talking is done, the one writing has written, his caller is back."""
    busy = [(one, one.work) for one in core.agents.values() if one.work]
    away = [one.id for one in core.agents.values() if one.reachable and one.status not in PRESENT]
    if not busy or (away and reader.random() < 0.3):
        agent_id = reader.one_of(*away, reader.agent())
        return PresenceAsked(agent=agent_id, presence=Presence.READY, by=agent_id)
    agent, work = reader.one_of(*busy)
    match work.phase, reader.one_of(0, 0, 1, 2):
        case Phase.OFFERED, 1:
            return Declined(item=work.item, agent=agent.id, missed=reader.one_of(True, False))
        case Phase.OFFERED, 2:
            return Withdrawn(item=work.item)
        case Phase.OFFERED, _:
            return Accepted(item=work.item, agent=agent.id)
        case Phase.ACTIVE, 2:
            return Taken(item=reader.item(), agent=agent.id, instead_of=work.item)
        case Phase.ACTIVE, how:
            return Finished(item=work.item, agent=agent.id, wrap_up=how == 0)
        case _, 1:
            return Queued(item=reader.item(), queue=LOANS, preferred=agent.id, patience_s=20, reopens=work.item)
        case _, 2:
            return WrapUpExtended(item=work.item, agent=agent.id, seconds=10)
    return WrappedUp(item=work.item, agent=agent.id)


def _of_people(reader: Reader, _: RoutingCore) -> RoutingEvent:
    return PresenceAsked(
        agent=reader.agent(),
        presence=reader.one_of(Presence.READY, Presence.READY, Presence.NOT_READY, Presence.OUT),
        by=reader.agent(),
        reason=reader.one_of("", "lunch"),
        after_contact=reader.one_of(False, False, True),
    )


def _any(reader: Reader, core: RoutingCore) -> RoutingEvent:
    agent, item = reader.agent(), reader.item()
    return reader.one_of(
        PhoneReachable(agent=agent, reachable=True),
        PhoneReachable(agent=agent, reachable=True),
        PhoneReachable(agent=agent, reachable=False),
        Taken(item=item, agent=agent, queue=CARDS),
        Taken(item=item, agent=agent, queue=LOANS),
        AgentSet(
            agent=agent,
            version=core.agents[agent].version + reader.one_of(1, 1, 0),
            queues=reader.one_of(frozenset({LOANS, CARDS}), frozenset({LOANS}), frozenset({CARDS})),
            skills=reader.skills(),
        ),
        Accepted(item=item, agent=agent),
        Declined(item=item, agent=agent),
        Withdrawn(item=item),
        Finished(item=item, agent=agent),
        WrappedUp(item=item, agent=agent),
        WrapUpExtended(item=item, agent=agent, seconds=reader.one_of(10.0, -5.0)),
        Tick(),
    )


class Watched(RoutingCore):
    """A core that is watched at the moment of each offer."""

    def _offer(self, item: Item, agent: Agent, now: datetime) -> list[RoutingOutput]:
        is_back = agent.behind is not None
        assert agent.work is None
        assert is_back or (agent.presence is Presence.READY and agent.reachable and not agent.missed)
        assert is_back or agent.serves(item.need)
        assert item.offered_to is None
        older = [
            other.asked.item
            for other in self.items.values()
            if other is not item
            and other.offered_to is None
            and (other.key, other.asked.item) < (item.key, item.asked.item)
            and agent.serves(other.need)
        ]
        assert is_back or not older
        self._assert_longest_idle(item, agent)
        return super()._offer(item, agent, now)

    def _assert_longest_idle(self, item: Item, agent: Agent) -> None:
        def turn(one: Agent) -> tuple[bool, datetime, AgentId]:
            assert one.idle_since
            return one.id in item.passed, one.idle_since, one.id

        idle = [one for one in self.agents.values() if self._lanes.is_idle(one) and one.serves(item.need)]
        assert agent.behind or all(turn(agent) < turn(one) for one in idle)


def centre_of(mode: WrapUp, ready_after: bool) -> Watched:
    core = Watched()
    for queue in (LOANS, CARDS):
        how = {"wrap_up": mode, "ready_after": ready_after, "wrap_up_s": 30, "extensions": 2}
        core.handle(QueueSet(queue=queue, version=1, ring_s=20, **how), MORNING)
    for agent in AGENTS:
        skills = {name: agent % 3 for name in SKILLS if agent % 2}
        core.handle(AgentSet(agent=agent, version=1, queues=frozenset({LOANS, CARDS}), skills=skills), MORNING)
        if agent % 4:
            core.handle(PhoneReachable(agent=agent, reachable=True), MORNING)
            core.handle(PresenceAsked(agent=agent, presence=Presence.READY, by=agent), MORNING)
    return core


def play(core: RoutingCore, day: list[int]) -> Iterator[tuple[RoutingEvent, datetime, list[RoutingOutput]]]:
    """Each event with its time and what was said to it."""
    now = MORNING
    for number in day:
        seconds, event = read(number, core)
        now += timedelta(seconds=seconds)
        yield event, now, core.handle(event, now)


# --- promises ----------------------------------------------------------------------------------------


class Promises:
    """What must be so after every event. Each `_…` is one promise."""

    def __init__(self, core: RoutingCore) -> None:
        self.core = core
        self.queued: set[str] = set()
        self.offers: dict[str, tuple[AgentId, int]] = {}
        self.writing: dict[AgentId, str] = {}
        self.working: dict[AgentId, str] = {}
        self.told = {agent: core.agents[agent].status for agent in AGENTS}

    def check(self, event: RoutingEvent, now: datetime, said: list[RoutingOutput]) -> None:
        self._nobody_has_two_things_and_nothing_is_with_two()
        self._nobody_is_idle_while_work_waits_that_he_may_do()
        self._nothing_is_lost(event)
        self._places_are_counted_from_one()
        self._every_offer_ends_once(said)
        self._every_write_up_ends_once(said)
        self._work_in_hand_is_not_taken_away(event)
        self._what_is_told_of_an_agent_is_what_he_is(said)
        # An offer that these end may have been laid upon a write-up whose time has run out meanwhile.
        ends_an_offer = isinstance(event, Queued | Declined | Withdrawn | Taken | PresenceAsked)
        wake = self.core.next_wakeup()
        assert wake is None or wake > now or ends_an_offer

    def _nobody_has_two_things_and_nothing_is_with_two(self) -> None:
        on_offer = {name: item.offered_to for name, item in self.core.items.items() if item.offered_to is not None}
        held = [(one.id, one.work) for one in self.core.agents.values() if one.work]
        assert on_offer == {work.item: agent for agent, work in held if work.phase is Phase.OFFERED}
        assert len(set(on_offer.values())) == len(on_offer)

    def _nobody_is_idle_while_work_waits_that_he_may_do(self) -> None:
        for name, item in self.core.items.items():
            told = self.core.explain(name)
            assert told
            assert item.offered_to is not None or all(one.is_ruled_out for one in told.agents)

    def _nothing_is_lost(self, event: RoutingEvent) -> None:
        """What was queued waits or rings until it is accepted, taken or withdrawn."""
        match event:
            case Queued(item=item):
                self.queued.add(item)
            case Withdrawn(item=item) | Accepted(item=item) | Taken(item=item) if item not in self.core.items:
                self.queued.discard(item)
        assert self.queued == set(self.core.items)

    def _places_are_counted_from_one(self) -> None:
        for queue in (LOANS, CARDS):
            waiting = [
                item for item in self.core.items.values() if item.asked.queue == queue and item.offered_to is None
            ]
            waiting.sort(key=lambda item: (item.key, item.asked.item))
            assert [self.core.position(item.asked.item) for item in waiting] == [*range(1, len(waiting) + 1)]

    def _every_offer_ends_once(self, said: list[RoutingOutput]) -> None:
        for one in said:
            match one:
                case Offer(item=item, agent=agent, token=token):
                    assert item not in self.offers
                    self.offers[item] = (agent, token)
                case OfferEnded(item=item, agent=agent, token=token):
                    assert self.offers.pop(item) == (agent, token)
        for item in self.offers.keys() - self.core.items.keys():
            agent, _ = self.offers.pop(item)
            work = self.core.agents[agent].work
            assert work
            assert (work.item, work.phase) == (item, Phase.ACTIVE)

    def _every_write_up_ends_once(self, said: list[RoutingOutput]) -> None:
        ended = [(one.agent, one.item) for one in said if isinstance(one, WrapUpEnded)]
        assert len(ended) == len(set(ended))
        now = {
            agent.id: work.item
            for agent in self.core.agents.values()
            for work in (agent.work, agent.behind)
            if work and work.phase is Phase.WRAP_UP
        }
        assert {one for one in self.writing.items() if now.get(one[0]) != one[1]} <= set(ended)
        self.writing = now

    def _work_in_hand_is_not_taken_away(self, event: RoutingEvent) -> None:
        now = {
            one.id: one.work.item for one in self.core.agents.values() if one.work and one.work.phase is Phase.ACTIVE
        }
        for agent, item in self.working.items():
            match event:
                case Finished(item=done, agent=who) if (who, done) == (agent, item):
                    continue
                case Taken(agent=who, instead_of=old) if (who, old) == (agent, item):
                    continue
            assert now.get(agent) == item
        self.working = now

    def _what_is_told_of_an_agent_is_what_he_is(self, said: list[RoutingOutput]) -> None:
        for one in said:
            if isinstance(one, AgentChanged):
                self.told[one.agent] = one.status
        assert self.told == {agent: self.core.agents[agent].status for agent in AGENTS}


def check_a_day(day: list[int], mode: tuple[WrapUp, bool], dies_at: int) -> None:
    """All promises, and a core restored at any moment goes on like the one that died."""
    core, twin = centre_of(*mode), None
    promises = Promises(core)
    for number, (event, now, said) in enumerate(play(core, day)):
        promises.check(event, now, said)
        if twin:
            assert twin.handle(event, now) == said
        if number == dies_at:
            twin = restored(core, now)


class TestWhateverHappens:
    @settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(days, modes, st.integers(0, 59))
    def test_all_promises_are_kept(self, day, mode, dies_at):
        check_a_day(day, mode, dies_at)

    @pytest.mark.long
    @settings(max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(days, modes, st.integers(0, 59))
    def test_all_promises_are_kept_on_many_days(self, day, mode, dies_at):
        check_a_day(day, mode, dies_at)


def restored(core: RoutingCore, now: datetime) -> RoutingCore:
    """Another core with the same configuration and what was stored of the old one, as JSON."""
    fresh = Watched()
    for queue in core.queues.values():
        fresh.handle(queue, now)
    for one in core.agents.values():
        if one.version:
            fresh.handle(AgentSet(agent=one.id, version=one.version, queues=one.queues, skills=one.skills), now)
    kept = [STATE.load(STATE.dump(state)) for state in (*core.agents.values(), *core.items.values())]
    said = fresh.restore(
        [one for one in kept if isinstance(one, Agent)], [one for one in kept if isinstance(one, Item)], now
    )
    assert said == []
    assert [STATE.dump(one) for one in fresh.agents.values()] == [STATE.dump(one) for one in core.agents.values()]
    return fresh


class TestFairness:
    """PERF.md §1.6: no starvation."""

    @pytest.mark.parametrize("boost_s", [0.0, 60.0, 600.0])
    def test_one_without_priority_is_overtaken_only_by_those_who_came_within_the_boost_after_him(self, boost_s):
        """For ever more of the others arrive than one agent can serve."""
        core = RoutingCore()
        core.handle(QueueSet(queue=LOANS, version=1, wrap_up=WrapUp.NONE, ready_after=True), MORNING)
        core.handle(AgentSet(agent=AGENTS[0], version=1, queues=frozenset({LOANS})), MORNING)
        core.handle(Queued(item="plain", queue=LOANS), MORNING)
        served = serve_for_ever(core, boost_s, until="plain")

        assert [item for item, joined in served if joined > MORNING + timedelta(seconds=boost_s)] == []
        assert len(served) == 1 + int(boost_s // 5)

    def test_agents_who_can_do_the_same_work_about_as_much(self):
        core = RoutingCore()
        core.handle(QueueSet(queue=LOANS, version=1, wrap_up=WrapUp.NONE, ready_after=True), MORNING)
        for agent in AGENTS:
            core.handle(AgentSet(agent=agent, version=1, queues=frozenset({LOANS})), MORNING)
            core.handle(PhoneReachable(agent=agent, reachable=True), MORNING)
            core.handle(PresenceAsked(agent=agent, presence=Presence.READY, by=agent), MORNING)
        busy_s = dict.fromkeys(AGENTS, 0.0)
        for number in range(2_000):
            now = MORNING + timedelta(seconds=14.4 * number)
            [agent] = [one.agent for one in core.handle(Queued(item=f"{number}", queue=LOANS), now) if _is_offer(one)]
            length = 3 + (number * 7919) % 11
            core.handle(Accepted(item=f"{number}", agent=agent), now)
            core.handle(Finished(item=f"{number}", agent=agent), now + timedelta(seconds=length))
            busy_s[agent] += length

        shares = [seconds / (2_000 * 14.4) for seconds in busy_s.values()]
        assert max(shares) - min(shares) <= 0.02


def serve_for_ever(core: RoutingCore, boost_s: float, *, until: str) -> list[tuple[str, datetime]]:
    """One with priority comes every five seconds, a talk takes ten. Who was served, and when he had come."""
    agent, now, served = AGENTS[0], MORNING, []
    joined = {"plain": MORNING}
    core.handle(PhoneReachable(agent=agent, reachable=True), now)
    in_hand = ""
    for number in range(1, 2_000):
        now = MORNING + timedelta(seconds=5 * number)
        joined[f"{number}"] = now
        said = core.handle(Queued(item=f"{number}", queue=LOANS, boost_s=boost_s), now)
        if number == 1:
            said += core.handle(PresenceAsked(agent=agent, presence=Presence.READY, by=agent), now)
        elif in_hand and number % 2:
            said += core.handle(Finished(item=in_hand, agent=agent), now)
        for one in filter(_is_offer, said):
            in_hand = one.item
            served.append((in_hand, joined[in_hand]))
            core.handle(Accepted(item=in_hand, agent=agent), now)
            if in_hand == until:
                return served
    raise AssertionError(f"{until} was never served")


def _is_offer(said: RoutingOutput) -> bool:
    return isinstance(said, Offer)


class TestManyOneOffNeeds:
    def test_are_forgotten_again(self):
        core = centre_of(WrapUp.NONE, ready_after=True)
        for number in range(2_000):
            skills = frozenset({(f"only {number}", 1)})
            core.handle(Queued(item=f"{number}", queue=LOANS, skills=skills), MORNING)
            core.handle(Withdrawn(item=f"{number}"), MORNING)

        assert len(core._lanes) <= 130
        assert all(len(lanes) <= 130 for lanes in core._lanes._lanes_of.values())

    def test_leave_idle_heaps_small_where_nobody_calls(self):
        core = centre_of(WrapUp.NONE, ready_after=True)
        core.handle(Queued(item="once", queue=CARDS), MORNING)
        core.handle(Withdrawn(item="once"), MORNING)
        for number in range(5_000):
            now = MORNING + timedelta(seconds=number)
            [offer] = [one for one in core.handle(Queued(item=f"{number}", queue=LOANS), now) if _is_offer(one)]
            core.handle(Accepted(item=offer.item, agent=offer.agent), now)
            core.handle(Finished(item=offer.item, agent=offer.agent), now)

        assert max(len(lane.idle) for lane in core._lanes._lanes.values()) < 100
        assert {core.agents[agent].status for agent in AGENTS} == {AgentStatus.READY, AgentStatus.OUT}
