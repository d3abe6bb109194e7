"""What every telephone system must do for us, as tests. One class per capability of `Can`.

A connector's test module subclasses those it claims, and gives a fixture `bench`:

    class TestInbound(contract.Inbound): ...

Nothing here asks for a latency or a loudness, and every test has calls and people of its own.
"""

from __future__ import annotations

from uuid import uuid4

import pytest

from perezvon.kernel.ids import CallId, LegId
from perezvon.ports.contracts.bench import (
    CUSTOMER_HZ,
    OPERATOR_HZ,
    Bench,
    eventually,
    order,
    read_stereo,
    sounds,
)
from perezvon.ports.telephony import (
    Answer,
    CallSnapshot,
    Can,
    Cause,
    Clear,
    CommandRefused,
    ConnectionCleared,
    Delivered,
    DeviceChanged,
    Dial,
    Digits,
    Established,
    Held,
    Hold,
    Join,
    Joined,
    Mute,
    Muted,
    PauseRecording,
    Play,
    PromptEnded,
    RecordingStopped,
    SendDigits,
    StartRecording,
    Supervise,
    Supervision,
)

PROMPTS = ("greeting", "number.3")


class Inbound:
    async def test_a_call_is_offered_with_its_line_and_caller(self, bench: Bench) -> None:
        caller = await bench.call()

        offer = await bench.offered(caller)

        assert offer.line
        assert offer.record
        assert offer.at.tzinfo is not None

    async def test_a_caller_may_refuse_to_be_recorded(self, bench: Bench) -> None:
        caller = await bench.call(record=False)

        assert (await bench.offered(caller)).record is False

    async def test_an_operator_answers_and_hangs_up(self, bench: Bench) -> None:
        talk = await bench.talk()

        await bench.do(Clear, talk.call_id, talk.operator)
        await bench.do(Clear, talk.call_id, talk.customer)

        for leg_id in (talk.operator, talk.customer):
            gone = await bench.heard.hear(ConnectionCleared, leg_id=leg_id)
            assert (gone.cause, gone.by_party) == (Cause.NORMAL, False)
        said = ["Offered", "Established", "Delivered", "Established", "Joined", "Joined"]
        assert bench.heard.kinds(talk.call_id) == [*said, "ConnectionCleared", "ConnectionCleared"]

    async def test_the_customer_hangs_up(self, bench: Bench) -> None:
        talk = await bench.talk()

        await talk.caller.hang_up()

        gone = await bench.heard.hear(ConnectionCleared, leg_id=talk.customer)
        assert (gone.cause, gone.by_party) == (Cause.NORMAL, True)
        await bench.do(Clear, talk.call_id, talk.operator)
        assert not (await bench.heard.hear(ConnectionCleared, leg_id=talk.operator)).by_party

    async def test_the_customer_gives_up_before_the_answer(self, bench: Bench) -> None:
        caller = await bench.call()
        offer = await bench.offered(caller)

        await caller.hang_up()

        assert (await bench.heard.hear(ConnectionCleared, leg_id=offer.leg_id)).by_party

    async def test_the_customer_gives_up_while_an_operator_is_rung(self, bench: Bench) -> None:
        caller, phone = await bench.call(), await bench.phone()
        offer = await bench.answer(caller)
        await bench.do(Hold, offer.call_id, offer.leg_id)
        await bench.heard.hear(Held, leg_id=offer.leg_id)
        operator = LegId(uuid4())
        await bench.do(Dial, offer.call_id, operator, to=phone.address)
        await bench.heard.hear(Delivered, leg_id=operator)

        await caller.hang_up()

        assert (await bench.heard.hear(ConnectionCleared, leg_id=offer.leg_id)).by_party
        await bench.do(Clear, offer.call_id, operator)
        await bench.heard.hear(ConnectionCleared, leg_id=operator)

    async def test_a_call_may_be_turned_away_unanswered(self, bench: Bench) -> None:
        offer = await bench.offered(await bench.call())

        await bench.do(Clear, offer.call_id, offer.leg_id, cause=Cause.BUSY)

        assert (await bench.heard.hear(ConnectionCleared, leg_id=offer.leg_id)).cause is Cause.BUSY


