import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from perezvon.connectors.pbx_simulator.connector import PbxSimulator, Settings
from perezvon.connectors.pbx_simulator.control import RemoteControl
from perezvon.connectors.pbx_simulator.simulator import World
from perezvon.connectors.pbx_simulator.tests.day import ANNA, OLGA, new_leg, order
from perezvon.kernel.errors import TryLater
from perezvon.ports.contracts.bench import Listener
from perezvon.ports.telephony import Answer, Cause, ConnectionCleared, DeviceChanged, Dial, Digits, Offered, Snapshot


@pytest.fixture
async def pbx(tmp_path: Path) -> AsyncIterator[PbxSimulator]:
    settings = Settings(world=World(), control_socket=str(tmp_path / "pbx"))
    pbx = PbxSimulator(settings, lambda: datetime.now(UTC))
    await pbx.check()
    yield pbx
    await pbx.close()


@pytest.fixture
async def heard(pbx: PbxSimulator) -> AsyncIterator[Listener]:
    listener = Listener(pbx)
    await listener.begin()
    yield listener
    await listener.end()


@pytest.fixture
def remote(tmp_path: Path) -> RemoteControl:
    return RemoteControl(str(tmp_path / "pbx"))


class TestBrokenLink:
    async def test_refuses_commands_until_mended(self, pbx, heard):
        pbx.break_link()

        with pytest.raises(TryLater):
            await pbx.do(order(Dial, new_leg(), new_leg(), to=ANNA))
        with pytest.raises(TryLater):
            await pbx.check()

    async def test_is_followed_by_a_snapshot_and_what_was_missed(self, pbx, heard):
        pbx.break_link()
        call_id = pbx.place_call("bank", ANNA)
        pbx.caller_hangs_up(call_id)

        pbx.mend_link()

        assert (await heard.hear(Snapshot)).calls == ()
        await heard.hear(Offered, call_id=call_id)
        await heard.hear(ConnectionCleared, call_id=call_id)
        await pbx.check()


class TestRemoteControl:
    async def test_drives_callers_and_phones(self, remote, heard, pbx):
        await asyncio.to_thread(remote.operator_comes, OLGA)
        await heard.hear(DeviceChanged, address=OLGA, reachable=True)
        placed = await asyncio.to_thread(remote.place_call, "bank", ANNA, record=False)
        offer = await heard.hear(Offered, caller=ANNA)
        assert (str(offer.call_id), str(offer.leg_id), offer.record) == (placed["call_id"], placed["leg_id"], False)
        await pbx.do(order(Answer, offer.call_id, offer.leg_id))

        await asyncio.to_thread(remote.press, placed["call_id"], "7")
        await heard.hear(Digits, digits="7")
        await asyncio.to_thread(remote.caller_hangs_up, placed["call_id"])
        await heard.hear(ConnectionCleared, leg_id=offer.leg_id)
        await asyncio.to_thread(remote.operator_leaves, OLGA)
        await heard.hear(DeviceChanged, address=OLGA, reachable=False)

    async def test_sets_what_happens_when_a_number_is_dialled(self, remote, heard, pbx):
        await asyncio.to_thread(remote.set_far_end, ANNA, outcome="busy", after_s=0)

        await pbx.do(order(Dial, new_leg(), new_leg(), to=ANNA))

        assert (await heard.hear(ConnectionCleared)).cause is Cause.BUSY

    async def test_lists_the_calls(self, remote, pbx):
        call_id = pbx.place_call("bank", ANNA)

        [call] = await asyncio.to_thread(remote.ask, "GET", "/calls")

        assert (call["call_id"], call["line"], call["caller"]) == (str(call_id), "bank", ANNA)
        assert [leg["answered"] for leg in call["legs"]] == [False]

    @pytest.mark.parametrize(
        ("method", "path", "body", "wrong"),
        [
            ("POST", "/calls", {"caller": ANNA}, "line"),
            ("POST", "/calls/not-an-id/hang_up", {}, "hexadecimal"),
            ("POST", f"/calls/{new_leg()}/hang_up", {}, "not there"),
            ("PUT", f"/far_ends/{ANNA}", {"outcome": "explodes"}, "outcome"),
        ],
        ids=["no line", "no id", "no such call", "no such outcome"],
    )
    async def test_says_what_is_wrong(self, remote, pbx, method, path, body, wrong):
        with pytest.raises(RuntimeError, match=wrong):
            await asyncio.to_thread(remote.ask, method, path, body)
