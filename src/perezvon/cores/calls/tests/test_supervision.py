"""A supervisor hears a conversation, prompts its operator, joins it, makes it his own."""

from __future__ import annotations

import pytest

from perezvon.cores.calls.model import legal_acts
from perezvon.cores.calls.tests.house import (
    ANNA,
    IVAN,
    OLGA,
    TO_CARDS,
    TO_IVAN,
    VIKTOR,
    House,
)
from perezvon.cores.calls.words import Act, Phase, Role, Stretch
from perezvon.cores.routing import AgentStatus, Presence
from perezvon.kernel.ids import AgentId, CallId
from perezvon.ports.telephony import Supervision

BOSS = AgentId(9)
ALL = {ANNA, "agent:1", "agent:9"}


def watched(house: House, act: Act = Act.LISTEN) -> CallId:
    """Olga talks with a customer, the supervisor takes part."""
    house.phone(BOSS, up=True)
    call_id = house.talks()
    house.press(BOSS, act, call_id)
    house.wait(1)
    return call_id


def mode(house: House, call_id: CallId) -> Supervision | None:
    """As the exchange knows it."""
    return next(leg.mode for leg in house.pbx.board.calls[call_id].legs.values() if leg.address == "agent:9")


class TestTakingPart:
    @pytest.mark.parametrize(
        ("act", "how"),
        [
            (Act.LISTEN, Supervision.LISTEN),
            (Act.WHISPER, Supervision.WHISPER),
            (Act.BARGE, Supervision.BARGE),
        ],
    )
    def test_his_phone_answers_by_itself(self, act, how):
        house = House()

        call_id = watched(house, act)

        assert house.joined(call_id) == ALL
        assert mode(house, call_id) is how

    def test_leaves_the_conversation_as_it_was(self):
        house = House()

        call_id = watched(house)

        assert house.phase(call_id) is Phase.TALKING
        assert house.stretches(call_id)[-1] == (Stretch.TALK, OLGA, "open")
        assert house.status(OLGA) is AgentStatus.BUSY

    def test_is_work_in_hand_and_nothing_to_write_up(self):
        house = House()
        house.comes(BOSS)
        call_id = house.talks()

        house.press(BOSS, Act.LISTEN, call_id)
        assert house.status(BOSS) is AgentStatus.BUSY

        house.press(BOSS, Act.HANG_UP, call_id)
        assert house.status(BOSS) is AgentStatus.READY

    def test_can_be_changed(self):
        house = House()
        call_id = watched(house)

        house.press(BOSS, Act.WHISPER, call_id)

        assert mode(house, call_id) is Supervision.WHISPER
        assert house.joined(call_id) == ALL

    def test_begins_on_hold_too(self):
        house = House()
        house.phone(BOSS, up=True)
        call_id = house.talks()
        house.press(OLGA, Act.HOLD, call_id)

        house.press(BOSS, Act.LISTEN, call_id)

        assert house.joined(call_id) == {"agent:1", "agent:9"}

    def test_needs_a_phone(self):
        house = House()
        call_id = house.talks()

        house.press(BOSS, Act.LISTEN, call_id)

        assert house.refusals() == [(BOSS, "unreachable")]

    def test_is_not_for_who_has_something_in_hand(self):
        house = House()
        call_id = house.talks()
        house.comes(VIKTOR)
        house.dials(VIKTOR, "74950000000")

        house.press(VIKTOR, Act.LISTEN, call_id)

        assert house.refusals() == [(VIKTOR, "busy")]

    def test_is_not_possible_while_it_only_rings(self):
        house = House()
        house.phone(BOSS, up=True)
        call_id = house.rings()

        house.press(BOSS, Act.LISTEN, call_id)

        assert house.refusals() == [(BOSS, "not_possible")]

    def test_is_possible_for_several_at_once(self):
        house = House()
        house.phone(VIKTOR, up=True)
        call_id = watched(house)

        house.press(VIKTOR, Act.LISTEN, call_id)

        assert house.joined(call_id) == {*ALL, "agent:3"}

    def test_leaves_him_nothing_but_to_leave_or_change_it(self):
        house = House()

        call_id = watched(house)

        acts = {Act.HANG_UP, Act.LISTEN, Act.WHISPER, Act.BARGE, Act.TAKE_OVER}
        assert legal_acts(house.seen(call_id), BOSS) == acts