class Phones:
    """Operators' phones: every system has them."""

    async def test_come_and_go(self, bench: Bench) -> None:
        phone = await bench.phone()
        await bench.heard.hear(DeviceChanged, address=phone.address, reachable=True)

        await phone.leave()

        await bench.heard.hear(DeviceChanged, address=phone.address, reachable=False, within=30)

    async def test_ring_out(self, bench: Bench) -> None:
        offer, phone = await bench.answer(await bench.call()), await bench.phone()
        leg_id = LegId(uuid4())

        await bench.do(Dial, offer.call_id, leg_id, to=phone.address, ring_s=0.5)

        await bench.heard.hear(Delivered, leg_id=leg_id)
        assert (await bench.heard.hear(ConnectionCleared, leg_id=leg_id)).cause is Cause.NO_ANSWER

    async def test_may_decline(self, bench: Bench) -> None:
        offer, phone = await bench.answer(await bench.call()), await bench.phone()
        leg_id = LegId(uuid4())
        await bench.do(Dial, offer.call_id, leg_id, to=phone.address)
        await bench.heard.hear(Delivered, leg_id=leg_id)

        await bench.do(Clear, offer.call_id, leg_id, cause=Cause.DECLINED)

        assert (await bench.heard.hear(ConnectionCleared, leg_id=leg_id)).cause is Cause.DECLINED

    async def test_answer_at_once_when_told_in_the_dial(self, bench: Bench) -> None:
        call_id, leg_id, phone = CallId(uuid4()), LegId(uuid4()), await bench.phone()

        await bench.do(Dial, call_id, leg_id, to=phone.address, answer_at_once=True)

        await bench.heard.hear(Established, leg_id=leg_id)
        await bench.do(Clear, call_id, leg_id)

    async def test_are_busy_while_they_are_in_a_call(self, bench: Bench) -> None:
        talk, leg_id = await bench.talk(), LegId(uuid4())

        await bench.do(Dial, CallId(uuid4()), leg_id, to=talk.phone.address)

        assert (await bench.heard.hear(ConnectionCleared, leg_id=leg_id)).cause is Cause.BUSY

    async def test_cannot_be_reached_when_nobody_has_them(self, bench: Bench) -> None:
        leg_id = LegId(uuid4())

        await bench.do(Dial, CallId(uuid4()), leg_id, to="agent:999999999")

        assert (await bench.heard.hear(ConnectionCleared, leg_id=leg_id)).cause is Cause.UNREACHABLE


class Transfers:
    """Nothing but Dial, Join, Hold and Clear: the proof that these are enough."""

    async def test_a_consultation_ends_in_a_transfer(self, bench: Bench) -> None:
        talk, colleague_phone = await bench.talk(), await bench.phone()
        await bench.do(Hold, talk.call_id, talk.customer)
        await bench.heard.hear(Held, leg_id=talk.customer)
        colleague = await bench.reach(talk.call_id, colleague_phone)
        await bench.join(talk.call_id, colleague)

        await bench.do(Clear, talk.call_id, talk.operator)
        await bench.join(talk.call_id, talk.customer)

        assert await _joined(bench, talk.call_id) == {talk.customer, colleague}

    async def test_a_consultation_ends_with_the_colleague_leaving(self, bench: Bench) -> None:
        talk, colleague_phone = await bench.talk(), await bench.phone()
        await bench.do(Hold, talk.call_id, talk.customer)
        colleague = await bench.reach(talk.call_id, colleague_phone)
        await bench.join(talk.call_id, colleague)

        await bench.do(Clear, talk.call_id, colleague)
        await bench.join(talk.call_id, talk.customer)

        assert await _joined(bench, talk.call_id) == {talk.customer, talk.operator}

    async def test_a_conference_has_three(self, bench: Bench) -> None:
        talk, colleague_phone = await bench.talk(), await bench.phone()

        colleague = await bench.reach(talk.call_id, colleague_phone)
        await bench.join(talk.call_id, colleague)

        assert await _joined(bench, talk.call_id) == {talk.customer, talk.operator, colleague}

    async def test_a_blind_transfer_rings_the_next_while_the_customer_is_held(self, bench: Bench) -> None:
        talk, colleague_phone = await bench.talk(), await bench.phone()

        colleague = await bench.transfer(talk, colleague_phone)

        assert await _joined(bench, talk.call_id) == {talk.customer, colleague}


