"""Consultation, transfer at once, conference; to operators, groups and outside numbers."""

from __future__ import annotations

import pytest

from perezvon.connectors.pbx_simulator.scripts import FarEnd, Outcome
from perezvon.connectors.pbx_simulator.simulator import World
from perezvon.cores.calls.tests.house import (
    ANNA,
    BORIS,
    CARDS,
    IVAN,
    LOANS,
    OLGA,
    OUTSIDE,
    TO_CARDS,
    TO_IVAN,
    TO_OUTSIDE,
    VIKTOR,
    House,
)
from perezvon.cores.calls.words import Act, ContactEnded, Phase, Stretch, Target, WrapUpOver
from perezvon.cores.routing import AgentStatus, Presence, WrapUp
from perezvon.kernel.ids import CallId
from perezvon.ports import telephony as port

OLGA_HAS_THE_CUSTOMER = {ANNA, "agent:1"}


def far(outcome: Outcome) -> World:
    return World(far_end=FarEnd(outcome=outcome, after_s=1))


class TestConsultingAnOperator:
    def test_gives_the_customer_music_and_rings_him(self):
        house = House()
        house.phone(IVAN, up=True)
        call_id = house.talks()

        house.press(OLGA, Act.CONSULT, call_id, target=TO_IVAN)

        assert house.phase(call_id) is Phase.CONSULTING
        assert house.joined(call_id) == {"agent:1"}
        assert house.status(IVAN) is AgentStatus.BUSY
        assert house.stretches(call_id)[-2:] == [(Stretch.TALK, OLGA, ""), (Stretch.CONSULT, OLGA, "open")]

    def test_needs_nobodys_readiness(self):
        house = House()

        call_id = house.consults()

        assert house.agent(IVAN).presence is Presence.OUT
        assert house.joined(call_id) == {"agent:1", "agent:2"}

    def test_may_begin_on_hold(self):
        house = House()
        house.phone(IVAN, up=True)
        call_id = house.talks()
        house.press(OLGA, Act.HOLD, call_id)

        house.press(OLGA, Act.CONSULT, call_id, target=TO_IVAN)

        assert house.stretches(call_id)[-2:] == [(Stretch.HOLD, OLGA, ""), (Stretch.CONSULT, OLGA, "open")]

    @pytest.mark.parametrize(
        ("how", "outcome"),
        [("declines", "declined"), ("button", "declined"), ("rings out", "no_answer"), ("hangs up after", "")],
    )
    def test_brings_the_customer_back_when_he_is_out_of_it(self, how, outcome):
        house = House()
        call_id = house.talks()
        house.comes(IVAN)
        house.press(OLGA, Act.CONSULT, call_id, target=TO_IVAN)
        match how:
            case "declines":
                house.declines(house.seen(call_id).colleague)
            case "button":
                house.press(IVAN, Act.DECLINE, call_id)
            case "rings out":
                house.wait(30)
            case _:
                house.press(IVAN, Act.ANSWER, call_id)
                house.press(IVAN, Act.HANG_UP, call_id)

        assert house.phase(call_id) is Phase.TALKING
        assert house.joined(call_id) == OLGA_HAS_THE_CUSTOMER
        assert house.stretches(call_id)[-2:] == [(Stretch.CONSULT, OLGA, outcome), (Stretch.TALK, OLGA, "open")]

    def test_leaves_the_colleague_what_he_was(self):
        house = House()
        call_id = house.talks()
        house.comes(IVAN)
        house.press(OLGA, Act.CONSULT, call_id, target=TO_IVAN)

        house.press(OLGA, Act.CANCEL_CONSULT, call_id)

        assert house.status(IVAN) is AgentStatus.READY
        assert house.moves(IVAN)[-2:] == ["busy", "ready"]

    @pytest.mark.parametrize("answered", [True, False])
    def test_is_cancelled(self, answered):
        house = House()
        house.phone(IVAN, up=True)
        call_id = house.talks()
        house.press(OLGA, Act.CONSULT, call_id, target=TO_IVAN)
        if answered:
            house.press(IVAN, Act.ANSWER, call_id)

        house.press(OLGA, Act.CANCEL_CONSULT, call_id)

        assert house.on_the_line(call_id) == house.joined(call_id) == OLGA_HAS_THE_CUSTOMER
        assert house.stretches(call_id)[-2] == (Stretch.CONSULT, OLGA, "cancelled")

    def test_cancelled_before_the_switch_said_that_the_customer_is_held_brings_him_back_too(self):
        house = House()
        house.phone(IVAN, up=True)
        call_id = house.talks()
        house.cut_link()
        house.press(OLGA, Act.CONSULT, call_id, target=TO_IVAN)
        house.press(OLGA, Act.CANCEL_CONSULT, call_id)
        house.link_is_up = True

        for command in house.lost:
            for event in house.pbx.handle(command, house.now):
                house.tell(event)

        assert house.joined(call_id) == OLGA_HAS_THE_CUSTOMER
        assert house.phase(call_id) is Phase.TALKING

    def test_ends_with_the_customer_hanging_up(self):
        house = House()
        call_id = house.consults()

        house.customer_hangs_up(call_id)

        assert house.on_the_line(call_id) == set()
        assert (house.status(OLGA), house.status(IVAN)) == (AgentStatus.WRAP_UP, AgentStatus.OUT)

    def test_ends_with_the_operators_line_breaking_and_the_customer_first_in_the_queue(self):
        house = House()
        call_id = house.consults()

        house.loses(house.seen(call_id).leg_of(OLGA))

        assert house.on_the_line(call_id) == {ANNA, "agent:1"}
        assert house.phase(call_id) is Phase.RINGING
        assert house.status(IVAN) is AgentStatus.OUT


