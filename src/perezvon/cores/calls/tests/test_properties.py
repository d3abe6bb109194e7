"""Whatever people, phones and links do on a day: nobody is lost, nobody is rung twice, the books add up."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perezvon.connectors.pbx_simulator.scripts import FarEnd, Outcome
from perezvon.connectors.pbx_simulator.simulator import World
from perezvon.cores.calls.model import Call, legal_acts
from perezvon.cores.calls.tests.house import (
    BANK,
    CARDS,
    GREETING_S,
    IVAN,
    LOANS,
    MORNING,
    OLGA,
    SHOP,
    VIKTOR,
    House,
    states_of,
    take_up,
)
from perezvon.cores.calls.words import (
    Act,
    AgentMoved,
    ContactBegan,
    ContactEnded,
    Fact,
    Phase,
    SegmentBegan,
    SegmentEnded,
    Stretch,
    Target,
)
from perezvon.cores.centre import Centre, Event, Output
from perezvon.cores.routing import Phase as WorkPhase
from perezvon.cores.routing import Presence, WrapUp
from perezvon.cores.routing.words import AgentSet, WrapUpExtended
from perezvon.kernel.ids import AgentId, CallId
from perezvon.ports import telephony as port

AGENTS = (OLGA, IVAN, VIKTOR)
CALLERS = ("79160000001", "79160000002", "79160000003", None)
NUMBERS = {
    "74950000001": FarEnd(),
    "74950000002": FarEnd(outcome=Outcome.BUSY, after_s=1),
    "74950000003": FarEnd(outcome=Outcome.NO_ANSWER),
    "74950000004": FarEnd(after_s=5, talk_s=20),
}
TALKING = {Phase.TALKING, Phase.HELD, Phase.CONSULTING}

days = st.lists(st.integers(0, 2**16), min_size=15, max_size=60)
modes = st.tuples(st.sampled_from(list(WrapUp)), st.booleans())


class Day:
    """A house in which each number brings something about, and what was promised is watched."""

    def __init__(self, mode: WrapUp, ready_after: bool, dies_at: int) -> None:
        world = World(far_ends=NUMBERS)
        self.house = House(world, wrap_up=mode, ready_after=ready_after, wrap_up_s=25, line={"return_s": 60})
        self.house.comes(OLGA, IVAN)
        self.twin: Centre | None = None
        self.dies_at = dies_at
        self.fed = len(self.house.events)
        self.answered = len(self.house.said)

    def play(self, numbers: list[int]) -> None:
        for at, number in enumerate(numbers):
            self.happen(random.Random(number))
            self.keep_up()
            if self.house.link_is_up:
                Promises(self.house).check()
            if at == self.dies_at:
                self.house.wait(0.001)
                self.keep_up()
                self.twin, answers = take_up(self.house.centre, self.house.now)
                assert answers == []
                self.house.wait(0.001)

    def keep_up(self) -> None:
        """The twin, taken up from what was stored, is told the same and says the same."""
        house = self.house
        told, said = house.events[self.fed :], house.said[self.answered :]
        self.fed, self.answered = len(house.events), len(house.said)
        house.centre.take_touched()
        if self.twin:
            assert answers_of(self.twin, told) == said
            self.twin.take_touched()

    # --- what may happen --------------------------------------------------------------------------

    def happen(self, rng: random.Random) -> None:
        house = self.house
        house.wait(rng.choice([0.0, 0.0, 1.0, 1.0, 2.0, 5.0, 21.0]))
        calls = [call for call in house.centre.calls.calls.values() if not call.is_over]
        choices = [self.somebody_calls, self.click, self.click, self.click, self.people, self.people, self.trouble]
        rng.choice(choices)(rng, rng.choice(calls) if calls else None)

    def somebody_calls(self, rng: random.Random, _: Call | None) -> None:
        if self.house.link_is_up:
            self.house.call(rng.choice(CALLERS), rng.choice([BANK, BANK, SHOP]), record=rng.random() < 0.8)
            self.house.wait(rng.choice([0.0, GREETING_S]))

    def click(self, rng: random.Random, call: Call | None) -> None:
        """Mostly something that the desk would offer now."""
        agent = rng.choice(AGENTS)
        if call is None:
            self.house.dials(agent, rng.choice([*NUMBERS, "1"]))
            return
        legal = sorted((one, act) for one in AGENTS for act in legal_acts(call, one))
        if legal and rng.random() < 0.9:
            agent, act = rng.choice([one for one in legal if one[1] is Act.ANSWER] * 3 + legal)
        else:
            act = rng.choice(list(Act))
        self.house.press(agent, act, call.id, target=a_target(rng), digits=rng.choice(["1", "0", "x"]))

    def people(self, rng: random.Random, call: Call | None) -> None:
        house, agent = self.house, rng.choice(AGENTS)
        match rng.randrange(8):
            case 0 | 1 | 2:
                work = house.agent(agent).work
                if work and work.phase is WorkPhase.WRAP_UP:
                    house.writes_up(agent, CallId(UUID(work.item.partition(":")[2])))
                house.ask(agent, Presence.READY)
            case 3:
                presence = rng.choice([Presence.NOT_READY, Presence.OUT, Presence.READY])
                house.ask(agent, presence, "lunch", later=rng.random() < 0.5)
            case 4 if call and call.customer and house.link_is_up:
                house.keys(call.id, rng.choice("0123"))
            case 5 | 6 if call and call.legs and house.link_is_up:
                leg = rng.choice(call.legs)
                (house.hangs_up if leg.answered or rng.random() < 0.5 else house.declines)(leg)
            case 7:
                work = house.agent(agent).work
                if work:
                    house.tell(WrapUpExtended(item=work.item, agent=agent, seconds=5))
            case _:
                house.phone(agent, up=True)

    def trouble(self, rng: random.Random, call: Call | None) -> None:
        house, agent = self.house, rng.choice(AGENTS)
        match rng.randrange(6):
            case 0:
                house.phone(agent, up=not house.agent(agent).reachable)
            case 1 if call and call.legs and house.link_is_up:
                house.loses(rng.choice(call.legs))
            case 2 if house.link_is_up:
                house.cut_link()
            case 3:
                queues = rng.choice([frozenset({LOANS}), frozenset({CARDS}), frozenset({LOANS, CARDS})])
                house.tell(AgentSet(agent=agent, version=house.agent(agent).version + 1, queues=queues))
            case _ if not house.link_is_up:
                self.mend(rng)

    def mend(self, rng: random.Random) -> None:
        """What could not be sent is refused, the oldest first, or sent late: before the snapshot or after it.

        What the centre says meanwhile waits its turn behind that, as it does in the engine.
        """
        house = self.house
        lost, house.lost = house.lost, []
        refused, cut = rng.randrange(len(lost) + 1), rng.randrange(len(lost) + 1)
        fates = [self.refuse] * refused + [self.send] * (len(lost) - refused)
        waiting = deque(zip(lost, fates, strict=True))
        house.pbx.advance(house.now)
        for _ in range(cut):
            self.serve(waiting)
        house.tell(house.pbx.snapshot(house.now))
        while waiting or house.lost:
            self.serve(waiting)
        house.link_is_up = True

    def serve(self, waiting: deque[tuple[port.CallCommand, Callable[[port.CallCommand], None]]]) -> None:
        if waiting:
            command, fate = waiting.popleft()
            fate(command)
        waiting.extend((command, self.send) for command in self.house.lost)
        self.house.lost = []

    def send(self, command: port.CallCommand) -> None:
        for event in self.house.pbx.handle(command, self.house.now):
            self.house.tell(event)

    def refuse(self, command: port.CallCommand) -> None:
        refused = port.CommandRefused(
            event_id=uuid5(command.command_id, "refused"),
            call_id=command.call_id,
            at=self.house.now,
            command_id=command.command_id,
            reason="expired",
        )
        self.house.tell(refused)

    # --- the evening ------------------------------------------------------------------------------

    def close(self) -> None:
        """All customers hang up, all operators write up; after an hour and a half nothing is left."""
        house = self.house
        if not house.link_is_up:
            self.mend(random.Random(0))
        for call in [*house.centre.calls.calls.values()]:
            if customer := call.customer:
                house.hangs_up(customer)
            elif not call.is_over:
                house.wait(60)
        for _ in range(3):
            for agent in AGENTS:
                work = house.agent(agent).work
                if work and work.phase is WorkPhase.WRAP_UP:
                    house.writes_up(agent, CallId(UUID(work.item.partition(":")[2])))
            house.wait(1800)


def a_target(rng: random.Random) -> Target:
    return rng.choice(
        [
            *(Target(agent=agent) for agent in AGENTS),
            Target(queue=LOANS),
            Target(queue=CARDS),
            *(Target(number=number) for number in NUMBERS),
            Target(),
        ]
    )


def answers_of(centre: Centre, told: list[tuple[Event, datetime]]) -> list[Output]:
    return [said for event, now in told for said in centre.handle(event, now)]


class Promises:
    """What is so after every event, as long as centre and exchange hear each other."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.calls = house.centre.calls.calls
        self.routing = house.centre.routing

    def check(self) -> None:
        for agent in AGENTS:
            assert len(self.house.pbx.board.legs_at(f"agent:{agent}")) <= 1
            self._work_is_what_the_calls_say(agent)
        for call in self.calls.values():
            self._work_waits_where_the_call_does(call)
            self._parties_are_where_the_phase_says(call)
        self._nobody_is_lost()

    def _nobody_is_lost(self) -> None:
        """Each customer on the line is in a call that goes on; each call that goes on has a customer or seeks one."""
        for seen in self.house.pbx.board.calls.values():
            assert seen.call_id in self.calls
            assert not self.calls[seen.call_id].is_over
            known = {leg.id: leg for leg in self.calls[seen.call_id].legs}
            assert seen.legs.keys() <= known.keys()  # one just dialled may not be there, or no longer
            assert not [leg for leg_id, leg in known.items() if leg_id not in seen.legs and leg.delivered]
        for call in self.calls.values():
            assert call.is_over or call.customer or call.phase is Phase.DIALLING
            assert call.is_over or call.id in self.house.pbx.board.calls

    def _work_waits_where_the_call_does(self, call: Call) -> None:
        item, consult = self.routing.items.get(call.item), self.routing.items.get(call.consult_item)
        assert (item is not None) == (call.phase in {Phase.QUEUED, Phase.RINGING})
        assert (consult is not None) == (call.consult_queue is not None)
        if item:
            assert (item.offered_to is not None) == (call.phase is Phase.RINGING)
            assert item.offered_to is None or call.leg_of(item.offered_to)

    def _parties_are_where_the_phase_says(self, call: Call) -> None:
        if call.phase in TALKING and call.owner is not None:
            leg, work = call.leg_of(call.owner), self.routing.agents[call.owner].work
            assert leg
            assert leg.answered
            assert work
            assert (work.item, work.phase) == (call.item, WorkPhase.ACTIVE)
        joined = self.house.pbx.board.calls[call.id].joined() if not call.is_over else []
        if call.phase is Phase.TALKING:
            assert len(joined) == len(call.legs) >= 2
        elif call.phase is not Phase.DIALLING:
            assert call.customer is None or call.customer.id not in {leg.leg_id for leg in joined}
        if call.is_over:
            assert not call.legs

    def _work_is_what_the_calls_say(self, agent: AgentId) -> None:
        known = self.routing.agents[agent]
        for work in (known.work, known.behind):
            if work is None:
                continue
            call = self.calls[CallId(UUID(work.item.partition(":")[2]))]
            if work.phase is WorkPhase.WRAP_UP:
                assert [one.agent for one in call.segments if one.kind is Stretch.WRAP_UP].count(agent) == 1
            else:
                assert call.leg_of(agent)