class Outbound:
    @pytest.mark.parametrize(
        "cause", [Cause.BUSY, Cause.UNREACHABLE, Cause.INVALID_NUMBER, Cause.DECLINED, Cause.NO_ANSWER]
    )
    async def test_a_call_that_nobody_takes_says_why(self, bench: Bench, cause: Cause) -> None:
        call_id, leg_id = CallId(uuid4()), LegId(uuid4())

        await bench.do(Dial, call_id, leg_id, to=bench.numbers[cause], ring_s=1.0)

        assert (await bench.heard.hear(ConnectionCleared, leg_id=leg_id)).cause is cause

    async def test_a_call_that_is_answered_goes_on_like_any_other(self, bench: Bench) -> None:
        call_id, operator, customer = CallId(uuid4()), LegId(uuid4()), LegId(uuid4())
        phone = await bench.phone()
        await bench.do(Dial, call_id, operator, to=phone.address, answer_at_once=True)
        await bench.heard.hear(Established, leg_id=operator)

        await bench.do(Dial, call_id, customer, to=bench.numbers[None])
        await bench.heard.hear(Delivered, leg_id=customer)
        await bench.heard.hear(Established, leg_id=customer)
        await bench.join(call_id, operator, customer)

        assert await _joined(bench, call_id) == {operator, customer}

    async def test_a_call_may_be_given_up_while_it_rings(self, bench: Bench) -> None:
        call_id, leg_id = CallId(uuid4()), LegId(uuid4())
        await bench.do(Dial, call_id, leg_id, to=bench.numbers[Cause.NO_ANSWER])
        await bench.heard.hear(Delivered, leg_id=leg_id)

        await bench.do(Clear, call_id, leg_id)

        assert (await bench.heard.hear(ConnectionCleared, leg_id=leg_id)).cause is Cause.NORMAL


class Holding:
    async def test_a_customer_is_held_and_retrieved(self, bench: Bench) -> None:
        talk = await bench.talk()

        await bench.do(Hold, talk.call_id, talk.customer)
        await bench.heard.hear(Held, leg_id=talk.customer)
        assert await _joined(bench, talk.call_id) == {talk.operator}

        await bench.join(talk.call_id, talk.customer)
        assert await _joined(bench, talk.call_id) == {talk.customer, talk.operator}


class Muting:
    async def test_an_operator_is_muted_and_heard_again(self, bench: Bench) -> None:
        talk = await bench.talk()

        for muted in (True, False):
            await bench.do(Mute, talk.call_id, talk.operator, muted=muted)
            await bench.heard.hear(Muted, leg_id=talk.operator, muted=muted)
            call = await _as_seen_now(bench, talk.call_id)
            assert [leg.muted for leg in call.legs if leg.leg_id == talk.operator] == [muted]


class Keys:
    async def test_the_customers_keys_are_heard(self, bench: Bench) -> None:
        caller = await bench.call()
        offer = await bench.answer(caller)

        await caller.press("4")
        await caller.press("2")

        pressed = [await bench.heard.hear(Digits, leg_id=offer.leg_id) for _ in range(2)]
        assert "".join(event.digits for event in pressed) == "42"

    async def test_keys_are_pressed_towards_the_customer(self, bench: Bench) -> None:
        talk = await bench.talk()

        await bench.do(SendDigits, talk.call_id, talk.customer, digits="17#")

        await eventually(lambda: talk.caller.digits_received() == "17#")