class TestAColleagueWhoIsNotReached:
    @pytest.fixture
    def rung(self) -> tuple[House, CallId]:
        house = House()
        house.phone(IVAN, up=True)
        call_id = house.talks()
        house.press(OLGA, Act.CONSULT, call_id, target=TO_IVAN)
        return house, call_id

    def test_by_no_answer_is_remembered(self, rung):
        house, call_id = rung

        house.wait(60)

        assert house.joined(call_id) == OLGA_HAS_THE_CUSTOMER
        assert house.seen(call_id).unreached == "agent:2"

    def test_because_he_declines_is_remembered(self, rung):
        house, call_id = rung

        house.press(IVAN, Act.DECLINE, call_id)

        assert house.seen(call_id).unreached == "agent:2"

    def test_because_he_was_called_off_is_not(self, rung):
        house, call_id = rung

        house.press(OLGA, Act.CANCEL_CONSULT, call_id)

        assert house.seen(call_id).unreached == ""

    def test_is_forgotten_with_the_next_attempt(self, rung):
        house, call_id = rung
        house.press(IVAN, Act.DECLINE, call_id)

        house.press(OLGA, Act.CONSULT, call_id, target=TO_OUTSIDE)

        assert house.seen(call_id).unreached == ""


class TestWhoIsRungNext:
    def test_is_told_who_sent_the_customer_on(self):
        house = House()
        house.comes(IVAN)
        call_id = house.talks()

        house.press(OLGA, Act.TRANSFER, call_id, target=TO_IVAN)

        assert house.phase(call_id) is Phase.RINGING
        assert house.seen(call_id).brought_by == OLGA

    def test_is_told_of_nobody_when_a_line_broke(self):
        house = House()
        call_id = house.talks()

        house.loses(house.seen(call_id).leg_of(OLGA))

        assert house.seen(call_id).brought_by is None


