"""What goes wrong around a voice switch, and what it does then."""

import asyncio
from uuid import uuid4

import aiohttp
import pytest

from perezvon.connectors.webvoice.connector import WebVoice
from perezvon.connectors.webvoice.link import Address, Link, WrongToken
from perezvon.connectors.webvoice.tests.browsers import Browser
from perezvon.connectors.webvoice.tests.switches import SwitchProcess
from perezvon.connectors.webvoice.tests.voice_bench import VoiceBench
from perezvon.kernel.errors import NotFound, Refused, TryLater
from perezvon.kernel.ids import CallId
from perezvon.ports.contracts.bench import (
    CUSTOMER_HZ,
    OPERATOR_HZ,
    eventually,
    hears,
    order,
    read_stereo,
    sounds,
    stops_hearing,
)
from perezvon.ports.telephony import (
    Cause,
    ConnectionCleared,
    DeviceChanged,
    Dial,
    Hold,
    Offered,
    RecordingStopped,
    Snapshot,
    StartRecording,
)
from tests.support import eventually_async


class TestOperatorsPage:
    async def test_reloaded_in_a_call_takes_it_back(self, bench: VoiceBench):
        talk = await bench.talk()
        await hears(bench.ear(talk.caller), OPERATOR_HZ)

        await talk.phone.reload()

        await hears(bench.ear(talk.phone), CUSTOMER_HZ)
        await hears(bench.ear(talk.caller), OPERATOR_HZ)
        assert not bench.heard.heard(ConnectionCleared, call_id=talk.call_id)

    async def test_closed_in_a_call_leaves_the_customer_with_music_then_ends_the_leg(self, bench: VoiceBench):
        talk = await bench.talk()
        await hears(bench.ear(talk.caller), OPERATOR_HZ)

        await talk.phone.leave()
        await bench.heard.hear(DeviceChanged, address=talk.phone.address, reachable=False)
        await stops_hearing(bench.ear(talk.caller), OPERATOR_HZ)
        assert (bench.ear(talk.caller).last(1) ** 2).mean() > 200**2

        gone = await bench.heard.hear(ConnectionCleared, leg_id=talk.operator)
        assert (gone.cause, gone.by_party) == (Cause.LINK_LOST, False)
        assert not bench.heard.heard(ConnectionCleared, leg_id=talk.customer)

    async def test_opened_a_second_time_replaces_the_first(self, bench: VoiceBench):
        talk = await bench.talk()
        first, second = talk.phone.browser, Browser(OPERATOR_HZ)
        answer = await bench.pages.connect_phone(agent_id=talk.phone.agent_id, sdp=await second.offer())
        await second.accept(answer)

        await hears(second, CUSTOMER_HZ)
        await eventually(lambda: first.state == "closed")
        assert not bench.heard.heard(DeviceChanged, address=talk.phone.address, reachable=False)
        await second.close()

    async def test_at_another_workplace_is_refused_until_it_is_taken(self, bench: VoiceBench):
        phone, second = await bench.phone(), Browser(OPERATOR_HZ)
        elsewhere = {"agent_id": phone.agent_id, "sdp": await second.offer(), "workplace": "at home"}

        with pytest.raises(Refused) as refused:
            await bench.pages.connect_phone(**elsewhere)
        assert (refused.value.code, refused.value.http_status) == ("webvoice.phone_elsewhere", 409)
        assert phone.browser.state == "connected"

        await second.accept(await bench.pages.connect_phone(**elsewhere, take=True))
        await eventually(lambda: phone.browser.state == "closed")
        await second.close()

    async def test_that_never_connects_does_not_replace_the_first(self, bench: VoiceBench):
        talk, second = await bench.talk(), Browser(OPERATOR_HZ)

        await bench.pages.connect_phone(agent_id=talk.phone.agent_id, sdp=await second.offer())

        await hears(bench.ear(talk.phone), CUSTOMER_HZ)
        await second.close()

    async def test_signed_out_is_gone_at_once(self, bench: VoiceBench):
        talk = await bench.talk()

        await bench.pages.disconnect_phone(agent_id=talk.phone.agent_id)

        assert (await bench.heard.hear(ConnectionCleared, leg_id=talk.operator)).by_party


