"""Lines break, the link to the exchange breaks, the centre itself dies."""

from __future__ import annotations

from uuid import uuid4

import pytest

from perezvon.cores.calls.tests.house import (
    ANNA,
    BANK,
    BORIS,
    GREETING_S,
    IVAN,
    OLGA,
    TO_CARDS,
    TO_IVAN,
    VIKTOR,
    House,
    commands,
    states_of,
    stored,
    take_up,
)
from perezvon.cores.calls.words import Act, ContactEnded, LineSet, Phase, RecordingBegan, Stretch
from perezvon.cores.centre import Centre
from perezvon.cores.routing import AgentStatus, Presence, WrapUp
from perezvon.cores.routing.words import AgentSet, QueueSet, Tick
from perezvon.kernel.ids import CallId, LegId
from perezvon.ports import telephony as port


class TestTheOperatorsLineBreaks:
    def test_the_customer_hears_music_and_is_first_in_the_queue_for_her(self):
        house = House()
        call_id = house.talks()
        house.waits(BORIS)
        house.wait(10)

        house.phone(OLGA, up=False)

        assert house.joined(call_id) == set()
        assert house.phase(call_id) is Phase.QUEUED
        assert house.centre.routing.position(f"call:{call_id}") == 1
        assert house.status(OLGA) is AgentStatus.NO_PHONE
        assert house.stretches(call_id)[-2:] == [(Stretch.TALK, OLGA, "link_lost"), (Stretch.QUEUE, None, "open")]

    def test_she_has_the_customer_back_when_her_phone_is(self):
        house = House()
        call_id = house.talks()
        house.waits(BORIS)
        house.phone(OLGA, up=False)
        house.wait(5)

        house.phone(OLGA, up=True)
        house.press(OLGA, Act.ANSWER, call_id)

        assert house.joined(call_id) == {ANNA, "agent:1"}
        assert house.seen(call_id).owner == OLGA

    def test_somebody_else_has_the_customer_when_she_does_not_come_back(self):
        house = House()
        call_id = house.talks()
        house.comes(IVAN)
        house.phone(OLGA, up=False)

        house.wait(20)

        assert house.on_the_line(call_id) == {ANNA, "agent:2"}

    def test_with_her_phone_still_within_reach_she_is_rung_at_once_and_with_nobody_else(self):
        house = House()
        call_id = house.talks()
        house.waits(BORIS)

        house.loses(house.seen(call_id).leg_of(OLGA))

        assert house.on_the_line(call_id) == {ANNA, "agent:1"}
        assert house.agent(OLGA).work.item == f"call:{call_id}"

    def test_on_hold_is_no_different(self):
        house = House()
        call_id = house.talks()
        house.press(OLGA, Act.HOLD, call_id)

        house.phone(OLGA, up=False)

        assert house.phase(call_id) is Phase.QUEUED
        assert house.stretches(call_id)[-2:] == [(Stretch.HOLD, OLGA, "link_lost"), (Stretch.QUEUE, None, "open")]

    def test_while_she_is_rung_is_a_miss(self):
        house = House()
        call_id = house.rings()

        house.phone(OLGA, up=False)

        assert house.phase(call_id) is Phase.QUEUED
        assert house.status(OLGA) is AgentStatus.MISSED

    def test_while_she_dials_ends_the_call(self):
        house = House()
        house.phone(OLGA, up=True)
        call_id = house.dials(OLGA, ANNA)

        house.phone(OLGA, up=False)

        assert house.on_the_line(call_id) == set()
        assert house.facts(ContactEnded)[0].ended_by == "agent"


class TestTheCustomersLineBreaks:
    @pytest.mark.parametrize(
        ("stage", "ended_by"),
        [("call", "abandoned"), ("waits", "abandoned"), ("rings", "abandoned"), ("talks", "link")],
    )
    def test_and_the_contact_ends_as_what_it_was(self, stage, ended_by):
        house = House()
        call_id = getattr(house, stage)()

        house.loses(house.seen(call_id).customer)

        assert [(one.ended_by, one.cause) for one in house.facts(ContactEnded)] == [(ended_by, "link_lost")]
        assert house.on_the_line(call_id) == set()