class TestConsultingAGroup:
    def test_rings_somebody_of_it_under_a_lease(self):
        house = House()
        house.comes(VIKTOR)
        call_id = house.talks()

        house.press(OLGA, Act.CONSULT, call_id, target=TO_CARDS)

        assert house.on_the_line(call_id) == {ANNA, "agent:1", "agent:3"}
        assert house.status(VIKTOR) is AgentStatus.RINGING

    def test_rings_the_next_when_one_does_not_answer(self):
        house = House()
        call_id = house.talks(OLGA)
        house.comes(IVAN)

        house.press(OLGA, Act.CONSULT, call_id, target=Target(queue=LOANS))
        house.wait(20)

        assert house.phase(call_id) is Phase.CONSULTING
        assert house.status(IVAN) is AgentStatus.MISSED
        house.ask(IVAN, Presence.READY)
        assert house.on_the_line(call_id) == {ANNA, "agent:1", "agent:2"}
        house.press(IVAN, Act.DECLINE, call_id)
        assert house.status(IVAN) is AgentStatus.NOT_READY
        assert house.phase(call_id) is Phase.CONSULTING

    def test_waits_while_nobody_is_ready_and_may_be_cancelled(self):
        house = House()
        call_id = house.talks()
        house.press(OLGA, Act.CONSULT, call_id, target=TO_CARDS)

        house.wait(600)
        assert house.phase(call_id) is Phase.CONSULTING
        house.press(OLGA, Act.CANCEL_CONSULT, call_id)

        assert house.joined(call_id) == OLGA_HAS_THE_CUSTOMER
        house.comes(VIKTOR)
        assert house.status(VIKTOR) is AgentStatus.READY

    def test_cancelled_while_somebody_is_rung_leaves_him_ready(self):
        house = House()
        house.comes(VIKTOR)
        call_id = house.talks()
        house.press(OLGA, Act.CONSULT, call_id, target=TO_CARDS)

        house.press(OLGA, Act.CANCEL_CONSULT, call_id)

        assert house.status(VIKTOR) is AgentStatus.READY
        assert house.on_the_line(call_id) == OLGA_HAS_THE_CUSTOMER

    def test_is_answered_and_handed_over(self):
        house = House()
        house.comes(VIKTOR)
        call_id = house.talks()
        house.press(OLGA, Act.CONSULT, call_id, target=TO_CARDS)
        house.press(VIKTOR, Act.ANSWER, call_id)
        assert house.joined(call_id) == {"agent:1", "agent:3"}

        house.press(OLGA, Act.COMPLETE_TRANSFER, call_id)

        assert house.joined(call_id) == {ANNA, "agent:3"}
        house.customer_hangs_up(call_id)
        assert house.status(VIKTOR) is AgentStatus.WRAP_UP

    def test_ends_with_the_customer_and_lets_the_one_rung_go(self):
        house = House()
        house.comes(VIKTOR)
        call_id = house.talks()
        house.press(OLGA, Act.CONSULT, call_id, target=TO_CARDS)

        house.customer_hangs_up(call_id)

        assert house.status(VIKTOR) is AgentStatus.READY


class TestConsultingANumber:
    def test_dials_it(self):
        house = House()
        call_id = house.talks()
        house.press(OLGA, Act.CONSULT, call_id, target=TO_OUTSIDE)

        assert house.joined(call_id) == {"agent:1"}
        house.wait(3)
        assert house.joined(call_id) == {"agent:1", OUTSIDE}

    @pytest.mark.parametrize(
        ("outcome", "cause"),
        [
            (Outcome.BUSY, "busy"),
            (Outcome.DECLINES, "declined"),
            (Outcome.UNREACHABLE, "unreachable"),
            (Outcome.INVALID, "invalid_number"),
        ],
    )
    def test_that_cannot_be_had_brings_the_customer_back(self, outcome, cause):
        house = House(far(outcome))
        call_id = house.talks()
        house.press(OLGA, Act.CONSULT, call_id, target=TO_OUTSIDE)

        house.wait(3)

        assert house.joined(call_id) == OLGA_HAS_THE_CUSTOMER
        assert house.stretches(call_id)[-2] == (Stretch.CONSULT, OLGA, cause)
        assert house.seen(call_id).unreached == OUTSIDE

    def test_and_handing_over_leaves_the_call_to_the_two(self):
        house = House()
        call_id = house.consults(TO_OUTSIDE)

        house.press(OLGA, Act.COMPLETE_TRANSFER, call_id)

        assert house.joined(call_id) == {ANNA, OUTSIDE}
        assert house.status(OLGA) is AgentStatus.WRAP_UP
        house.hangs_up(next(leg for leg in house.seen(call_id).legs if leg.address == OUTSIDE))
        assert house.facts(ContactEnded)[0].ended_by == "transferred"
        assert house.on_the_line(call_id) == set()
        house.writes_up(OLGA, call_id)
        assert house.phase(call_id) is None
        assert {outcome for _, _, outcome in house.stretches(call_id)}.isdisjoint({"open"})


