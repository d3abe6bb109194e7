"""An operator calls somebody: the own phone first, then the customer."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from perezvon.connectors.pbx_simulator.scripts import FarEnd, Outcome
from perezvon.connectors.pbx_simulator.simulator import World
from perezvon.cores.calls.tests.house import ANNA, BANK, BORIS, IVAN, LOANS, MORNING, OLGA, House
from perezvon.cores.calls.words import (
    Act,
    CallOut,
    ContactBegan,
    ContactEnded,
    Direction,
    Phase,
    RecordingBegan,
    Stretch,
    WrapUpOver,
)
from perezvon.cores.routing import AgentStatus, Presence, WrapUp
from perezvon.kernel.ids import CallId
from perezvon.ports import telephony as port


def at_her_desk(**house: object) -> House:
    made = House(**house)
    made.phone(OLGA, up=True)
    return made


class TestCallingOut:
    def test_rings_the_own_phone_then_the_customer_then_joins_them(self):
        house = at_her_desk(line={"shown": "74950000000"})

        call_id = house.dials(OLGA, "8 916 123-45-67")

        assert house.phase(call_id) is Phase.DIALLING
        assert house.status(OLGA) is AgentStatus.BUSY
        own, customer = (said for said in house.said if isinstance(said, port.Dial))
        assert (own.to, own.answer_at_once) == ("agent:1", True)
        assert (customer.to, customer.shown) == (ANNA, "74950000000")
        house.wait(3)
        assert house.phase(call_id) is Phase.TALKING
        assert house.joined(call_id) == {ANNA, "agent:1"}
        assert house.stretches(call_id) == [(Stretch.DIAL, OLGA, "answered"), (Stretch.TALK, OLGA, "open")]
        assert house.facts(RecordingBegan, call_id)

    def test_registers_the_contact_at_once(self):
        house = at_her_desk()

        call_id = house.dials(OLGA, ANNA)

        assert house.facts(ContactBegan) == [
            ContactBegan(
                contact_id=call_id,
                call_id=call_id,
                at=MORNING,
                direction=Direction.OUTBOUND,
                line=BANK,
                queue=LOANS,
                number=ANNA,
                agent=OLGA,
            )
        ]

    def test_needs_no_readiness(self):
        house = at_her_desk()

        house.dials(OLGA, ANNA)

        assert house.agent(OLGA).presence is Presence.OUT

    def test_takes_a_ready_operator_out_of_the_queue(self):
        house = House()
        house.comes(OLGA, IVAN)
        house.dials(OLGA, ANNA)

        call_id = house.waits(BORIS)

        assert house.on_the_line(call_id) == {BORIS, "agent:2"}

    @pytest.mark.parametrize(
        ("outcome", "cause", "seconds"),
        [
            (Outcome.BUSY, "busy", 2),
            (Outcome.NO_ANSWER, "no_answer", 45),
            (Outcome.DECLINES, "declined", 2),
            (Outcome.UNREACHABLE, "unreachable", 2),
            (Outcome.INVALID, "invalid_number", 2),
        ],
    )
    def test_that_comes_to_nothing_says_why_and_is_written_up(self, outcome, cause, seconds):
        house = at_her_desk(world=World(far_end=FarEnd(outcome=outcome, after_s=1)))
        call_id = house.dials(OLGA, ANNA)

        house.wait(seconds)

        [ended] = house.facts(ContactEnded)
        assert (ended.ended_by, ended.cause) == ("failed", cause)
        assert house.stretches(call_id) == [(Stretch.DIAL, OLGA, cause), (Stretch.WRAP_UP, OLGA, "open")]
        assert house.on_the_line(call_id) == set()
        assert house.status(OLGA) is AgentStatus.WRAP_UP
        house.writes_up(OLGA, call_id)
        assert house.phase(call_id) is None

    def test_ends_when_the_customer_hangs_up(self):
        house = at_her_desk()
        call_id = house.dials(OLGA, ANNA)
        house.wait(10)

        house.customer_hangs_up(call_id)

        assert house.facts(ContactEnded)[0].ended_by == "customer"
        assert house.status(OLGA) is AgentStatus.WRAP_UP

    def test_is_cancelled_while_it_rings(self):
        house = at_her_desk()
        call_id = house.dials(OLGA, ANNA)

        house.press(OLGA, Act.HANG_UP, call_id)

        assert house.facts(ContactEnded)[0].ended_by == "agent"
        assert house.on_the_line(call_id) == set()

    def test_of_one_whose_phone_does_not_answer_leaves_her_nothing_to_write(self):
        house = House()
        house.comes(OLGA)
        house.pbx._phones.clear()

        call_id = house.dials(OLGA, ANNA)

        assert [(one.ended_by, one.cause) for one in house.facts(ContactEnded)] == [("failed", "unreachable")]
        assert [(one.agent, one.timed_out) for one in house.facts(WrapUpOver)] == [(OLGA, False)]
        assert house.status(OLGA) is AgentStatus.READY
        assert house.phase(call_id) is None

    def test_whose_dial_got_lost_is_given_up(self):
        house = at_her_desk()
        house.cut_link()
        call_id = house.dials(OLGA, ANNA)

        house.wait(39)
        assert house.phase(call_id) is Phase.DIALLING
        house.wait(1)

        assert house.phase(call_id) is None
        assert [(one.ended_by, one.cause) for one in house.facts(ContactEnded)] == [("failed", "no_answer")]
        assert house.agent(OLGA).work is None

    def test_whose_dial_is_refused_is_over_at_once(self):
        house = at_her_desk()
        house.cut_link()
        call_id = house.dials(OLGA, ANNA)
        [dial] = house.lost

        house.tell(
            port.CommandRefused(
                event_id=uuid4(), call_id=call_id, at=house.now, command_id=dial.command_id, reason="expired"
            )
        )

        assert house.facts(ContactEnded)[0].ended_by == "failed"
        assert house.refusals() == [(OLGA, "expired")]
        assert house.agent(OLGA).work is None


class TestWhoMayNotCallNow:
    def refused(self, house: House, **details: object) -> list[str]:
        asked = CallOut(
            **{
                "request_id": uuid4(),
                "call_id": CallId(uuid4()),
                "agent": OLGA,
                "number": ANNA,
                "line": BANK,
                **details,
            }
        )
        said = house.tell(asked)
        assert len(said) == 1
        assert house.facts(ContactBegan, asked.call_id) == []
        return [code for _, code in house.refusals()]

    def test_is_one_without_a_phone(self):
        assert self.refused(House()) == ["unreachable"]

    @pytest.mark.parametrize("number", ["", "12", "somebody"])
    def test_is_one_who_typed_no_number(self, number):
        assert self.refused(at_her_desk(), number=number) == ["invalid_number"]

    def test_is_one_from_a_line_that_is_not_there(self):
        assert self.refused(at_her_desk(), line="nowhere") == ["no_line"]

    def test_is_one_whose_click_is_old(self):
        assert self.refused(at_her_desk(), expires_at=MORNING - timedelta(seconds=1)) == ["expired"]

    @pytest.mark.parametrize("stage", ["rings", "talks"])
    def test_is_one_with_a_call_in_hand(self, stage):
        house = House()
        getattr(house, stage)()

        assert self.refused(house) == ["busy"]
        assert len(house.centre.calls.calls) == 1

    def test_is_one_who_writes_about_another(self):
        house = House()
        house.customer_hangs_up(house.talks())

        assert self.refused(house) == ["busy"]

    def test_is_not_one_who_may_leave_the_write_up_anyway(self):
        house = House(wrap_up=WrapUp.OPTIONAL)
        first = house.talks()
        house.customer_hangs_up(first)

        second = house.dials(OLGA, BORIS)

        assert house.phase(first) is None
        assert house.agent(OLGA).work.item == f"call:{second}"

    def test_asked_twice_is_one_call(self):
        house = at_her_desk()
        call_id = house.dials(OLGA, ANNA)

        again = CallOut(request_id=uuid4(), agent=OLGA, call_id=call_id, number=ANNA, line=BANK)

        assert house.tell(again) == []


class TestCallingBack:
    """The line broke in the talk; she calls back in one click while she writes."""

    def test_goes_on_with_the_contact_and_ends_the_write_up(self):
        house = House()
        first = house.talks()
        house.loses(house.seen(first).customer)
        assert house.facts(ContactEnded)[0].ended_by == "link"

        second = house.dials(OLGA, ANNA, continues=first)
        house.wait(3)

        assert house.phase(first) is None
        assert house.seen(second).contact_id == first
        assert house.facts(ContactBegan, second)[0].continues
        assert [stretch for stretch in house.stretches(first) if stretch[2] == "open"] == [(Stretch.TALK, OLGA, "open")]
        house.customer_hangs_up(second)
        house.writes_up(OLGA, second)
        assert house.centre.calls.calls == {}