class Prompts:
    async def test_end_is_told(self, bench: Bench) -> None:
        offer = await bench.answer(await bench.call())

        command_id = await bench.do(Play, offer.call_id, offer.leg_id, prompts=PROMPTS)

        await bench.heard.hear(PromptEnded, command_id=command_id, leg_id=offer.leg_id, within=30)

    async def test_are_cut_short_when_somebody_answers(self, bench: Bench) -> None:
        offer = await bench.answer(await bench.call())
        command_id = await bench.do(Play, offer.call_id, offer.leg_id, prompts=PROMPTS * 20)

        await bench.join(offer.call_id, offer.leg_id)

        await bench.heard.hear(PromptEnded, command_id=command_id)
        kinds = bench.heard.kinds(offer.call_id)
        assert kinds.index("PromptEnded") < kinds.index("Joined")

    async def test_are_not_for_a_leg_in_conversation(self, bench: Bench) -> None:
        talk = await bench.talk()

        command_id = await bench.do(Play, talk.call_id, talk.customer, prompts=PROMPTS)

        await bench.heard.hear(CommandRefused, command_id=command_id)

    async def test_that_do_not_exist_are_refused(self, bench: Bench) -> None:
        offer = await bench.answer(await bench.call())

        command_id = await bench.do(Play, offer.call_id, offer.leg_id, prompts=("no such sound",))

        await bench.heard.hear(CommandRefused, command_id=command_id)