class TestTheLinkToTheExchangeBreaks:
    """Whatever happens meanwhile, afterwards the centre knows how things stand."""

    @pytest.mark.parametrize("stage", ["call", "waits", "rings", "talks", "consults"])
    def test_and_nothing_has_changed(self, stage):
        house = House()
        call_id = getattr(house, stage)()
        phase, legs = house.phase(call_id), house.on_the_line(call_id)
        house.cut_link()

        said = house.mend_link()

        assert (house.phase(call_id), house.on_the_line(call_id)) == (phase, legs)
        assert commands(said) == (["Play"] if stage == "call" else [])

    @pytest.mark.parametrize("stage", ["call", "waits", "rings", "talks", "consults"])
    def test_and_the_customer_has_gone(self, stage):
        house = House()
        call_id = getattr(house, stage)()
        house.cut_link()
        house.customer_hangs_up(call_id)

        house.mend_link()

        assert len(house.facts(ContactEnded)) == 1
        assert house.on_the_line(call_id) == set()
        assert [s for s in house.stretches(call_id) if s[2] == "open" and s[0] is not Stretch.WRAP_UP] == []

    def test_and_everything_in_the_exchange_is_gone(self):
        house = House()
        calls = [house.talks(OLGA), house.talks(IVAN, BORIS), house.waits("79160000001"), house.call("79160000002")]

        house.tell(port.Snapshot(event_id=uuid4(), at=house.now))

        assert len(house.facts(ContactEnded)) == 4
        assert [house.phase(call_id) for call_id in calls] == [Phase.ENDED, Phase.ENDED, None, None]
        assert house.status(OLGA) is AgentStatus.WRAP_UP
        assert house.centre.routing.items == {}

    def test_and_everything_of_a_call_that_we_made_is_gone(self):
        """Its operator's leg is the first of it: he must not wait for himself."""
        house = House()
        house.phone(OLGA, up=True)
        call_id = house.dials(OLGA, ANNA)
        house.wait(10)

        house.tell(port.Snapshot(event_id=uuid4(), at=house.now, devices=("agent:1",)))

        assert house.phase(call_id) is Phase.ENDED
        assert house.facts(ContactEnded)[0].ended_by == "link"
        assert house.status(OLGA) is AgentStatus.WRAP_UP
        assert house.centre.routing.items == {}

    def test_and_the_operator_has_answered_meanwhile(self):
        house = House()
        call_id = house.rings()
        house.cut_link()
        house.pbx.board.pick_up(house.seen(call_id).leg_of(OLGA).id, house.now)

        house.mend_link()

        assert house.phase(call_id) is Phase.TALKING
        assert house.joined(call_id) == {ANNA, "agent:1"}

    def test_and_the_operator_has_answered_and_the_lease_has_run_out(self):
        house = House()
        call_id = house.rings()
        house.cut_link()
        house.pbx.board.pick_up(house.seen(call_id).leg_of(OLGA).id, house.now)
        house.wait(20)

        house.mend_link()

        assert house.on_the_line(call_id) == {ANNA}
        assert (house.phase(call_id), house.status(OLGA)) == (Phase.QUEUED, AgentStatus.MISSED)

    def test_and_a_command_was_lost_that_is_given_again(self):
        house = House()
        call_id = house.talks()
        house.cut_link()
        house.press(OLGA, Act.HOLD, call_id)

        house.mend_link()

        assert house.phase(call_id) is Phase.HELD
        assert house.joined(call_id) == {"agent:1"}

    def test_and_a_leg_that_should_have_been_cleared_still_rings(self):
        house = House()
        call_id = house.rings()
        house.cut_link()
        house.press(OLGA, Act.DECLINE, call_id)
        assert house.on_the_line(call_id) == {ANNA, "agent:1"}

        house.mend_link()

        assert house.on_the_line(call_id) == {ANNA}

    def test_and_a_call_that_is_over_for_us_is_still_there(self):
        house = House()
        call_id = house.talks()
        house.cut_link()
        house.press(OLGA, Act.HANG_UP, call_id)
        house.writes_up(OLGA, call_id)

        house.mend_link()

        assert house.on_the_line(call_id) == set()

    def test_and_a_leg_just_dialled_is_not_taken_for_lost(self):
        """Its Dial may still be on the way: the lease decides."""
        house = House()
        call_id = house.waits()
        house.cut_link()
        house.ask(OLGA, Presence.READY)
        house.tell(port.DeviceChanged(event_id=uuid4(), address="agent:1", reachable=True, at=house.now))
        assert house.phase(call_id) is Phase.RINGING
        calls = house.pbx.snapshot(house.now).calls

        house.tell(port.Snapshot(event_id=uuid4(), at=house.now, calls=calls, devices=("agent:1",)))

        assert house.phase(call_id) is Phase.RINGING

    def test_and_somebody_who_called_meanwhile_is_answered(self):
        house = House()
        house.cut_link()
        call_id = house.call()
        assert house.phase(call_id) is None

        house.mend_link()
        house.wait(GREETING_S)

        assert house.phase(call_id) is Phase.QUEUED
        assert house.seen(call_id).number == ANNA

    def test_and_somebody_whose_answer_was_lost_is_answered(self):
        house = House()
        house.cut_link()
        call_id = house.call()
        house.tell(house.pbx.snapshot(house.now))
        assert house.phase(call_id) is Phase.GREETING

        house.mend_link()
        house.wait(GREETING_S)

        assert house.phase(call_id) is Phase.QUEUED

    def test_and_the_greeting_is_said_again(self):
        """Its end may have been told while nobody listened, and nobody shall be recorded unwarned."""
        house = House()
        call_id = house.call()
        house.cut_link()
        house.wait(10)
        assert house.phase(call_id) is Phase.GREETING

        house.mend_link()
        house.wait(GREETING_S)

        assert house.phase(call_id) is Phase.QUEUED

    def test_and_phones_have_come_and_gone(self):
        house = House()
        house.comes(OLGA)
        house.cut_link()
        house.pbx.operator_leaves("agent:1", house.now)
        house.pbx.operator_comes("agent:3", house.now)

        house.mend_link()

        assert house.status(OLGA) is AgentStatus.NO_PHONE
        assert house.agent(VIKTOR).reachable

    def test_and_a_customer_who_was_never_answered_is_given_up_in_the_end(self):
        house = House()
        house.cut_link()
        house.tell(
            port.Offered(
                event_id=uuid4(),
                call_id=(call_id := CallId(uuid4())),
                at=house.now,
                leg_id=LegId(uuid4()),
                line=BANK,
                caller=ANNA,
            )
        )

        house.wait(30)

        assert house.phase(call_id) is None
        assert house.facts(ContactEnded)[0].ended_by == "abandoned"


