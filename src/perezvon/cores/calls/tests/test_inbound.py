"""A customer calls: greeting, queue, ringing, talk, end."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from perezvon.connectors.pbx_simulator.simulator import World
from perezvon.cores.calls.model import legal_acts
from perezvon.cores.calls.tests.house import (
    ANNA,
    BANK,
    BORIS,
    GREETING_S,
    IVAN,
    LOANS,
    MORNING,
    OLGA,
    VIKTOR,
    House,
    commands,
    kinds,
)
from perezvon.cores.calls.words import (
    Act,
    ContactBegan,
    ContactEnded,
    Direction,
    LineSet,
    Phase,
    RecordingBegan,
    RecordingReady,
    RecordingRefused,
    SegmentEnded,
    Stretch,
    WrapUpOver,
)
from perezvon.cores.routing import AgentStatus, Presence, WrapUp
from perezvon.kernel.ids import CallId, LegId
from perezvon.ports import telephony as port


def plays(house: House) -> list[tuple[str, ...]]:
    return [said.prompts for said in house.said if isinstance(said, port.Play)]


class TestACallComesIn:
    def test_and_is_answered_and_greeted(self):
        house = House()

        call_id = house.call()

        assert house.phase(call_id) is Phase.GREETING
        assert plays(house) == [("greeting", "recording_notice")]
        assert house.facts(ContactBegan) == [
            ContactBegan(
                contact_id=call_id,
                call_id=call_id,
                at=MORNING,
                direction=Direction.INBOUND,
                line=BANK,
                queue=LOANS,
                number=ANNA,
            )
        ]

    def test_and_waits_after_the_greeting(self):
        house = House()
        call_id = house.waits()

        assert house.phase(call_id) is Phase.QUEUED
        assert house.stretches(call_id) == [(Stretch.GREETING, None, ""), (Stretch.QUEUE, None, "open")]
        assert house.centre.routing.position(f"call:{call_id}") == 1

    def test_and_waits_at_once_where_nothing_is_to_be_said(self):
        house = House(line={"greeting": (), "notice": ()})

        assert house.phase(house.call()) is Phase.QUEUED

    @pytest.mark.parametrize(
        ("caller", "number"),
        [("+7 916 123-45-67", ANNA), ("8 (916) 123-45-67", ANNA), (None, None), ("anonymous", "anonymous")],
    )
    def test_from_a_number_written_in_one_way_only(self, caller, number):
        house = House()

        assert house.seen(house.call(caller)).number == number

    def test_twice_told_is_one_call(self):
        house = House()
        call_id = house.call()
        offered = next(event for event, _ in house.events if isinstance(event, port.Offered))

        assert house.tell(offered) == []
        assert list(house.centre.calls.calls) == [call_id]

    def test_on_a_line_that_is_not_ours_is_turned_away(self):
        house = House()

        call_id = house.call(line="nowhere")

        assert [said.cause for said in house.said if isinstance(said, port.Clear)] == [port.Cause.UNREACHABLE]
        assert house.phase(call_id) is None
        assert house.facts(ContactBegan) == []

    def test_on_a_line_taken_away_meanwhile_goes_on(self):
        house = House()
        call_id = house.rings()
        del house.centre.calls.lines[BANK]

        house.press(OLGA, Act.ANSWER, call_id)
        house.customer_hangs_up(call_id)

        assert house.phase(call_id) is Phase.ENDED

    def test_a_line_set_to_an_older_version_stays_as_it_is(self):
        house = House()

        house.tell(LineSet(line=BANK, version=1, queue=LOANS, greeting=("closed",)))
        house.call()

        assert plays(house) == [("greeting", "recording_notice")]


class TestAGreetingThatDoesNotEnd:
    def test_because_the_exchange_cannot_play_it_is_left_out(self):
        house = House(line={"greeting": ("no such sound",)})

        assert house.phase(house.call()) is Phase.QUEUED

    def test_because_its_end_was_never_told_is_given_up(self):
        house = House(World(prompt_s=10_000))
        call_id = house.call()

        house.wait(179)
        assert house.phase(call_id) is Phase.GREETING
        house.wait(1)
        assert house.phase(call_id) is Phase.QUEUED


class TestNotBeingRecorded:
    def test_is_asked_for_by_key_in_the_greeting(self):
        house = House()
        call_id = house.call()

        house.keys(call_id, "0")

        assert house.facts(RecordingRefused, call_id)
        assert plays(house)[-1] == ("not_recorded",)
        house.wait(1)
        assert house.phase(call_id) is Phase.QUEUED

    def test_may_still_be_asked_for_in_the_queue(self):
        house = House()
        call_id = house.waits()

        house.keys(call_id, "0")

        assert house.facts(RecordingRefused, call_id)
        assert house.phase(call_id) is Phase.QUEUED

    @pytest.mark.parametrize("keys", ["1", "#"])
    def test_is_not_what_other_keys_mean(self, keys):
        house = House()
        call_id = house.call()

        house.keys(call_id, keys)

        assert house.seen(call_id).record

    def test_is_told_once_however_often_the_key_is_pressed(self):
        house = House()
        call_id = house.call()

        house.keys(call_id, "0")
        house.keys(call_id, "0")

        assert len(house.facts(RecordingRefused)) == 1

    def test_may_be_said_before_the_call(self):
        house = House()
        house.comes(OLGA)
        call_id = house.call(record=False)

        assert plays(house) == [("greeting", "not_recorded")]
        assert house.facts(RecordingRefused, call_id)

    def test_means_no_recording(self):
        house = House()
        house.comes(OLGA)
        call_id = house.call(record=False)
        house.wait(GREETING_S)
        house.press(OLGA, Act.ANSWER, call_id)

        assert house.facts(RecordingBegan) == []
        assert "StartRecording" not in commands(house.said)

    def test_comes_too_late_when_the_talk_has_begun(self):
        house = House()
        call_id = house.talks()

        house.keys(call_id, "0")

        assert house.facts(RecordingRefused) == []

    def test_is_no_question_on_a_line_that_records_nothing(self):
        house = House(line={"record": False})
        call_id = house.call()

        assert plays(house) == [("greeting",)]
        house.keys(call_id, "0")
        assert house.facts(RecordingRefused) == []


class TestWaiting:
    def test_tells_the_place_in_the_queue(self):
        house = House()
        house.waits(ANNA)
        house.waits(BORIS)

        house.wait(30)

        assert plays(house)[-2:] == [("place_in_queue", "number.1"), ("place_in_queue", "number.2")]

    def test_tells_it_again_and_again(self):
        house = House(line={"announce_every_s": 10})
        house.waits()

        house.wait(35)

        assert plays(house)[1:] == [("place_in_queue", "number.1")] * 3

    @pytest.mark.parametrize(("ahead", "prompts"), [(19, ("place_in_queue", "number.20")), (20, ("please_wait",))])
    def test_tells_a_far_place_in_other_words(self, ahead, prompts):
        house = House()
        for number in range(ahead):
            house.call(f"7916000{number:04}")
        house.wait(5)
        house.waits(BORIS)

        house.wait(30)

        assert plays(house)[-1] == prompts

    def test_tells_nothing_while_somebody_is_being_rung_and_goes_on_afterwards(self):
        house = House(World(prompt_s=1.0), line={"announce_every_s": 10}, ring_s=25)
        house.rings()

        house.wait(29)
        assert plays(house) == [("greeting", "recording_notice")]
        house.wait(1)
        assert plays(house)[-1] == ("place_in_queue", "number.1")

    @pytest.mark.parametrize("every_s", [0, -1])
    def test_tells_nothing_where_nothing_is_wanted(self, every_s):
        house = House(line={"announce_every_s": every_s})
        house.waits()

        assert house.wait(600) == []


class TestRinging:
    def test_rings_the_operators_phone_with_the_customers_number(self):
        house = House()
        call_id = house.rings()

        [dial] = [said for said in house.said if isinstance(said, port.Dial)]
        assert (dial.to, dial.shown, dial.ring_s, dial.answer_at_once) == ("agent:1", ANNA, 20.0, False)
        assert house.phase(call_id) is Phase.RINGING
        assert house.stretches(call_id)[-1] == (Stretch.RING, OLGA, "open")

    def test_of_one_who_does_not_answer_goes_on_to_the_next(self):
        house = House()
        house.comes(OLGA, IVAN)
        call_id = house.waits()

        house.wait(20)

        assert house.status(OLGA) is AgentStatus.MISSED
        assert house.phase(call_id) is Phase.RINGING
        assert house.stretches(call_id)[-2:] == [(Stretch.RING, OLGA, "missed"), (Stretch.RING, IVAN, "open")]
        assert house.on_the_line(call_id) == {ANNA, "agent:2"}

    def test_of_one_who_does_not_answer_ends_in_the_queue_when_he_is_alone(self):
        house = House()
        call_id = house.rings()

        house.wait(20)

        assert house.phase(call_id) is Phase.QUEUED
        assert house.on_the_line(call_id) == {ANNA}

    def test_is_declined_by_button(self):
        house = House()
        call_id = house.rings()

        house.press(OLGA, Act.DECLINE, call_id)

        assert house.stretches(call_id)[-1] == (Stretch.RING, OLGA, "declined")
        assert house.status(OLGA) is AgentStatus.NOT_READY
        assert house.on_the_line(call_id) == {ANNA}

    def test_is_declined_at_the_phone(self):
        house = House()
        call_id = house.rings()

        house.declines(house.seen(call_id).leg_of(OLGA))

        assert house.stretches(call_id)[-1] == (Stretch.RING, OLGA, "declined")
        assert house.status(OLGA) is AgentStatus.NOT_READY

    def test_of_a_phone_that_is_not_there_is_a_miss(self):
        house = House()
        house.comes(OLGA)
        house.pbx._phones.clear()

        call_id = house.waits()

        assert house.stretches(call_id)[-1] == (Stretch.RING, OLGA, "missed")
        assert house.status(OLGA) is AgentStatus.MISSED

    def test_stops_when_the_operator_is_not_ready_any_more(self):
        house = House()
        call_id = house.rings()

        house.ask(OLGA, Presence.NOT_READY, "lunch")

        assert house.phase(call_id) is Phase.QUEUED
        assert house.on_the_line(call_id) == {ANNA}

    def test_answered_just_too_late_is_not_answered(self):
        """The lease is over by then and somebody else is rung."""
        house = House()
        house.comes(OLGA, IVAN)
        call_id = house.waits()
        leg = house.seen(call_id).leg_of(OLGA)
        house.now += timedelta(seconds=20)

        house.tell(port.Established(event_id=uuid4(), call_id=call_id, at=house.now, leg_id=leg.id))

        assert house.phase(call_id) is Phase.RINGING
        assert house.seen(call_id).owner is None
        assert house.on_the_line(call_id) == {ANNA, "agent:2"}

    def test_an_answer_of_a_leg_let_go_of_is_cleared_again(self):
        house = House()
        call_id = house.waits()
        stray = LegId(uuid4())

        said = house.tell(port.Established(event_id=uuid4(), call_id=call_id, at=house.now, leg_id=stray))

        assert [(one.leg_id, type(one)) for one in said] == [(stray, port.Clear)]


class TestTalking:
    def test_begins_with_the_answer_and_is_recorded(self):
        house = House()
        call_id = house.rings()
        house.wait(3)

        house.press(OLGA, Act.ANSWER, call_id)

        assert house.joined(call_id) == {ANNA, "agent:1"}
        assert (house.phase(call_id), house.seen(call_id).owner) == (Phase.TALKING, OLGA)
        assert house.status(OLGA) is AgentStatus.BUSY
        assert house.stretches(call_id) == [
            (Stretch.GREETING, None, ""),
            (Stretch.QUEUE, None, "answered"),
            (Stretch.RING, OLGA, "answered"),
            (Stretch.TALK, OLGA, "open"),
        ]
        assert len(house.facts(RecordingBegan, call_id)) == 1

    def test_ends_when_the_customer_hangs_up(self):
        house = House()
        call_id = house.talks()

        house.customer_hangs_up(call_id)

        assert house.facts(ContactEnded)[0].ended_by == "customer"
        assert house.on_the_line(call_id) == set()
        assert house.status(OLGA) is AgentStatus.WRAP_UP
        assert house.stretches(call_id)[-2:] == [(Stretch.TALK, OLGA, ""), (Stretch.WRAP_UP, OLGA, "open")]

    @pytest.mark.parametrize("how", ["button", "phone"])
    def test_ends_when_the_operator_hangs_up(self, how):
        house = House()
        call_id = house.talks()

        if how == "button":
            house.press(OLGA, Act.HANG_UP, call_id)
        else:
            house.hangs_up(house.seen(call_id).leg_of(OLGA))

        assert house.facts(ContactEnded)[0].ended_by == "agent"
        assert house.on_the_line(call_id) == set()
        assert house.status(OLGA) is AgentStatus.WRAP_UP

    def test_is_forgotten_when_it_is_written_up_and_the_sound_is_in(self):
        house = House()
        call_id = house.talks()
        house.customer_hangs_up(call_id)
        assert house.phase(call_id) is Phase.ENDED

        house.writes_up(OLGA, call_id)

        assert house.phase(call_id) is None
        assert house.stretches(call_id)[-1] == (Stretch.WRAP_UP, OLGA, "")
        [ready] = house.facts(RecordingReady)
        assert (ready.contact_id, ready.seconds) == (call_id, 10.0)
        assert [(fact.agent, fact.timed_out) for fact in house.facts(WrapUpOver)] == [(OLGA, False)]

    def test_is_written_up_by_the_clock_where_the_queue_says_so(self):
        house = House(wrap_up=WrapUp.TIMED, wrap_up_s=30)
        call_id = house.talks()
        house.customer_hangs_up(call_id)

        house.wait(30)

        assert house.facts(WrapUpOver)[0].timed_out
        assert house.stretches(call_id)[-1] == (Stretch.WRAP_UP, OLGA, "timeout")

    def test_without_wrap_up_is_over_at_once(self):
        house = House(wrap_up=WrapUp.NONE, ready_after=True)
        call_id = house.talks()

        house.customer_hangs_up(call_id)

        assert house.status(OLGA) is AgentStatus.READY
        assert house.phase(call_id) is None
        assert house.stretches(call_id)[-1] == (Stretch.WRAP_UP, OLGA, "")


class TestTheCustomerGivesUp:
    def test_in_the_greeting(self):
        house = House()
        call_id = house.call()

        house.customer_hangs_up(call_id)

        assert house.facts(ContactEnded)[0].ended_by == "abandoned"
        assert house.stretches(call_id) == [(Stretch.GREETING, None, "abandoned")]
        assert house.phase(call_id) is None

    def test_in_the_queue(self):
        house = House()
        call_id = house.waits()

        house.customer_hangs_up(call_id)

        assert house.stretches(call_id)[-1] == (Stretch.QUEUE, None, "abandoned")
        house.comes(OLGA)
        assert house.status(OLGA) is AgentStatus.READY

    def test_while_an_operator_is_rung(self):
        house = House()
        call_id = house.rings()

        house.customer_hangs_up(call_id)

        assert house.stretches(call_id)[1:] == [
            (Stretch.QUEUE, None, "abandoned"),
            (Stretch.RING, OLGA, "abandoned"),
        ]
        assert house.status(OLGA) is AgentStatus.READY
        assert house.on_the_line(call_id) == set()

    def test_and_the_end_is_told_once(self):
        house = House()
        call_id = house.rings()

        house.customer_hangs_up(call_id)

        assert len(house.facts(ContactEnded)) == 1
        ended = [fact.segment_id for fact in house.facts(SegmentEnded)]
        assert len(ended) == len(set(ended))


class TestComingBack:
    """A customer who was cut off calls again within a few minutes."""

    def cut_off(self, **house: object) -> tuple[House, CallId]:
        made = House(**house)
        first = made.talks(OLGA)
        made.customer_hangs_up(first)
        return made, first

    def test_rings_the_same_operator_without_a_greeting_and_goes_on_with_the_open_contact(self):
        house, first = self.cut_off()
        house.comes(IVAN)
        house.wait(30)

        second = house.call()

        assert house.phase(second) is Phase.RINGING
        assert house.stretches(first)[-1] == (Stretch.RING, OLGA, "open")
        assert house.facts(ContactBegan, second)[0].contact_id == first
        assert house.facts(ContactBegan, second)[0].continues
        assert plays(house) == [("greeting", "recording_notice")]

    def test_ends_the_write_up_of_the_first_call_when_answered(self):
        house, first = self.cut_off()
        second = house.call()

        house.press(OLGA, Act.ANSWER, second)

        assert house.phase(first) is None
        assert house.phase(second) is Phase.TALKING
        house.customer_hangs_up(second)
        house.writes_up(OLGA, second)
        assert [kind for kind, _, outcome in house.stretches(first) if outcome == "open"] == []
        assert len(house.centre.calls.calls) == 0

    def test_and_hanging_up_again_lets_her_write_on(self):
        house, first = self.cut_off()
        second = house.call()

        house.customer_hangs_up(second)

        assert house.status(OLGA) is AgentStatus.WRAP_UP
        assert house.agent(OLGA).work.item == f"call:{first}"
        house.writes_up(OLGA, first)
        assert house.centre.calls.calls == {}

    def test_a_third_time_goes_on_with_the_same_contact(self):
        house, first = self.cut_off()
        second = house.call()
        house.press(OLGA, Act.ANSWER, second)
        house.customer_hangs_up(second)

        third = house.call()
        house.press(OLGA, Act.ANSWER, third)

        assert house.seen(third).contact_id == first
        assert house.phase(second) is None

    def test_goes_to_the_same_operator_though_the_contact_is_closed(self):
        house, first = self.cut_off()
        house.writes_up(OLGA, first)
        house.comes(IVAN)
        house.wait(5)
        house.ask(OLGA, Presence.READY)

        second = house.call()

        assert house.stretches(second)[-1] == (Stretch.RING, OLGA, "open")
        assert not house.facts(ContactBegan, second)[0].continues

    def test_goes_to_others_when_she_does_not_answer(self):
        house, _ = self.cut_off()
        house.comes(IVAN)
        second = house.call()

        house.wait(20)

        assert house.on_the_line(second) == {ANNA, "agent:2"}
        assert house.status(OLGA) is AgentStatus.WRAP_UP

    def test_too_late_is_a_new_call(self):
        house, _ = self.cut_off(line={"return_s": 60})
        house.wait(60)

        second = house.call()

        assert house.phase(second) is Phase.GREETING
        assert house.seen(second).contact_id == second

    def test_of_another_is_a_new_call(self):
        house, _ = self.cut_off()

        assert house.phase(house.call(BORIS)) is Phase.GREETING

    @pytest.mark.parametrize("number", [None, "anonymous"])
    def test_of_one_who_hides_his_number_is_a_new_call(self, number):
        house = House()
        house.customer_hangs_up(house.talks(OLGA, number))

        assert house.phase(house.call(number)) is Phase.GREETING

    def test_after_the_operator_hung_up_is_a_new_call(self):
        house = House()
        house.press(OLGA, Act.HANG_UP, house.talks())

        assert house.phase(house.call()) is Phase.GREETING

    def test_keeps_the_wish_not_to_be_recorded(self):
        house = House()
        house.comes(OLGA)
        first = house.call(record=False)
        house.wait(GREETING_S)
        house.press(OLGA, Act.ANSWER, first)
        house.customer_hangs_up(first)

        second = house.call()
        house.press(OLGA, Act.ANSWER, second)

        assert house.facts(RecordingBegan) == []
        assert house.facts(RecordingRefused, second)

    def test_waits_for_her_only_so_long_when_she_is_busy_with_another(self):
        house, first = self.cut_off()
        house.writes_up(OLGA, first)
        house.talks(OLGA, BORIS)
        house.comes(IVAN)

        back = house.call()

        assert house.phase(back) is Phase.QUEUED
        house.wait(19)
        assert house.phase(back) is Phase.QUEUED
        house.wait(1)
        assert house.on_the_line(back) == {ANNA, "agent:2"}


class TestTheRecording:
    def test_that_never_arrives_keeps_the_call_for_an_hour_only(self):
        house = House(wrap_up=WrapUp.NONE)
        call_id = house.talks()
        call = house.seen(call_id)
        house.cut_link()
        house.tell(
            port.ConnectionCleared(
                event_id=uuid4(),
                call_id=call_id,
                at=house.now,
                leg_id=call.customer.id,
                cause=port.Cause.NORMAL,
                by_party=True,
            )
        )

        house.wait(3599)
        assert house.phase(call_id) is Phase.ENDED
        house.wait(1)
        assert house.phase(call_id) is None

    def test_that_could_not_begin_is_not_waited_for(self):
        house = House(wrap_up=WrapUp.NONE)
        call_id = house.talks()
        start = next(said for said in house.said if isinstance(said, port.StartRecording))

        house.tell(
            port.CommandRefused(
                event_id=uuid4(), call_id=call_id, at=house.now, command_id=start.command_id, reason="disk_full"
            )
        )

        assert Act.PAUSE_RECORDING not in legal_acts(house.seen(call_id), OLGA)
        assert not house.seen(call_id).recording_open

    def test_of_a_call_long_forgotten_is_told_all_the_same(self):
        house = House()
        found = port.RecordingStopped(
            event_id=uuid4(), call_id=CallId(uuid4()), at=house.now, recording_id=uuid4(), path="x.wav", seconds=3
        )

        assert kinds(house.tell(found)) == ["RecordingReady"]


class TestTheLog:
    def test_names_every_state_of_an_operator(self):
        house = House()
        call_id = house.talks()
        house.customer_hangs_up(call_id)
        house.writes_up(OLGA, call_id)

        assert house.moves(OLGA) == ["out", "ready", "ringing", "busy", "wrap_up", "not_ready"]
        assert house.moves(VIKTOR) == ["out"]