class TestLeaving:
    def test_of_the_supervisor_is_noticed_by_nobody(self):
        house = House()
        call_id = watched(house)

        house.hangs_up(house.seen(call_id).leg_of(BOSS))

        assert house.joined(call_id) == {ANNA, "agent:1"}
        assert house.phase(call_id) is Phase.TALKING
        assert house.status(BOSS) is not AgentStatus.BUSY

    def test_of_the_customer_ends_it_for_all(self):
        house = House()
        call_id = watched(house)

        house.customer_hangs_up(call_id)

        assert house.on_the_line(call_id) == set()
        assert house.status(BOSS) is not AgentStatus.BUSY
        assert house.status(OLGA) is AgentStatus.WRAP_UP

    def test_of_the_operator_for_a_group_takes_the_supervisor_along(self):
        house = House()
        call_id = watched(house)

        house.press(OLGA, Act.TRANSFER, call_id, target=TO_CARDS)

        assert house.on_the_line(call_id) == {ANNA}
        assert house.status(BOSS) is not AgentStatus.BUSY

    def test_after_a_consultation_keeps_him_with_the_customer(self):
        house = House()
        house.phone(IVAN, up=True)
        call_id = watched(house, Act.BARGE)
        house.press(OLGA, Act.CONSULT, call_id, target=TO_IVAN)
        house.press(IVAN, Act.ANSWER, call_id)

        house.press(OLGA, Act.COMPLETE_TRANSFER, call_id)

        assert house.joined(call_id) == {ANNA, "agent:2", "agent:9"}

    def test_a_lost_link_is_found_out(self):
        house = House()
        call_id = watched(house)
        house.cut_link()
        house.pbx.hang_up(house.seen(call_id).leg_of(BOSS).id, house.now)

        house.mend_link()

        assert house.status(BOSS) is not AgentStatus.BUSY
        assert house.phase(call_id) is Phase.TALKING

    def test_a_restart_changes_nothing(self):
        house = House()
        call_id = watched(house, Act.WHISPER)

        house.restart()
        house.press(BOSS, Act.BARGE, call_id)

        assert mode(house, call_id) is Supervision.BARGE


class TestTakingOver:
    def test_makes_the_contact_the_supervisors(self):
        house = House()
        call_id = watched(house)

        house.press(BOSS, Act.TAKE_OVER, call_id)

        assert house.joined(call_id) == {ANNA, "agent:9"}
        assert mode(house, call_id) is Supervision.BARGE
        assert house.seen(call_id).owner == BOSS
        assert house.seen(call_id).leg_of(BOSS).role is Role.AGENT
        assert house.status(OLGA) is AgentStatus.WRAP_UP
        assert (Stretch.TALK, OLGA, "taken_over") in house.stretches(call_id)
        assert (Stretch.TALK, BOSS, "open") in house.stretches(call_id)

    def test_at_once_waits_for_his_phone(self):
        house = House()
        house.phone(BOSS, up=True)
        call_id = house.talks()

        house.press(BOSS, Act.TAKE_OVER, call_id)
        house.wait(1)

        assert house.joined(call_id) == {ANNA, "agent:9"}
        assert house.seen(call_id).owner == BOSS

    def test_takes_the_customer_off_hold_and_ends_a_consultation(self):
        house = House()
        house.phone(BOSS, up=True)
        call_id = house.consults()

        house.press(BOSS, Act.TAKE_OVER, call_id)
        house.wait(1)

        assert house.joined(call_id) == {ANNA, "agent:9"}
        assert house.status(IVAN) is not AgentStatus.BUSY

    def test_leaves_him_the_write_up(self):
        house = House()
        call_id = watched(house)
        house.press(BOSS, Act.TAKE_OVER, call_id)
        house.writes_up(OLGA, call_id)

        house.customer_hangs_up(call_id)

        assert house.status(BOSS) is AgentStatus.WRAP_UP
        house.ask(BOSS, Presence.NOT_READY)
        house.writes_up(BOSS, call_id)
        assert house.phase(call_id) is None or house.seen(call_id).wrapped