class Books:
    """What history is told of each call, added up."""

    def __init__(self, said: list[Output]) -> None:
        self.facts = [one for one in said if isinstance(one, Fact)]
        self.moves = [one for one in said if isinstance(one, AgentMoved)]

    def balance(self) -> None:
        begun = {fact.segment_id: fact for fact in self.facts if isinstance(fact, SegmentBegan)}
        ended = {fact.segment_id: fact for fact in self.facts if isinstance(fact, SegmentEnded)}
        assert begun.keys() == ended.keys()
        assert len(ended) == len([fact for fact in self.facts if isinstance(fact, SegmentEnded)])
        calls = {fact.call_id: fact.at for fact in self.facts if isinstance(fact, ContactBegan)}
        ends = {fact.call_id: fact.at for fact in self.facts if isinstance(fact, ContactEnded)}
        assert calls.keys() == ends.keys()
        for call_id, since in calls.items():
            stretches = [(one, ended[key].at) for key, one in begun.items() if one.call_id == call_id]
            self._adds_up(stretches, since, ends[call_id])

    def _adds_up(self, stretches: list[tuple[SegmentBegan, datetime]], since: datetime, until: datetime) -> None:
        """Without write-up and ringing, which goes on while the customer waits, one stretch follows the other."""
        path = [
            (one.at, end, one.kind)
            for one, end in stretches
            if one.kind not in {Stretch.WRAP_UP, Stretch.RING} and end > one.at
        ]
        reached, total = since, timedelta()
        for at, end, kind in sorted(path):
            assert at <= reached
            assert at == reached or kind is Stretch.TALK  # in a conference two talk at a time
            total += max(end - reached, timedelta())
            reached = max(end, reached)
        assert (reached, total) == (until, until - since)
        for one, end in stretches:
            assert since <= one.at <= end
            assert end <= until or one.kind is Stretch.WRAP_UP

    def moves_are_moves(self) -> None:
        last: dict[AgentId, tuple[object, ...]] = {}
        for move in self.moves:
            now = (move.status, move.reason, move.by, move.until)
            assert last.get(move.agent) != now or move.status in {"ringing", "busy", "wrap_up"}
            last[move.agent] = now


def live(numbers: list[int], mode: tuple[WrapUp, bool], dies_at: int) -> None:
    day = Day(*mode, dies_at)
    day.play(numbers)
    day.close()
    house = day.house
    assert house.pbx.board.calls == {}
    assert list(house.centre.calls.calls.values()) == []
    assert house.centre.routing.items == {}
    assert [house.agent(agent).work for agent in AGENTS] == [None] * len(AGENTS)
    books = Books(house.said)
    books.balance()
    books.moves_are_moves()
    assert house.now > MORNING
    assert len(list(states_of(house.centre))) <= len(AGENTS) + len(CALLERS) + len(NUMBERS)
    ids = [said.command_id for said in house.said if isinstance(said, port.CallCommand)]
    assert len(ids) == len(set(ids))


class TestAnyDay:
    @settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(days, modes, st.integers(0, 40))
    def test_ends_with_everything_told_and_nothing_left(self, numbers, mode, dies_at):
        live(numbers, mode, dies_at)

    @pytest.mark.long
    @settings(max_examples=3_000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(days, modes, st.integers(0, 40))
    def test_ends_so_many_times(self, numbers, mode, dies_at):
        live(numbers, mode, dies_at)