class TestHandingOver:
    def test_gives_the_colleague_the_customer_and_the_operator_her_wrap_up(self):
        house = House()
        call_id = house.consults()

        house.press(OLGA, Act.COMPLETE_TRANSFER, call_id)

        assert house.joined(call_id) == {ANNA, "agent:2"}
        assert (house.phase(call_id), house.seen(call_id).owner) == (Phase.TALKING, IVAN)
        assert (house.status(OLGA), house.status(IVAN)) == (AgentStatus.WRAP_UP, AgentStatus.BUSY)
        assert house.stretches(call_id)[-3:] == [
            (Stretch.CONSULT, OLGA, "transferred"),
            (Stretch.WRAP_UP, OLGA, "open"),
            (Stretch.TALK, IVAN, "open"),
        ]

    def test_makes_the_colleague_its_operator_with_all_buttons(self):
        house = House()
        call_id = house.consults()
        house.press(OLGA, Act.COMPLETE_TRANSFER, call_id)

        house.press(IVAN, Act.HOLD, call_id)
        assert house.phase(call_id) is Phase.HELD
        house.press(IVAN, Act.RETRIEVE, call_id)
        house.press(IVAN, Act.HANG_UP, call_id)

        assert house.status(IVAN) is AgentStatus.WRAP_UP

    @pytest.mark.parametrize("first", [OLGA, IVAN])
    def test_leaves_nothing_open_whoever_is_done_first(self, first):
        house = House()
        call_id = house.consults()
        house.press(OLGA, Act.COMPLETE_TRANSFER, call_id)
        house.customer_hangs_up(call_id)

        for agent in (first, IVAN if first == OLGA else OLGA):
            house.writes_up(agent, call_id)

        assert house.phase(call_id) is None
        assert [stretch for stretch in house.stretches(call_id) if stretch[2] == "open"] == []
        assert {fact.agent for fact in house.facts(WrapUpOver)} == {OLGA, IVAN}

    def test_may_go_back_to_where_it_came_from(self):
        house = House(wrap_up=WrapUp.NONE, ready_after=True)
        call_id = house.consults()
        house.press(OLGA, Act.COMPLETE_TRANSFER, call_id)
        house.press(IVAN, Act.CONSULT, call_id, target=Target(agent=OLGA))
        house.press(OLGA, Act.ANSWER, call_id)

        house.press(IVAN, Act.COMPLETE_TRANSFER, call_id)

        assert house.joined(call_id) == OLGA_HAS_THE_CUSTOMER
        assert house.seen(call_id).owner == OLGA


class TestAConference:
    @pytest.fixture
    def conference(self) -> tuple[House, CallId]:
        house = House()
        call_id = house.consults()
        house.press(OLGA, Act.CONFERENCE, call_id)
        house.wait(5)
        return house, call_id

    def test_has_all_three(self, conference):
        house, call_id = conference

        assert house.joined(call_id) == {ANNA, "agent:1", "agent:2"}
        assert house.stretches(call_id)[-3:] == [
            (Stretch.CONSULT, OLGA, "conference"),
            (Stretch.TALK, OLGA, "open"),
            (Stretch.TALK, IVAN, "open"),
        ]

    @pytest.mark.parametrize("how", ["button", "line lost"])
    def test_goes_on_without_the_operator(self, conference, how):
        house, call_id = conference

        if how == "button":
            house.press(OLGA, Act.HANG_UP, call_id)
        else:
            house.loses(house.seen(call_id).leg_of(OLGA))

        assert house.joined(call_id) == {ANNA, "agent:2"}
        assert house.seen(call_id).owner == IVAN
        assert house.status(OLGA) is AgentStatus.WRAP_UP
        assert house.agent(IVAN).work.item == f"call:{call_id}"

    @pytest.mark.parametrize("how", ["button", "phone"])
    def test_goes_on_without_the_colleague(self, conference, how):
        house, call_id = conference

        if how == "button":
            house.press(IVAN, Act.HANG_UP, call_id)
        else:
            house.hangs_up(house.seen(call_id).colleague)

        assert house.joined(call_id) == OLGA_HAS_THE_CUSTOMER
        assert house.agent(IVAN).work is None
        assert house.stretches(call_id)[-1] == (Stretch.TALK, IVAN, "")

    def test_is_over_when_the_customer_goes(self, conference):
        house, call_id = conference

        house.customer_hangs_up(call_id)

        assert house.on_the_line(call_id) == set()
        assert (house.status(OLGA), house.agent(IVAN).work) == (AgentStatus.WRAP_UP, None)
        assert [stretch for stretch in house.stretches(call_id) if stretch[2] == "open"] == [
            (Stretch.WRAP_UP, OLGA, "open")
        ]