class TestSeveralExchanges:
    @pytest.fixture
    def house(self) -> House:
        house = House()
        house.tell(LineSet(line="bank", version=2, queue=10, switch="voice"))
        house.tell(LineSet(line="shop", version=2, queue=20, switch="asterisk"))
        return house

    def test_are_compared_each_with_its_own_calls(self, house):
        mine, other = house.waits(ANNA, "bank"), house.waits(BORIS, "shop")

        house.tell(port.Snapshot(event_id=uuid4(), at=house.now, switch="asterisk"))

        assert house.phase(mine) is Phase.QUEUED
        assert house.phase(other) is None

    def test_know_each_their_own_phones(self, house):
        for switch in ("voice", "asterisk"):
            house.tell(
                port.DeviceChanged(event_id=uuid4(), address="agent:1", reachable=True, at=house.now, switch=switch)
            )

        house.tell(port.Snapshot(event_id=uuid4(), at=house.now, switch="asterisk"))
        assert house.agent(OLGA).reachable
        house.tell(port.Snapshot(event_id=uuid4(), at=house.now, switch="voice"))
        assert not house.agent(OLGA).reachable


class TestStrangeNews:
    @pytest.mark.parametrize("address", ["agent:", "agent:abc", "agent:-1", "79161234567", "", "agent:1:2"])
    def test_of_phones_that_are_none_changes_nothing(self, address):
        house = House()
        before = repr(list(states_of(house.centre)))

        changed = port.DeviceChanged(event_id=uuid4(), address=address, reachable=True, at=house.now)
        snapshot = port.Snapshot(event_id=uuid4(), at=house.now, devices=(address,))

        assert house.tell(changed) == house.tell(snapshot) == []
        assert repr(list(states_of(house.centre))) == before

    @pytest.mark.parametrize(
        "kind", [port.Delivered, port.Joined, port.Held, port.ConnectionCleared, port.PromptEnded, port.Digits]
    )
    @pytest.mark.parametrize("is_known_call", [True, False])
    def test_of_legs_that_nobody_knows_changes_nothing(self, kind, is_known_call):
        house = House()
        call_id = house.talks() if is_known_call else CallId(uuid4())
        before = repr(list(states_of(house.centre)))
        more = {
            port.ConnectionCleared: {"cause": port.Cause.NORMAL, "by_party": True},
            port.PromptEnded: {"command_id": uuid4()},
            port.Digits: {"digits": "0"},
        }.get(kind, {})

        event = kind(event_id=uuid4(), call_id=call_id, at=house.now, leg_id=LegId(uuid4()), **more)

        assert house.tell(event) == []
        assert repr(list(states_of(house.centre))) == before

    def test_that_an_answered_leg_was_answered_changes_nothing(self):
        house = House()
        call_id = house.talks()
        customer = house.seen(call_id).customer

        said = house.tell(port.Established(event_id=uuid4(), call_id=call_id, at=house.now, leg_id=customer.id))

        assert said == []

    def test_of_a_kind_from_tomorrow_changes_nothing(self):
        house = House()

        assert house.tell(object()) == []


