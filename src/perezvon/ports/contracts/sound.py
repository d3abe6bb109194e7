"""What people must hear, for every telephone system whose far ends can listen.

The customer says 440 Hz, his operator 660 and whoever comes third 880; music and prompts have none of these.
"""

from __future__ import annotations

from abc import abstractmethod
from uuid import uuid4

from perezvon.kernel.ids import CallId, LegId
from perezvon.ports.contracts.bench import (
    COLLEAGUE_HZ,
    CUSTOMER_HZ,
    OPERATOR_HZ,
    Bench,
    Ear,
    eventually,
    hears,
    stops_hearing,
)
from perezvon.ports.telephony import Held, Hold, Joined, Mute, Play, Supervise, Supervision


class SoundBench(Bench):
    """A bench whose people send tones and can be asked what they heard."""

    @abstractmethod
    def ear(self, person: object) -> Ear:
        """Of a Caller or a Phone of this bench."""


class Talking:
    async def test_both_hear_each_other(self, bench: SoundBench) -> None:
        talk = await bench.talk()

        await hears(bench.ear(talk.caller), OPERATOR_HZ)
        await hears(bench.ear(talk.phone), CUSTOMER_HZ)

    async def test_nobody_hears_himself(self, bench: SoundBench) -> None:
        talk = await bench.talk()
        await hears(bench.ear(talk.caller), OPERATOR_HZ)

        await stops_hearing(bench.ear(talk.caller), CUSTOMER_HZ)
        await stops_hearing(bench.ear(talk.phone), OPERATOR_HZ)

    async def test_a_held_customer_hears_music_and_no_conversation(self, bench: SoundBench) -> None:
        talk = await bench.talk()
        await hears(bench.ear(talk.caller), OPERATOR_HZ)

        await bench.do(Hold, talk.call_id, talk.customer)
        await bench.heard.hear(Held, leg_id=talk.customer)

        await stops_hearing(bench.ear(talk.caller), OPERATOR_HZ)
        await stops_hearing(bench.ear(talk.phone), CUSTOMER_HZ)
        await eventually(lambda: _is_loud(bench.ear(talk.caller)))
        await bench.join(talk.call_id, talk.customer)
        await hears(bench.ear(talk.caller), OPERATOR_HZ)

    async def test_a_prompt_is_heard(self, bench: SoundBench) -> None:
        caller = await bench.call()
        offer = await bench.answer(caller)

        await bench.do(Play, offer.call_id, offer.leg_id, prompts=("greeting",))

        await eventually(lambda: _is_loud(bench.ear(caller)))

    async def test_a_muted_operator_is_not_heard_but_hears(self, bench: SoundBench) -> None:
        talk = await bench.talk()
        await hears(bench.ear(talk.caller), OPERATOR_HZ)

        await bench.do(Mute, talk.call_id, talk.operator, muted=True)

        await stops_hearing(bench.ear(talk.caller), OPERATOR_HZ)
        await hears(bench.ear(talk.phone), CUSTOMER_HZ)

    async def test_three_hear_each_other(self, bench: SoundBench) -> None:
        talk, phone = await bench.talk(), await bench.phone(COLLEAGUE_HZ)
        colleague = await bench.reach(talk.call_id, phone)
        await bench.join(talk.call_id, colleague)

        for person, tones in (
            (talk.caller, (OPERATOR_HZ, COLLEAGUE_HZ)),
            (talk.phone, (CUSTOMER_HZ, COLLEAGUE_HZ)),
            (phone, (CUSTOMER_HZ, OPERATOR_HZ)),
        ):
            for hz in tones:
                await hears(bench.ear(person), hz)

    async def test_a_supervisor_listens_whispers_and_barges(self, bench: SoundBench) -> None:
        talk, phone, leg_id = await bench.talk(), await bench.phone(COLLEAGUE_HZ), LegId(uuid4())
        customer, operator, supervisor = (bench.ear(person) for person in (talk.caller, talk.phone, phone))

        await _supervise(bench, talk.call_id, leg_id, phone.address, Supervision.LISTEN)
        await hears(supervisor, CUSTOMER_HZ)
        await hears(supervisor, OPERATOR_HZ)
        await stops_hearing(customer, COLLEAGUE_HZ)
        await stops_hearing(operator, COLLEAGUE_HZ)

        await _supervise(bench, talk.call_id, leg_id, phone.address, Supervision.WHISPER)
        await hears(operator, COLLEAGUE_HZ)
        await stops_hearing(customer, COLLEAGUE_HZ)

        await _supervise(bench, talk.call_id, leg_id, phone.address, Supervision.BARGE)
        await hears(customer, COLLEAGUE_HZ)

    async def test_a_transferred_customer_talks_with_the_next(self, bench: SoundBench) -> None:
        talk, phone = await bench.talk(), await bench.phone(COLLEAGUE_HZ)
        await bench.transfer(talk, phone)

        await hears(bench.ear(talk.caller), COLLEAGUE_HZ)
        await hears(bench.ear(phone), CUSTOMER_HZ)
        await stops_hearing(bench.ear(talk.caller), OPERATOR_HZ)


async def _supervise(bench: Bench, call_id: CallId, leg_id: LegId, address: str, mode: Supervision) -> None:
    await bench.do(Supervise, call_id, leg_id, to=address, mode=mode)
    await bench.heard.hear(Joined, leg_id=leg_id)


def _is_loud(ear: Ear) -> bool:
    second = ear.last(1)
    return len(second) > 0 and bool((second**2).mean() > 200**2)
