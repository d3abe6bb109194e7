"""The call bar: what each button does, when it is legal, and who hears that it was not."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from perezvon.cores.calls.model import SUPERVISION, legal_acts
from perezvon.cores.calls.tests.house import (
    ANNA,
    BORIS,
    IVAN,
    LOANS,
    OLGA,
    TO_CARDS,
    TO_IVAN,
    TO_OUTSIDE,
    VIKTOR,
    House,
    commands,
    kinds,
    states_of,
)
from perezvon.cores.calls.words import Act, CallRequest, Phase, RequestRefused, Stretch, Target
from perezvon.cores.routing import Presence, WrapUp
from perezvon.kernel.ids import CallId, QueueId
from perezvon.ports import telephony as port

TALKING = {
    Act.HOLD,
    Act.MUTE,
    Act.DIGITS,
    Act.CONSULT,
    Act.TRANSFER,
    Act.PAUSE_RECORDING,
    Act.HANG_UP,
}
RUNG = {Act.ANSWER, Act.DECLINE, Act.REDIRECT}
REQUEST = UUID(int=1_000_000)
CONSULTING = {Act.MUTE, Act.DIGITS, Act.CANCEL_CONSULT, Act.PAUSE_RECORDING, Act.HANG_UP}


def held() -> tuple[House, CallId]:
    house = House()
    call_id = house.talks()
    house.press(OLGA, Act.HOLD, call_id)
    house.wait(5)
    return house, call_id


def before(stage: str) -> tuple[House, CallId]:
    """A call at that stage, Olga its operator, Ivan the colleague."""
    house = House()
    match stage:
        case "greeting":
            return house, house.call()
        case "queued":
            return house, house.waits()
        case "ringing":
            return house, house.rings()
        case "talking":
            return house, house.talks()
        case "held":
            return held()
        case "consulting" | "colleague rung" | "conference":
            house.phone(IVAN, up=True)
            call_id = house.talks()
            house.press(OLGA, Act.CONSULT, call_id, target=TO_IVAN)
            if stage != "colleague rung":
                house.press(IVAN, Act.ANSWER, call_id)
            if stage == "conference":
                house.press(OLGA, Act.CONFERENCE, call_id)
            return house, call_id
        case "dialling":
            house.phone(OLGA, up=True)
            return house, house.dials(OLGA, BORIS)
    call_id = house.talks()
    house.customer_hangs_up(call_id)
    return house, call_id


class TestLegalActs:
    @pytest.mark.parametrize(
        ("stage", "olgas", "ivans"),
        [
            ("greeting", set(), set()),
            ("queued", set(), set()),
            ("ringing", RUNG, set()),
            ("talking", TALKING, set()),
            ("held", TALKING - {Act.HOLD} | {Act.RETRIEVE}, set()),
            ("colleague rung", CONSULTING, {Act.ANSWER, Act.DECLINE}),
            ("consulting", CONSULTING | {Act.COMPLETE_TRANSFER, Act.CONFERENCE}, {Act.MUTE, Act.HANG_UP}),
            ("conference", {Act.MUTE, Act.DIGITS, Act.PAUSE_RECORDING, Act.HANG_UP}, {Act.MUTE, Act.HANG_UP}),
            ("dialling", {Act.MUTE, Act.HANG_UP}, set()),
            ("ended", set(), set()),
        ],
    )
    def test_are_those_that_make_sense_at_the_stage(self, stage, olgas, ivans):
        house, call_id = before(stage)

        assert legal_acts(house.seen(call_id), OLGA) == olgas
        assert legal_acts(house.seen(call_id), IVAN) - SUPERVISION == ivans
        assert legal_acts(house.seen(call_id), VIKTOR) - SUPERVISION == set()

    @pytest.mark.parametrize(
        "stage",
        [
            "greeting",
            "queued",
            "ringing",
            "talking",
            "held",
            "colleague rung",
            "consulting",
            "conference",
            "dialling",
            "ended",
        ],
    )
    @pytest.mark.parametrize("agent", [OLGA, IVAN, VIKTOR])
    def test_and_no_others_do_anything(self, stage, agent):
        house, call_id = before(stage)
        illegal = set(Act) - legal_acts(house.seen(call_id), agent)
        stored = repr(list(states_of(house.centre)))

        for act in sorted(illegal):
            [refused] = house.press(agent, act, call_id, target=TO_IVAN, digits="1")
            assert isinstance(refused, RequestRefused)
            assert (refused.agent, refused.code, refused.call_id) == (agent, "not_possible", call_id)
        assert repr(list(states_of(house.centre))) == stored

    @pytest.mark.parametrize("stage", ["ringing", "talking", "held", "colleague rung", "consulting", "conference"])
    def test_and_each_of_them_does_something(self, stage):
        for act in sorted(legal_acts(before(stage)[0].centre.calls.calls.popitem()[1], OLGA)):
            house, call_id = before(stage)
            house.comes(VIKTOR)

            said = house.press(OLGA, act, call_id, target=Target(agent=VIKTOR), digits="1")

            assert commands(said), act
            assert not [one for one in said if isinstance(one, RequestRefused)], act


class TestHold:
    def test_gives_the_customer_music_and_counts_as_hold(self):
        house, call_id = held()

        assert house.phase(call_id) is Phase.HELD
        assert house.joined(call_id) == {"agent:1"}
        assert house.stretches(call_id)[-2:] == [(Stretch.TALK, OLGA, ""), (Stretch.HOLD, OLGA, "open")]

    def test_is_ended_by_retrieve(self):
        house, call_id = held()

        house.press(OLGA, Act.RETRIEVE, call_id)

        assert house.phase(call_id) is Phase.TALKING
        assert house.joined(call_id) == {ANNA, "agent:1"}
        assert house.stretches(call_id)[-2:] == [(Stretch.HOLD, OLGA, ""), (Stretch.TALK, OLGA, "open")]

    def test_is_hold_only_when_the_switch_says_so(self):
        house = House()
        call_id = house.talks()
        house.cut_link()

        house.press(OLGA, Act.HOLD, call_id)

        assert house.phase(call_id) is Phase.TALKING

    def test_refused_by_the_switch_may_be_asked_for_again(self):
        house = House()
        call_id = house.talks()
        house.cut_link()
        [command] = house.press(OLGA, Act.HOLD, call_id)
        refused = port.CommandRefused(
            event_id=uuid4(), call_id=call_id, at=house.now, command_id=command.command_id, reason="expired"
        )

        [told] = house.tell(refused)
        house.link_is_up = True
        house.press(OLGA, Act.HOLD, call_id)

        assert (told.agent, told.code, told.call_id) == (OLGA, "expired", call_id)
        assert house.phase(call_id) is Phase.HELD

    def test_and_the_customer_hanging_up_ends_the_contact(self):
        house, call_id = held()

        house.customer_hangs_up(call_id)

        assert house.stretches(call_id)[-2:] == [(Stretch.HOLD, OLGA, ""), (Stretch.WRAP_UP, OLGA, "open")]


class TestSmallButtons:
    def test_mute_and_unmute_go_to_the_operators_own_leg(self):
        house = House()
        call_id = house.talks()

        house.press(OLGA, Act.MUTE, call_id)
        assert house.seen(call_id).leg_of(OLGA).muted
        assert Act.UNMUTE in legal_acts(house.seen(call_id), OLGA)
        house.press(OLGA, Act.UNMUTE, call_id)
        assert not house.seen(call_id).leg_of(OLGA).muted

    def test_keys_go_to_the_customer(self):
        house = House()
        call_id = house.talks()

        house.press(OLGA, Act.DIGITS, call_id, digits="12#*")

        assert house.pbx.sent == [(house.seen(call_id).customer.id, "12#*")]

    @pytest.mark.parametrize("digits", ["", "12x", "1 2", "ы"])
    def test_other_than_keys_are_refused(self, digits):
        house = House()
        call_id = house.talks()

        house.press(OLGA, Act.DIGITS, call_id, digits=digits)

        assert house.refusals() == [(OLGA, "not_possible")]
        assert house.pbx.sent == []

    def test_the_recording_is_paused_and_resumed(self):
        house = House()
        call_id = house.talks()

        house.press(OLGA, Act.PAUSE_RECORDING, call_id)
        assert house.seen(call_id).recording_paused
        house.press(OLGA, Act.RESUME_RECORDING, call_id)
        assert not house.seen(call_id).recording_paused
        pauses = [said.paused for said in house.said if isinstance(said, port.PauseRecording)]
        assert pauses == [True, False]

    def test_a_pause_that_the_switch_refused_is_no_pause(self):
        """The light must not say that a card number is not recorded while it is."""
        house = House()
        call_id = house.talks()
        house.cut_link()
        [command] = house.press(OLGA, Act.PAUSE_RECORDING, call_id)

        house.tell(
            port.CommandRefused(
                event_id=uuid4(), call_id=call_id, at=house.now, command_id=command.command_id, reason="expired"
            )
        )

        assert not house.seen(call_id).recording_paused
        assert house.refusals() == [(OLGA, "expired")]


class TestAClick:
    def asked(self, house: House, call_id: CallId, act: Act = Act.HOLD, **details: object) -> CallRequest:
        return CallRequest(request_id=REQUEST, agent=OLGA, call_id=call_id, act=act, **details)

    @pytest.mark.parametrize(("seconds", "codes"), [(-0.1, ["expired"]), (0, []), (5, [])])
    def test_is_good_until_it_expires(self, seconds, codes):
        house = House()
        call_id = house.talks()

        house.tell(self.asked(house, call_id, expires_at=house.now + timedelta(seconds=seconds)))

        assert [code for _, code in house.refusals()] == codes

    def test_on_a_call_that_is_gone_is_refused(self):
        house = House()

        [refused] = house.tell(self.asked(house, CallId(uuid4())))

        assert (refused.code, refused.call_id, refused.request_id) == ("gone", None, REQUEST)

    def test_on_a_call_that_has_moved_on_is_refused_though_it_would_be_legal(self):
        """He clicked End when his colleague was still there: now it would cut the customer off."""
        house = House()
        call_id = house.consults()
        house.press(OLGA, Act.CONFERENCE, call_id)
        house.centre.take_touched()
        seen = house.seen(call_id).version
        house.hangs_up(house.seen(call_id).colleague)
        house.centre.take_touched()

        [refused] = house.tell(self.asked(house, call_id, Act.HANG_UP, seen=seen))

        assert refused.code == "outdated"
        assert house.phase(call_id) is Phase.TALKING

    def test_on_what_is_no_longer_legal_is_outdated_when_he_could_not_know(self):
        house = House()
        call_id = house.talks()
        house.centre.take_touched()
        seen = house.seen(call_id).version
        house.press(OLGA, Act.HOLD, call_id)
        house.centre.take_touched()

        house.tell(self.asked(house, call_id, seen=seen))
        house.tell(self.asked(house, call_id, seen=house.seen(call_id).version))

        assert [code for _, code in house.refusals()] == ["outdated", "not_possible"]

    @pytest.mark.parametrize("act", [Act.HOLD, Act.HANG_UP])
    def test_made_before_something_of_no_importance_counts(self, act):
        house = House()
        call_id = house.talks()
        house.centre.take_touched()
        seen = house.seen(call_id).version
        house.keys(call_id, "5")
        house.press(OLGA, Act.MUTE, call_id)
        house.centre.take_touched()

        house.tell(self.asked(house, call_id, act, seen=seen))

        assert house.seen(call_id).version > seen
        assert house.refusals() == []

    def test_that_means_the_same_whatever_has_changed_counts(self):
        house = House()
        call_id = house.talks()
        house.centre.take_touched()
        seen = house.seen(call_id).version
        house.press(OLGA, Act.HOLD, call_id)
        house.centre.take_touched()

        house.tell(self.asked(house, call_id, Act.MUTE, seen=seen))

        assert house.refusals() == []

    def test_twice_does_no_harm(self):
        house = House()
        call_id = house.talks()
        asked = self.asked(house, call_id)

        house.tell(asked)
        house.tell(asked)

        assert house.phase(call_id) is Phase.HELD
        assert house.stretches(call_id)[-1] == (Stretch.HOLD, OLGA, "open")

    def test_that_the_switch_refuses_is_answered_to_the_one_who_clicked(self):
        house = House()
        call_id = house.talks()
        request_id = REQUEST

        [command] = house.tell(CallRequest(request_id=request_id, agent=OLGA, call_id=call_id, act=Act.MUTE))
        refusal = port.CommandRefused(
            event_id=uuid4(), call_id=call_id, at=house.now, command_id=command.command_id, reason="unknown_leg"
        )
        [told] = house.tell(refusal)

        assert (told.request_id, told.agent, told.code, told.call_id) == (request_id, OLGA, "unknown_leg", call_id)
        assert house.tell(refusal) == []

    def test_is_not_blamed_for_what_follows_for_other_calls(self):
        """Olga hangs up and Boris, who waited, is put through to her; the exchange cannot ring her."""
        house = House(wrap_up=WrapUp.NONE, ready_after=True)
        first = house.talks(OLGA)
        second = house.waits(BORIS)
        [dial] = [one for one in house.press(OLGA, Act.HANG_UP, first) if isinstance(one, port.Dial)]

        house.tell(
            port.CommandRefused(
                event_id=uuid4(), call_id=second, at=house.now, command_id=dial.command_id, reason="broken"
            )
        )

        assert house.refusals() == []


class TestTargets:
    @pytest.mark.parametrize("act", [Act.CONSULT, Act.TRANSFER])
    @pytest.mark.parametrize(
        ("target", "code"),
        [
            (Target(), "no_target"),
            (Target(agent=OLGA), "no_target"),
            (Target(agent=99), "no_target"),
            (Target(queue=QueueId(99)), "no_target"),
            (Target(number="12"), "invalid_number"),
            (Target(number="drop table"), "invalid_number"),
            (TO_IVAN, "unreachable"),
        ],
        ids=["none", "oneself", "nobody", "no such queue", "too short", "no number", "not there"],
    )
    def test_that_lead_nowhere_are_refused_before_anything_happens(self, act, target, code):
        house = House()
        call_id = house.talks()

        assert kinds(house.press(OLGA, act, call_id, target=target)) == ["RequestRefused"]
        assert house.refusals() == [(OLGA, code)]
        assert house.phase(call_id) is Phase.TALKING

    def test_who_are_talking_cannot_be_consulted(self):
        house = House()
        call_id = house.talks(OLGA)
        house.talks(IVAN, BORIS)

        house.press(OLGA, Act.CONSULT, call_id, target=TO_IVAN)

        assert house.refusals() == [(OLGA, "busy")]

    def test_whose_phone_is_away_cannot_be_consulted(self):
        house = House()
        call_id = house.talks(OLGA)
        house.ask(IVAN, Presence.READY)

        house.press(OLGA, Act.CONSULT, call_id, target=TO_IVAN)

        assert house.refusals() == [(OLGA, "unreachable")]

    @pytest.mark.parametrize("number", ["8 495 111-22-33", "+74951112233", "4951112233"])
    def test_that_are_numbers_are_dialled_in_one_form_only(self, number):
        house = House(line={"shown": "74950000000"})
        call_id = house.talks()

        said = house.press(OLGA, Act.CONSULT, call_id, target=Target(number=number))

        [dial] = [one for one in said if isinstance(one, port.Dial)]
        assert (dial.to, dial.shown) == (TO_OUTSIDE.number, "74950000000")


class TestRedirecting:
    """A ringing call is sent on without being answered."""

    def test_to_an_operator_rings_him(self):
        house = House()
        call_id = house.rings(OLGA)
        house.comes(IVAN)

        house.press(OLGA, Act.REDIRECT, call_id, target=TO_IVAN)

        assert house.on_the_line(call_id) == {ANNA, "agent:2"}
        assert house.stretches(call_id)[1:] == [
            (Stretch.QUEUE, None, "redirected"),
            (Stretch.RING, OLGA, "redirected"),
            (Stretch.QUEUE, None, "open"),
            (Stretch.RING, IVAN, "open"),
        ]
        assert house.status(OLGA).value == "ready"

    def test_to_another_group_rings_that(self):
        house = House()
        call_id = house.rings(OLGA)
        house.comes(VIKTOR)

        house.press(OLGA, Act.REDIRECT, call_id, target=TO_CARDS)

        assert house.on_the_line(call_id) == {ANNA, "agent:3"}

    def test_to_ones_own_group_rings_somebody_else_if_there_is_anybody(self):
        house = House()
        call_id = house.rings(OLGA)
        house.comes(IVAN)

        house.press(OLGA, Act.REDIRECT, call_id, target=Target(queue=LOANS))

        assert house.on_the_line(call_id) == {ANNA, "agent:2"}

    def test_to_a_number_dials_it(self):
        house = House()
        call_id = house.rings(OLGA)

        house.press(OLGA, Act.REDIRECT, call_id, target=TO_OUTSIDE)
        house.wait(3)

        assert house.joined(call_id) == {ANNA, TO_OUTSIDE.number}
        assert house.status(OLGA).value == "ready"

    def test_keeps_the_customer_before_those_who_have_not_been_rung(self):
        house = House()
        call_id = house.rings(OLGA)
        house.waits(BORIS, "shop")

        house.press(OLGA, Act.REDIRECT, call_id, target=TO_CARDS)

        assert house.centre.routing.position(f"call:{call_id}") == 1
