"""A real Asterisk, and what breaks around it: every leg gets a true ending, and what lives goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from perezvon.connectors.asterisk_ari.tests.links import Link
from perezvon.connectors.asterisk_ari.tests.people_around import AsteriskBench
from perezvon.connectors.asterisk_ari.tests.servers import BINARY, Server
from perezvon.kernel.errors import TryLater
from perezvon.ports.contracts.bench import CUSTOMER_HZ, OPERATOR_HZ, eventually, hears, order, read_stereo
from perezvon.ports.telephony import (
    Answer,
    Cause,
    Clear,
    ConnectionCleared,
    Established,
    Joined,
    Offered,
    RecordingStopped,
    Snapshot,
    StartRecording,
)

pytestmark = [pytest.mark.long, pytest.mark.skipif(not BINARY, reason="PEREZVON_TEST_ASTERISK names no Asterisk")]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.remove()


@pytest.fixture
async def link(server: Server) -> AsyncIterator[Link]:
    link = Link(server.http)
    await link.open()
    yield link
    await link.cut()


@pytest.fixture
async def bench(server: Server, link: Link) -> AsyncIterator[AsteriskBench]:
    bench = AsteriskBench(server, server.settings(link.port))
    try:
        await bench.open()
        yield bench
    finally:
        await bench.close()


async def test_a_broken_link_ends_nothing_and_tells_what_ended_meanwhile(bench: AsteriskBench, link: Link):
    staying, leaving = await bench.talk(), await bench.talk()

    await link.cut()
    await _refused(bench, staying.call_id, staying.customer)
    await leaving.caller.hang_up()
    latecomer = asyncio.create_task(bench.call())
    await asyncio.sleep(1)
    await link.open()

    await bench.heard.hear(Snapshot, within=20)
    gone = await bench.heard.hear(ConnectionCleared, leg_id=leaving.customer, within=20)
    assert (gone.cause, gone.by_party) == (Cause.LINK_LOST, False)
    await hears(bench.ear(staying.caller), OPERATOR_HZ)
    await hears(bench.ear(staying.phone), CUSTOMER_HZ)
    await staying.caller.hang_up()
    assert (await bench.heard.hear(ConnectionCleared, leg_id=staying.customer)).by_party
    latecomer.cancel()


async def test_fifty_calls_survive_a_broken_link_and_then_all_end(bench: AsteriskBench, link: Link):
    callers = [await bench.call(hz=None) for _ in range(50)]
    offers = [await bench.answer(caller) for caller in callers]

    await link.cut()
    for caller in callers[:25]:
        await caller.hang_up()
    await asyncio.sleep(0.5)
    await link.open()
    await bench.heard.hear(Snapshot, within=20)
    for offer in offers[:25]:
        assert (await bench.heard.hear(ConnectionCleared, leg_id=offer.leg_id)).cause is Cause.LINK_LOST
    for caller in callers[25:]:
        await caller.hang_up()

    for offer in offers[25:]:
        assert (await bench.heard.hear(ConnectionCleared, leg_id=offer.leg_id)).by_party
    await eventually(lambda: "0 active channels" in bench.server.cli("core show channels"))


async def test_who_waits_unanswered_when_the_engine_dies_is_answered_by_the_next(bench: AsteriskBench):
    caller = await bench.call()
    offer = await bench.offered(caller)
    await bench.connector.close()

    second = AsteriskBench(bench.server)
    try:
        snapshot = await second.listen()
        assert offer.leg_id in {leg.leg_id for call in snapshot.calls for leg in call.legs}
        await second.connector.do(order(Answer, offer.call_id, offer.leg_id))
        await second.heard.hear(Established, leg_id=offer.leg_id)
        await caller.hang_up()
        assert (await second.heard.hear(ConnectionCleared, leg_id=offer.leg_id)).by_party
    finally:
        await second.deafen()
        await second.connector.close()


async def test_a_new_engine_finds_talk_and_recording_of_the_one_that_died(bench: AsteriskBench):
    talk, recording_id = await bench.talk(), uuid4()
    await bench.do(StartRecording, talk.call_id, recording_id=recording_id)
    await bench.time_for_sound()
    await bench.connector.close()

    second = AsteriskBench(bench.server)
    try:
        snapshot = await second.listen()
        [call] = [call for call in snapshot.calls if call.call_id == talk.call_id]
        assert {(leg.leg_id, leg.joined) for leg in call.legs} == {(talk.customer, True), (talk.operator, True)}
        assert {leg.address for leg in call.legs} == {talk.caller.number, talk.phone.address}
        await hears(bench.ear(talk.caller), OPERATOR_HZ)
        await second.do(Clear, talk.call_id, talk.operator)
        await second.do(Clear, talk.call_id, talk.customer)
        stopped = await second.heard.hear(RecordingStopped, recording_id=recording_id)
        left, _, rate = read_stereo(stopped.path)
        assert len(left) / rate > 1
    finally:
        await second.deafen()
        await second.connector.close()


async def test_a_recording_that_ended_while_the_engine_was_dead_is_fetched(bench: AsteriskBench):
    talk, recording_id = await bench.talk(), uuid4()
    await bench.do(StartRecording, talk.call_id, recording_id=recording_id)
    await bench.time_for_sound()
    await bench.connector.close()
    await talk.caller.hang_up()
    talk.phone.telephone.hang_up(next(iter(talk.phone.telephone.dialogs.values())))
    await eventually(lambda: "0 active channels" in bench.server.cli("core show channels"))

    second = AsteriskBench(bench.server)
    try:
        snapshot = await second.listen()
        assert not [call for call in snapshot.calls if call.call_id == talk.call_id]
        stopped = await second.heard.hear(RecordingStopped, recording_id=recording_id, within=20)
        assert stopped.seconds > 1
    finally:
        await second.deafen()
        await second.connector.close()


async def test_a_phones_own_transfer_is_refused_and_the_talk_goes_on(bench: AsteriskBench):
    talk = await bench.talk()
    [dialog] = talk.phone.telephone.dialogs.values()

    talk.phone.telephone.refer(dialog, "74950000001")

    await asyncio.sleep(1)
    await hears(bench.ear(talk.caller), OPERATOR_HZ)
    assert not bench.heard.heard(ConnectionCleared, call_id=talk.call_id)


async def test_an_asterisk_that_dies_ends_its_calls_truly(bench: AsteriskBench, server: Server):
    talk = await bench.talk()

    server.kill()
    server.start()

    await bench.heard.hear(Snapshot, within=30)
    for leg_id in (talk.customer, talk.operator):
        gone = await bench.heard.hear(ConnectionCleared, leg_id=leg_id)
        assert (gone.cause, gone.by_party) == (Cause.LINK_LOST, False)
    caller = await bench.call()
    offer = await bench.answer(caller)
    await bench.join(offer.call_id, offer.leg_id)
    assert bench.heard.heard(Offered, caller=caller.number)
    assert bench.heard.heard(Joined, leg_id=offer.leg_id)


async def _refused(bench: AsteriskBench, call_id: object, leg_id: object) -> None:
    """Commands are refused for now, as soon as the loss is noticed."""

    async def tries() -> bool:
        try:
            await bench.connector.do(order(Answer, call_id, leg_id))  # type: ignore[arg-type]
        except TryLater:
            return True
        return False

    for _ in range(100):
        if await tries():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the loss was not noticed")