class TestTheCentreDies:
    """Another takes up what was stored and goes on as if nothing had been."""

    @pytest.mark.parametrize("stage", ["call", "waits", "rings", "talks", "consults"])
    def test_and_says_nothing_new_when_nothing_happened(self, stage):
        house = House()
        getattr(house, stage)()

        fresh, answers = take_up(house.centre, house.now)

        assert answers == []
        assert stored(fresh) == stored(house.centre)

    def test_while_ringing_and_the_lease_still_runs_out(self):
        house = House()
        house.comes(OLGA, IVAN)
        call_id = house.waits()
        house.wait(5)

        house.restart()
        house.wait(15)

        assert house.on_the_line(call_id) == {ANNA, "agent:2"}
        assert house.status(OLGA) is AgentStatus.MISSED

    def test_for_so_long_that_the_lease_has_run_out_meanwhile(self):
        house = House()
        house.comes(OLGA, IVAN)
        house.waits()

        _, answers = take_up(house.centre, house.now.replace(minute=30))

        assert commands(answers) == ["Clear", "Dial"]

    def test_in_a_talk_which_goes_on_to_its_end(self):
        house = House(wrap_up=WrapUp.TIMED)
        call_id = house.talks()

        house.restart()
        house.press(OLGA, Act.HOLD, call_id)
        house.restart()
        house.customer_hangs_up(call_id)
        house.restart()
        house.wait(60)

        assert house.phase(call_id) is None
        assert [s for s in house.stretches(call_id) if s[2] == "open"] == []

    def test_with_two_idle_and_the_same_one_is_rung(self):
        house = House()
        house.comes(IVAN)
        house.wait(1)
        house.comes(OLGA)

        house.restart()

        assert house.on_the_line(house.waits()) == {ANNA, "agent:2"}

    def test_and_a_customer_cut_off_before_still_comes_back_to_the_same_operator(self):
        house = House()
        first = house.talks()
        house.customer_hangs_up(first)
        house.comes(IVAN)

        house.restart()
        second = house.call()

        assert house.on_the_line(second) == {ANNA, "agent:1"}
        assert house.seen(second).contact_id == first

    def test_and_configuration_has_changed_meanwhile(self):
        """Somebody waits for whom an idle operator may work now: he is rung at once."""
        house = House()
        house.comes(VIKTOR)
        call_id = house.waits()

        fresh = Centre()
        fresh.handle(LineSet(line="bank", version=1, queue=10), house.now)
        fresh.handle(QueueSet(queue=10, version=1), house.now)
        fresh.handle(AgentSet(agent=VIKTOR, version=2, queues=frozenset({10})), house.now)
        answers = fresh.restore(list(states_of(house.centre)), house.now)

        assert [one.to for one in answers if isinstance(one, port.Dial)] == ["agent:3"]
        assert fresh.calls.calls[call_id].phase is Phase.RINGING


