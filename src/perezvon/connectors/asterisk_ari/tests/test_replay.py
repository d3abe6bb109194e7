"""Recorded traffic of a real Asterisk, met by our connector and an operator who does the usual things."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from perezvon.connectors.asterisk_ari import connector
from perezvon.connectors.asterisk_ari.connector import Asterisk
from perezvon.connectors.asterisk_ari.settings import Settings
from perezvon.connectors.asterisk_ari.tests.replay import Replay, scenarios
from perezvon.kernel.errors import TryLater
from perezvon.kernel.ids import CallId, LegId
from perezvon.ports.contracts.bench import Listener, eventually, order
from perezvon.ports.telephony import (
    Answer,
    CallCommand,
    Cause,
    Clear,
    ConnectionCleared,
    Delivered,
    Dial,
    Digits,
    Established,
    Hold,
    Join,
    Joined,
    Offered,
    Play,
    PromptEnded,
    Snapshot,
)

GONE, LEFT = (Cause.NORMAL, False), (Cause.NORMAL, True)

# How each story ends: for the customer, then for the operator that is rung.
ENDINGS = {
    "agent_busy": (LEFT, (Cause.BUSY, False)),
    "agent_decline": (LEFT, (Cause.DECLINED, True)),
    "agent_no_answer": (LEFT, (Cause.NO_ANSWER, False)),
    "caller_abandons_in_queue_while_agent_rings": (LEFT, GONE),
    "hold_unhold_by_phone": (LEFT, GONE),
    "hold_unhold_by_rest": (LEFT, GONE),
    "inbound_answered_agent_hangup": (GONE, LEFT),
    "inbound_answered_caller_hangup": (LEFT, GONE),
    "webrtc_agent_jssip": (GONE, GONE),
}
OWN = {"caller_abandons_ringing", "dtmf_rfc2833_baresip", "ivr_prompt_and_dtmf", "originate_failures"}
OWN |= {"blind_transfer_by_phone_refer", "outbound_click_to_call"}
NOT_HERE = {
    "attended_transfer_by_rest": "our consultation keeps one bridge",
    "blind_transfer_by_rest": "our transfer rings the next one only after the first has gone",
    "supervisor_snoop_listen_whisper": "our listener is in the call's own bridge",
    "transfer_to_dialplan": "no call leaves our application",
}


def test_every_recorded_scenario_has_its_test_or_a_reason():
    assert set(scenarios()) == set(ENDINGS) | OWN | set(NOT_HERE)


class Desk:
    """The connector before a replayed Asterisk, and somebody who gives commands."""

    def __init__(self, scenario: str, folder: Path) -> None:
        self.replay = Replay(scenario, ("agent1",))
        self._folder = folder

    async def open(self) -> None:
        settings = Settings(
            url=await self.replay.open(),
            user="cc",
            password="secret",
            manager=("127.0.0.1", 1),
            ping_s=0.2,
            recordings=self._folder,
        )
        self.asterisk = Asterisk(settings, lambda: datetime.now(UTC))
        self.heard = Listener(self.asterisk)
        await self.heard.begin()

    async def close(self) -> None:
        await self.heard.end()
        await self.asterisk.close()
        await self.replay.close()

    async def do(self, kind: type[CallCommand], call_id: CallId, leg_id: LegId, **more: object) -> CallCommand:
        command = order(kind, call_id, leg_id, **more)
        await self.asterisk.do(command)
        return command

    async def answer(self) -> Offered:
        offer = await self.heard.hear(Offered)
        await self.do(Answer, offer.call_id, offer.leg_id)
        await self.heard.hear(Established, leg_id=offer.leg_id)
        return offer

    async def serve(self) -> tuple[LegId, LegId]:
        """Answer, music, ring the operator, talk when he answers; whoever is left alone is let go."""
        offer = await self.answer()
        await self.do(Hold, offer.call_id, offer.leg_id)
        operator = LegId(uuid4())
        await self.do(Dial, offer.call_id, operator, to="agent:1", ring_s=20)
        left = {offer.leg_id, operator}
        while left:
            heard = await self._next({Established, ConnectionCleared})
            if isinstance(heard, Established):
                for leg_id in (offer.leg_id, operator):
                    await self.do(Join, offer.call_id, leg_id)
            else:
                left.remove(heard.leg_id)
                if heard.leg_id == offer.leg_id or self.heard.heard(Joined, leg_id=operator):
                    for leg_id in left:
                        await self.do(Clear, offer.call_id, leg_id)
        return offer.leg_id, operator

    async def _next(self, kinds: set[type]) -> Established | ConnectionCleared:
        async with asyncio.timeout(10):
            while True:
                for kind in kinds:
                    if (event := self.heard._find(kind, {})) is not None:
                        return event  # type: ignore[no-any-return]
                await asyncio.sleep(0.01)


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(request.param, tmp_path)
    await desk.open()
    desk.replay.begin()
    yield desk
    await desk.close()


def of(scenario: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("desk", [scenario], indirect=True, ids=[scenario])


@pytest.mark.parametrize(("desk", "ends"), list(ENDINGS.items()), indirect=["desk"], ids=list(ENDINGS))
async def test_every_leg_ends_once_and_truly(desk: Desk, ends: tuple[tuple[Cause, bool], tuple[Cause, bool]]):
    customer, operator = await desk.serve()
    await desk.replay.over()

    told = {event.leg_id: event for event in desk.heard.all if isinstance(event, ConnectionCleared)}
    assert [(told[leg_id].cause, told[leg_id].by_party) for leg_id in (customer, operator)] == list(ends)
    assert len([event for event in desk.heard.all if isinstance(event, ConnectionCleared)]) == 2


@of("caller_abandons_ringing")
async def test_a_caller_gives_up_unanswered(desk: Desk):
    offer = await desk.heard.hear(Offered)

    gone = await desk.heard.hear(ConnectionCleared, leg_id=offer.leg_id)

    assert (offer.line, offer.caller) == ("1000", "79991")
    assert (gone.cause, gone.by_party) == (Cause.NORMAL, True)


@of("caller_abandons_ringing")
async def test_a_call_through_the_dialplan_is_subscribed_to(desk: Desk):
    """Without it no ChannelDestroyed would come, and so no cause."""
    await desk.heard.hear(Offered)
    await desk.replay.over()

    wanted = {"eventSource": "channel:1795305790.57"}
    assert ("POST", "/applications/perezvon/subscription", wanted) in desk.replay.asked


@of("caller_abandons_ringing")
async def test_the_password_is_in_a_header_and_never_in_a_url(desk: Desk):
    await desk.replay.over()

    assert desk.replay.unauthorised == 0
    assert not [query for _, _, query in desk.replay.asked if "secret" in str(query)]


@of("caller_abandons_ringing")
async def test_a_link_that_is_open_and_dead_is_found_out(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connector, "_ECHO_S", 0.2)
    await desk.replay.over()

    desk.replay.is_deaf = True
    await eventually(lambda: not desk.asterisk.is_connected)
    with pytest.raises(TryLater):
        await desk.do(Answer, CallId(uuid4()), LegId(uuid4()))
    desk.replay.is_deaf = False

    await desk.heard.hear(Snapshot)


@of("caller_abandons_ringing")
async def test_an_application_that_somebody_took_over_is_taken_back(desk: Desk):
    await desk.replay.over()

    await desk.replay.tell({"type": "ApplicationReplaced"})

    await desk.heard.hear(Snapshot)


@of("dtmf_rfc2833_baresip")
async def test_keys_are_heard(desk: Desk):
    offer = await desk.answer()

    pressed = [await desk.heard.hear(Digits, leg_id=offer.leg_id) for _ in range(2)]

    assert [event.digits for event in pressed] == ["5", "#"]


@of("ivr_prompt_and_dtmf")
async def test_a_prompt_ends(desk: Desk):
    offer = await desk.answer()

    command = await desk.do(Play, offer.call_id, offer.leg_id, prompts=("greeting", "number.3"))

    ended = await desk.heard.hear(PromptEnded, command_id=command.command_id)
    assert ended.heard


@of("originate_failures")
async def test_a_phone_that_asterisk_cannot_ring_is_unreachable(desk: Desk):
    call_id, leg_id = CallId(uuid4()), LegId(uuid4())

    await desk.do(Dial, call_id, leg_id, to="agent:1")

    assert (await desk.heard.hear(ConnectionCleared, leg_id=leg_id)).cause is Cause.UNREACHABLE


@of("outbound_click_to_call")
async def test_a_call_out_rings_the_operator_first(desk: Desk):
    call_id, operator = CallId(uuid4()), LegId(uuid4())

    await desk.do(Dial, call_id, operator, to="agent:1")

    await desk.heard.hear(Delivered, leg_id=operator)
    await desk.heard.hear(Established, leg_id=operator)
    assert (await desk.heard.hear(ConnectionCleared, leg_id=operator)).cause is Cause.NORMAL


@of("blind_transfer_by_phone_refer")
async def test_what_a_phone_transfers_behind_our_back_is_hung_up(desk: Desk):
    """An Asterisk without our `PJSIP_TRANSFER_HANDLING` puts a pair of Local channels in the phone's place."""
    await desk.replay.over()

    assert ("DELETE", "/channels/1795307707.2302", {}) in desk.replay.asked