class Recordings:
    async def test_are_complete_when_the_call_is_over(self, bench: Bench) -> None:
        talk, recording_id = await bench.talk(), uuid4()
        await bench.do(StartRecording, talk.call_id, recording_id=recording_id)
        await bench.time_for_sound()
        await bench.do(PauseRecording, talk.call_id, recording_id=recording_id, paused=True)
        await bench.time_for_sound()
        await bench.do(Clear, talk.call_id, talk.operator)
        await bench.do(Clear, talk.call_id, talk.customer)

        stopped = await bench.heard.hear(RecordingStopped, recording_id=recording_id)

        left, right, rate = read_stereo(stopped.path)
        assert stopped.call_id == talk.call_id
        assert abs(len(left) / rate - stopped.seconds) < 0.1
        first, last = slice(0, len(left) // 2), slice(-rate // 2, None)
        assert sounds(left[first], CUSTOMER_HZ, rate)
        assert not sounds(left[first], OPERATOR_HZ, rate)
        assert sounds(right[first], OPERATOR_HZ, rate)
        assert not sounds(right[first], CUSTOMER_HZ, rate)
        assert not left[last].any()
        assert not right[last].any()

    async def test_are_refused_for_a_call_that_is_not_there(self, bench: Bench) -> None:
        command_id = await bench.do(StartRecording, CallId(uuid4()), recording_id=uuid4())

        await bench.heard.hear(CommandRefused, command_id=command_id)


class Supervising:
    async def test_a_supervisor_enters_changes_and_leaves(self, bench: Bench) -> None:
        talk, phone, leg_id = await bench.talk(), await bench.phone(), LegId(uuid4())

        for mode in Supervision:
            await bench.do(Supervise, talk.call_id, leg_id, to=phone.address, mode=mode)
            await bench.heard.hear(Joined, leg_id=leg_id)
        await bench.do(Clear, talk.call_id, leg_id)

        await bench.heard.hear(ConnectionCleared, leg_id=leg_id)
        assert await _joined(bench, talk.call_id) == {talk.customer, talk.operator}


class Commands:
    async def test_the_same_one_twice_does_no_harm(self, bench: Bench) -> None:
        offer = await bench.offered(await bench.call())
        answer = order(Answer, offer.call_id, offer.leg_id)

        await bench.connector.do(answer)
        await bench.connector.do(answer)
        await bench.join(offer.call_id, offer.leg_id)

        assert bench.heard.kinds(offer.call_id) == ["Offered", "Established", "Joined"]

    @pytest.mark.parametrize("kind", [Answer, Join, Hold, Clear])
    async def test_for_an_unknown_leg_are_refused(self, bench: Bench, kind: type[Answer]) -> None:
        call_id = CallId(uuid4())

        command_id = await bench.do(kind, call_id, LegId(uuid4()))

        refusal = await bench.heard.hear(CommandRefused, command_id=command_id)
        assert refusal.call_id == call_id
        assert refusal.reason

    async def test_for_a_leg_that_has_gone_are_refused(self, bench: Bench) -> None:
        talk = await bench.talk()
        await talk.caller.hang_up()
        await bench.heard.hear(ConnectionCleared, leg_id=talk.customer)

        command_id = await bench.do(Hold, talk.call_id, talk.customer)

        await bench.heard.hear(CommandRefused, command_id=command_id)


class Reconnecting:
    async def test_begins_with_a_snapshot_that_equals_what_was(self, bench: Bench) -> None:
        talk = await bench.talk()
        waiting = await bench.answer(await bench.call())

        calls = {call.call_id: call for call in (await bench.listen()).calls}

        seen = calls[talk.call_id]
        assert seen.caller == talk.caller.number
        assert {(leg.leg_id, leg.answered, leg.joined) for leg in seen.legs} == {
            (talk.customer, True, True),
            (talk.operator, True, True),
        }
        [held] = calls[waiting.call_id].legs
        assert (held.leg_id, held.answered, held.joined) == (waiting.leg_id, True, False)

    async def test_knows_which_phones_are_within_reach(self, bench: Bench) -> None:
        here, gone = await bench.phone(), await bench.phone()
        await gone.leave()
        await bench.heard.hear(DeviceChanged, address=gone.address, reachable=False, within=30)

        devices = (await bench.listen()).devices

        assert here.address in devices
        assert gone.address not in devices

    async def test_tells_what_was_missed(self, bench: Bench) -> None:
        talk = await bench.talk()
        await bench.deafen()

        await talk.caller.hang_up()
        missed = await bench.call()
        await missed.hang_up()

        await bench.listen()
        gone = await bench.heard.hear(ConnectionCleared, leg_id=talk.customer)
        assert (gone.cause, gone.by_party) == (Cause.NORMAL, True)
        offer = await bench.offered(missed)
        await bench.heard.hear(ConnectionCleared, leg_id=offer.leg_id)


CLASSES: dict[Can, type] = {
    Can.INBOUND: Inbound,
    Can.OUTBOUND: Outbound,
    Can.HOLD: Holding,
    Can.MUTE: Muting,
    Can.DIGITS: Keys,
    Can.PROMPTS: Prompts,
    Can.RECORDING: Recordings,
    Can.SUPERVISION: Supervising,
}
EVERYBODY = (Phones, Transfers, Commands, Reconnecting)


def unproven(claims: frozenset[Can], test_module: object) -> set[str]:
    """Contract classes that a connector claims to pass and that its test module does not run."""
    run = [value for value in vars(test_module).values() if isinstance(value, type)]
    due = [*EVERYBODY, *(CLASSES[can] for can in claims)]
    return {need.__name__ for need in due if not any(issubclass(one, need) and one is not need for one in run)}


async def _as_seen_now(bench: Bench, call_id: CallId) -> CallSnapshot:
    calls = {call.call_id: call for call in (await bench.listen()).calls}
    return calls[call_id]


async def _joined(bench: Bench, call_id: CallId) -> set[LegId]:
    return {leg.leg_id for leg in (await _as_seen_now(bench, call_id)).legs if leg.joined}