class TestReplaying:
    def test_the_same_events_at_the_same_times_gives_the_same_answers(self):
        house = House(line={"announce_every_s": 7})
        house.comes(OLGA, IVAN)
        first, second = house.waits(ANNA), house.waits(BORIS)
        house.press(OLGA, Act.ANSWER, first)
        house.wait(25)
        house.press(OLGA, Act.TRANSFER, first, target=TO_CARDS)
        house.comes(VIKTOR)
        house.press(VIKTOR, Act.ANSWER, first)
        house.customer_hangs_up(second)
        house.writes_up(OLGA, first)
        house.press(VIKTOR, Act.CONSULT, first, target=TO_IVAN)
        house.wait(100)

        again = Centre()
        said = [one for event, at in house.events for one in again.handle(event, at)]

        assert said == house.said
        assert len(said) > 50

    def test_ticks_that_are_alike_make_different_commands(self):
        house = House(line={"announce_every_s": 30})
        house.waits()
        ids = [said.command_id for said in house.wait(300) if isinstance(said, port.CallCommand)]
        house.tell(Tick())

        assert len(ids) == len(set(ids)) == 10

    def test_a_presence_chosen_to_and_fro_at_one_moment_makes_different_commands(self):
        house = House()
        house.comes(OLGA)
        house.waits()
        house.said.clear()

        for _ in range(2):
            house.ask(OLGA, Presence.NOT_READY)
            house.ask(OLGA, Presence.READY)

        ids = [said.command_id for said in house.said if isinstance(said, port.CallCommand)]
        assert len(ids) == len(set(ids)) == 4


class TestNothingGrowsWithoutEnd:
    def test_after_many_calls_nothing_is_left(self):
        house = House(wrap_up=WrapUp.NONE, ready_after=True, line={"return_s": 60})
        house.comes(OLGA)
        for number in range(300):
            call_id = house.waits(f"7916{number:07}")
            house.press(OLGA, Act.ANSWER, call_id)
            house.customer_hangs_up(call_id)
            house.wait(20)
        house.wait(3600)
        house.customer_hangs_up(house.talks(OLGA, BORIS))

        calls, routing = house.centre.calls, house.centre.routing
        assert (len(calls.calls), len(routing.items)) == (0, 0)
        assert list(calls.recent) == [BORIS]
        assert len(calls._alarms) < 10
        assert len(routing._timers) < 10
        assert len(routing._lanes) < 10

    def test_a_call_that_is_clicked_at_for_hours_keeps_few_clicks(self):
        house = House()
        call_id = house.talks()
        for _ in range(100):
            house.press(OLGA, Act.MUTE, call_id)
            house.press(OLGA, Act.UNMUTE, call_id)

        assert len(house.seen(call_id).pending) <= 8

    def test_one_who_is_passed_on_for_hours_is_remembered_once_by_each(self):
        house = House()
        house.comes(OLGA)
        call_id = house.waits()
        for _ in range(50):
            house.wait(20)
            house.ask(OLGA, Presence.READY)

        assert house.centre.routing.items[f"call:{call_id}"].passed == {OLGA}
        assert house.facts(RecordingBegan) == []