class TestCustomersPage:
    async def test_closed_is_a_hang_up(self, bench: VoiceBench):
        talk = await bench.talk()
        await hears(bench.ear(talk.phone), CUSTOMER_HZ)

        await talk.caller.browser.close()

        gone = await bench.heard.hear(ConnectionCleared, leg_id=talk.customer)
        assert (gone.cause, gone.by_party) == (Cause.NORMAL, True)

    async def test_that_fell_silent_counts_as_lost(self, bench: VoiceBench):
        talk = await bench.talk()
        await hears(bench.ear(talk.phone), CUSTOMER_HZ)

        talk.caller.browser.unplug()

        gone = await bench.heard.hear(ConnectionCleared, leg_id=talk.customer)
        assert (gone.cause, gone.by_party) == (Cause.LINK_LOST, False)

    async def test_can_ask_how_its_call_stands(self, bench: VoiceBench):
        caller, phone = await bench.call(), await bench.phone()
        assert await bench.pages.status(token=caller.token) == {"state": "offered"}
        offer = await bench.answer(caller)
        await bench.do(Hold, offer.call_id, offer.leg_id)
        assert await bench.pages.status(token=caller.token) == {"state": "waiting"}
        operator = await bench.reach(offer.call_id, phone)
        await bench.join(offer.call_id, offer.leg_id, operator)
        assert await bench.pages.status(token=caller.token) == {"state": "talking"}

        await caller.hang_up()

        assert await bench.pages.status(token=caller.token) == {"state": "over", "cause": "normal"}
        await caller.hang_up()
        with pytest.raises(NotFound):
            await caller.press("1")

    async def test_of_another_call_cannot_touch_this_one(self, bench: VoiceBench):
        offer = await bench.offered(await bench.call())

        with pytest.raises(NotFound):
            await bench.pages.hang_up(token=str(offer.leg_id))


