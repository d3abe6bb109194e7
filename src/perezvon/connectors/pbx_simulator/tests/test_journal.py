import random
from datetime import UTC, datetime
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from perezvon.connectors.pbx_simulator.scripts import Script
from perezvon.connectors.pbx_simulator.simulator import Simulator
from perezvon.cores.switchboard import Journal
from perezvon.kernel.ids import CallId, LegId
from perezvon.ports.telephony import Answer, Clear, Dial, Hold, Join, Mute

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ACTIONS = ("call", "answer", "join", "hold", "mute", "dial", "clear", "phone", "confirm", "read")


def written(journal: Journal):
    return journal.snapshot(event_id=uuid4(), at=NOW)


class Life:
    """A switch that lives at random, with a reader who confirms now and then."""

    def __init__(self, journal: Journal, seed: int) -> None:
        self.journal = journal
        self.simulator = Simulator(seed=seed)
        self.chance = random.Random(seed)

    def step(self, action: str) -> None:
        legs = [leg for call in self.simulator.board.calls.values() for leg in call.legs.values()]
        match action:
            case "call":
                self.simulator.place_call(Script(arrives_at=NOW, line="bank", caller=None), NOW)
            case "phone":
                address = f"agent:{self.chance.randrange(3)}"
                act = self.chance.choice([self.simulator.operator_comes, self.simulator.operator_leaves])
                act(address, NOW)
            case "dial":
                call = CallId(legs[0].call_id if legs else uuid4())
                to = self.chance.choice(["agent:1", "79161234567"])
                self.simulator.board.handle(Dial(command_id=uuid4(), call_id=call, leg_id=LegId(uuid4()), to=to), NOW)
            case "confirm":
                waiting = list(self.journal.unconfirmed())
                if waiting:
                    self.journal.confirm(self.chance.choice(waiting).event_id)
            case _ if legs:
                self._order(action, self.chance.choice(legs))
        for entry in self.simulator.board.take():
            self.journal.write(entry)

    def _order(self, action, leg):
        ids = {"command_id": uuid4(), "call_id": leg.call_id, "leg_id": leg.leg_id}
        if action == "mute":
            self.simulator.board.handle(Mute(**ids, muted=True), NOW)
        elif kind := {"answer": Answer, "join": Join, "hold": Hold, "clear": Clear}.get(action):
            self.simulator.board.handle(kind(**ids), NOW)

    def confirm_everything(self) -> None:
        for event in list(self.journal.unconfirmed()):
            self.journal.confirm(event.event_id)


def same(snapshot, other) -> bool:
    return set(snapshot.calls) == set(other.calls) and set(snapshot.devices) == set(other.devices)


@given(st.lists(st.sampled_from(ACTIONS), max_size=60), st.integers(0, 9))
def test_snapshot_with_everything_confirmed_is_how_things_stand(actions, seed):
    life = Life(Journal(), seed)
    for action in actions:
        life.step(action)

    life.confirm_everything()

    assert same(written(life.journal), life.simulator.snapshot(NOW))
    assert not list(life.journal.unconfirmed())


@given(st.lists(st.sampled_from(ACTIONS), max_size=60), st.integers(0, 9))
def test_a_short_memory_forgets_how_but_never_how_things_stand(actions, seed):
    life = Life(Journal(limit=3), seed)
    for action in actions:
        life.step(action)

    assert len(list(life.journal.unconfirmed())) <= 3
    life.confirm_everything()
    assert same(written(life.journal), life.simulator.snapshot(NOW))


class TestConfirm:
    def test_takes_everything_up_to_that_event(self):
        life = Life(Journal(), 1)
        for action in ("call", "call", "call"):
            life.step(action)
        first, second, third = life.journal.unconfirmed()

        life.journal.confirm(second.event_id)

        assert list(life.journal.unconfirmed()) == [third]
        assert {call.call_id for call in written(life.journal).calls} == {first.call_id, second.call_id}

    def test_of_an_unknown_event_changes_nothing(self):
        life = Life(Journal(), 1)
        life.step("call")

        life.journal.confirm(uuid4())

        assert len(list(life.journal.unconfirmed())) == 1
        assert written(life.journal).calls == ()