class TestTransferringAtOnce:
    def test_to_an_operator_rings_him_and_frees_the_one_who_sent(self):
        house = House()
        call_id = house.talks()
        house.comes(IVAN)

        house.press(OLGA, Act.TRANSFER, call_id, target=TO_IVAN)

        assert house.on_the_line(call_id) == {ANNA, "agent:2"}
        assert house.joined(call_id) == set()
        assert (house.status(OLGA), house.status(IVAN)) == (AgentStatus.WRAP_UP, AgentStatus.RINGING)
        house.press(IVAN, Act.ANSWER, call_id)
        assert house.joined(call_id) == {ANNA, "agent:2"}
        assert [kind for kind, _, _ in house.stretches(call_id)][-4:] == [
            Stretch.WRAP_UP,
            Stretch.QUEUE,
            Stretch.RING,
            Stretch.TALK,
        ]

    def test_to_an_operator_of_another_group_reaches_him_all_the_same(self):
        house = House()
        call_id = house.talks()
        house.comes(VIKTOR)

        house.press(OLGA, Act.TRANSFER, call_id, target=Target(agent=VIKTOR))

        assert house.on_the_line(call_id) == {ANNA, "agent:3"}

    def test_to_an_operator_who_is_talking_waits_for_him_a_while_and_then_for_anybody(self):
        house = House()
        call_id = house.talks(OLGA)
        house.talks(IVAN, BORIS)

        house.press(OLGA, Act.TRANSFER, call_id, target=TO_IVAN)
        assert house.phase(call_id) is Phase.QUEUED
        house.writes_up(OLGA, call_id)
        house.ask(OLGA, Presence.READY)
        assert house.phase(call_id) is Phase.QUEUED
        house.wait(20)

        assert house.on_the_line(call_id) == OLGA_HAS_THE_CUSTOMER

    def test_to_a_group_goes_before_those_who_wait_there(self):
        house = House()
        call_id = house.talks()
        house.waits(BORIS, "shop")

        house.press(OLGA, Act.TRANSFER, call_id, target=TO_CARDS)
        house.comes(VIKTOR)

        assert house.seen(call_id).queue == CARDS
        assert house.on_the_line(call_id) == {ANNA, "agent:3"}

    def test_tells_the_customer_his_place_again(self):
        house = House()
        call_id = house.talks()
        house.press(OLGA, Act.TRANSFER, call_id, target=TO_CARDS)

        said = house.wait(30)

        assert [one.prompts for one in said if isinstance(one, port.Play)] == [("place_in_queue", "number.1")]

    def test_to_a_number_joins_the_two(self):
        house = House()
        call_id = house.talks()

        house.press(OLGA, Act.TRANSFER, call_id, target=TO_OUTSIDE)
        house.wait(3)

        assert house.joined(call_id) == {ANNA, OUTSIDE}
        assert house.stretches(call_id)[-2:] == [(Stretch.DIAL, None, "answered"), (Stretch.TALK, None, "open")]
        house.customer_hangs_up(call_id)
        assert house.facts(ContactEnded)[0].ended_by == "customer"
        assert house.on_the_line(call_id) == set()

    @pytest.mark.parametrize("outcome", [Outcome.BUSY, Outcome.NO_ANSWER, Outcome.INVALID])
    def test_to_a_number_that_cannot_be_had_lets_the_customer_wait_for_the_group_first(self, outcome):
        house = House(far(outcome))
        call_id = house.talks()
        house.waits(BORIS)
        house.press(OLGA, Act.TRANSFER, call_id, target=TO_OUTSIDE)

        house.wait(31)

        assert house.on_the_line(call_id) == {ANNA}
        assert house.phase(call_id) is Phase.QUEUED
        assert house.centre.routing.position(f"call:{call_id}") == 1

    def test_and_the_customer_giving_up_ends_the_contact(self):
        house = House()
        call_id = house.talks()
        house.press(OLGA, Act.TRANSFER, call_id, target=TO_CARDS)

        house.customer_hangs_up(call_id)

        assert house.facts(ContactEnded)[0].ended_by == "customer"
        assert house.stretches(call_id)[-1] == (Stretch.QUEUE, None, "abandoned")
        house.writes_up(OLGA, call_id)
        assert house.phase(call_id) is None

    def test_back_to_one_who_is_still_writing_about_it_rings_her_at_once(self):
        house = House()
        call_id = house.talks()
        house.comes(IVAN)
        house.press(OLGA, Act.TRANSFER, call_id, target=TO_IVAN)
        house.press(IVAN, Act.ANSWER, call_id)

        house.press(IVAN, Act.TRANSFER, call_id, target=Target(agent=OLGA))
        assert house.status(OLGA) is AgentStatus.RINGING
        house.press(OLGA, Act.ANSWER, call_id)

        assert house.joined(call_id) == OLGA_HAS_THE_CUSTOMER
        assert [s for s in house.stretches(call_id) if s[2] == "open"] == [
            (Stretch.WRAP_UP, IVAN, "open"),
            (Stretch.TALK, OLGA, "open"),
        ]

    def test_keeps_one_recording_for_the_whole_call(self):
        house = House()
        call_id = house.talks()
        house.comes(IVAN)
        house.press(OLGA, Act.TRANSFER, call_id, target=TO_IVAN)
        house.press(IVAN, Act.ANSWER, call_id)

        assert len([said for said in house.said if isinstance(said, port.StartRecording)]) == 1