class TestOffers:
    @pytest.mark.parametrize("sdp", ["hello", "v=0\r\nm=audio", "\x00" * 100, "v=0\r\n" * 5000], ids=range(4))
    async def test_that_are_garbage_are_refused(self, bench: VoiceBench, sdp: str):
        with pytest.raises(Refused) as refused:
            await bench.pages.call(sdp=sdp, line="bank", caller="1", record=True, address=str(uuid4()))

        assert refused.value.http_status == 400
        assert refused.value.facts["error"]

    async def test_broken_in_any_line_do_no_harm(self, bench: VoiceBench):
        browser = Browser(CUSTOMER_HZ)
        lines, refusals = (await browser.offer()).splitlines(), set()
        for index in range(len(lines)):
            torn = "\r\n".join([*lines[:index], lines[index][: len(lines[index]) // 2], *lines[index + 1 :], ""])
            try:
                await bench.pages.echo(sdp=torn, address=str(uuid4()))
            except Refused as refused:
                refusals.add(refused.code)
        await browser.close()
        assert refusals == {"webvoice.bad_offer", "webvoice.no_microphone"}
        await hears(bench.ear((await bench.talk()).caller), OPERATOR_HZ)

    async def test_without_a_microphone_are_refused_clearly(self, bench: VoiceBench):
        with pytest.raises(Refused) as refused:
            await bench.call(hz=None)

        assert refused.value.code == "webvoice.no_microphone"

    async def test_without_our_codec_are_refused(self, bench: VoiceBench):
        browser = Browser(CUSTOMER_HZ)
        sdp = (await browser.offer()).replace("PCMU/8000", "G728/8000")

        with pytest.raises(Refused) as refused:
            await bench.pages.echo(sdp=sdp, address="codec")

        assert refused.value.code == "webvoice.bad_offer"
        await browser.close()

    async def test_from_one_address_are_limited(self, bench: VoiceBench):
        browser = Browser(CUSTOMER_HZ)
        sdp = await browser.offer()
        for _ in range(5):
            await bench.pages.echo(sdp=sdp, address="a busy one")

        with pytest.raises(TryLater) as refused:
            await bench.pages.echo(sdp=sdp, address="a busy one")

        assert refused.value.code == "webvoice.too_often"
        await bench.pages.echo(sdp=sdp, address="another")
        await browser.close()

    async def test_that_are_too_long_are_refused(self, bench: VoiceBench):
        with pytest.raises(Refused) as refused:
            await bench.pages.call(sdp="v" * 100_000, line="bank", caller=None, record=True, address="long")

        assert refused.value.code == "webvoice.too_long"


class TestEcho:
    async def test_gives_back_what_was_said(self, bench: VoiceBench):
        browser = Browser(CUSTOMER_HZ)
        await browser.accept(await bench.pages.echo(sdp=await browser.offer(), address="echo"))

        await hears(browser, CUSTOMER_HZ)
        await browser.close()


class TestDoor:
    @pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong"])
    async def test_is_closed_without_the_token(self, switch: SwitchProcess, token: str):
        connector = aiohttp.UnixConnector(str(switch.address.socket))
        async with (
            aiohttp.ClientSession("http://voice", connector=connector) as session,
            session.get("/health", headers={"Authorization": token}) as response,
        ):
            assert response.status == 401
            assert (await response.json())["code"] == "webvoice.wrong_token"

    async def test_check_tells_a_wrong_token_from_an_absent_switch(self, switch: SwitchProcess, tmp_path):
        (tmp_path / "token").write_text("wrong")
        wrong = WebVoice(Address(socket=switch.address.socket, token_file=tmp_path / "token"))
        absent = WebVoice(Address(socket=tmp_path / "none", token_file=tmp_path / "token"))

        with pytest.raises(WrongToken):
            await wrong.check()
        with pytest.raises(TryLater):
            await absent.check()
        with pytest.raises(TryLater):
            await absent.do(order(Dial, CallId(uuid4()), uuid4(), to="agent:1"))
        for connector in (wrong, absent):
            await connector.close()

    async def test_a_token_made_anew_is_read_anew(self, switch: SwitchProcess, tmp_path):
        address = Address(socket=switch.address.socket, token_file=tmp_path / "token")
        address.token_file.write_text("of an earlier switch")
        connector = WebVoice(address)
        with pytest.raises(WrongToken):
            await connector.check()

        address.token_file.write_text(switch.address.token_file.read_text())

        await connector.check()
        await connector.close()

    async def test_token_is_for_its_owner_alone(self, switch: SwitchProcess):
        assert switch.address.token_file.stat().st_mode & 0o777 == 0o600
        assert switch.address.socket.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/do", {"type": "Explode"}),
            ("/do", {"type": "Answer", "command_id": "x"}),
            ("/do", ["Answer"]),
            ("/call", {"sdp": "v=0"}),
            ("/confirm", {}),
            ("/echo", None),
        ],
    )
    async def test_nonsense_is_refused_with_a_sentence(self, switch: SwitchProcess, path: str, body: object):
        link = Link(switch.address)
        with pytest.raises(Refused) as refused:
            await link.ask("POST", path, body)
        await link.close()

        assert refused.value.http_status == 400
        assert refused.value.facts["error"].endswith(".")

    async def test_health_counts_what_goes_on(self, bench: VoiceBench):
        # Calls of tests before this one are being put away.
        async def rests() -> bool:
            return (await bench.pages.health())["calls"] == 0

        await eventually_async(rests, within=30)
        await bench.talk()

        health = await bench.pages.health()

        assert (health["calls"], health["legs"]) == (1, 2)
        assert health["late_ms"] >= 0


class TestEngineAway:
    async def test_misses_nothing_that_happened_meanwhile(self, bench: VoiceBench):
        talk = await bench.talk()
        await bench.deafen()
        await bench.connector.close()

        await talk.caller.hang_up()
        bench.connector = WebVoice(bench.address)
        await bench.listen()

        await bench.heard.hear(ConnectionCleared, leg_id=talk.customer)

    async def test_the_newer_of_two_engines_is_told(self, bench: VoiceBench):
        newer = VoiceBench(bench.address)
        await bench.deafen()
        await newer.listen()

        offer = await newer.offered(await newer.call())

        assert newer.heard.heard(Offered, leg_id=offer.leg_id)
        await newer.close()


class TestSwitchKilled:
    """These have a switch of their own, because they kill it."""

    @pytest.fixture
    def mortal(self, monkeypatch):
        monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
        process = SwitchProcess()
        process.start()
        yield process
        process.remove()

    async def test_leaves_a_playable_recording_that_the_next_one_reports(self, mortal: SwitchProcess):
        bench = VoiceBench(mortal.address)
        await bench.listen()
        talk, recording_id = await bench.talk(), uuid4()
        await hears(bench.ear(talk.phone), CUSTOMER_HZ)
        await bench.do(StartRecording, talk.call_id, recording_id=recording_id)
        await bench.time_for_sound()
        await eventually(lambda: any(path.stat().st_size > 44 + 32000 for path in mortal.spool.glob("*.wav")))

        mortal.kill()
        await asyncio.to_thread(mortal.start)

        stopped = await bench.heard.hear(RecordingStopped, recording_id=recording_id, within=20)
        assert stopped.call_id == talk.call_id
        assert stopped.seconds >= 1.0
        left, right, rate = read_stereo(stopped.path)
        assert sounds(left, CUSTOMER_HZ, rate)
        assert sounds(right, OPERATOR_HZ, rate)
        await eventually(lambda: not list(mortal.spool.glob("*.untold")))
        await bench.close()

    async def test_comes_back_to_an_engine_that_is_told_that_all_is_over(self, mortal: SwitchProcess):
        bench = VoiceBench(mortal.address)
        await bench.listen()
        await bench.talk()

        mortal.kill()
        with pytest.raises(TryLater):
            await bench.connector.check()
        await asyncio.to_thread(mortal.start)

        snapshot = await bench.heard.hear(Snapshot, within=20)
        assert snapshot.calls == ()
        assert snapshot.devices == ()
        await bench.close()

    async def test_stopped_in_order_completes_recordings(self, mortal: SwitchProcess):
        bench = VoiceBench(mortal.address)
        await bench.listen()
        talk, recording_id = await bench.talk(), uuid4()
        await bench.do(StartRecording, talk.call_id, recording_id=recording_id)
        await bench.time_for_sound()

        code = await asyncio.to_thread(mortal.stop)

        assert code == 0
        [path] = mortal.spool.glob(f"*.{recording_id}.wav")
        assert len(read_stereo(str(path))[0]) / 8000 >= 1.5
        await bench.close()
