"""The simulated exchange does what every telephone system must."""

import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from perezvon.connectors.pbx_simulator.connector import PbxSimulator, Settings
from perezvon.connectors.pbx_simulator.scripts import FarEnd, Outcome, Script
from perezvon.connectors.pbx_simulator.simulator import World
from perezvon.kernel.ids import CallId
from perezvon.ports.contracts import bench as people
from perezvon.ports.contracts import telephony as contract
from perezvon.ports.telephony import Cause

NUMBERS = {
    None: "74950000001",
    Cause.BUSY: "74950000002",
    Cause.UNREACHABLE: "74950000003",
    Cause.INVALID_NUMBER: "74950000004",
    Cause.DECLINED: "74950000005",
    Cause.NO_ANSWER: "74950000006",
}
FAR_ENDS = {
    NUMBERS[None]: FarEnd(after_s=0.1),
    NUMBERS[Cause.BUSY]: FarEnd(outcome=Outcome.BUSY, after_s=0.1),
    NUMBERS[Cause.UNREACHABLE]: FarEnd(outcome=Outcome.UNREACHABLE, after_s=0.1),
    NUMBERS[Cause.INVALID_NUMBER]: FarEnd(outcome=Outcome.INVALID, after_s=0.1),
    NUMBERS[Cause.DECLINED]: FarEnd(outcome=Outcome.DECLINES, after_s=0.1),
    NUMBERS[Cause.NO_ANSWER]: FarEnd(outcome=Outcome.NO_ANSWER),
}


class Clock:
    """Real time that a test may put forward."""

    ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class SimulatedCaller(people.Caller):
    def __init__(self, pbx: PbxSimulator, number: str, call_id: CallId) -> None:
        self.number = number
        self._pbx, self._call_id = pbx, call_id
        self._leg_id = pbx.customer(call_id).leg_id

    async def hang_up(self) -> None:
        self._pbx.caller_hangs_up(self._call_id)

    async def press(self, digits: str) -> None:
        self._pbx.press(self._call_id, digits)

    def digits_received(self) -> str:
        return "".join(digits for leg_id, digits in self._pbx.simulator.sent if leg_id == self._leg_id)


class SimulatedPhone(people.Phone):
    def __init__(self, pbx: PbxSimulator, address: str) -> None:
        self.address = address
        self._pbx = pbx

    async def leave(self) -> None:
        self._pbx.operator_leaves(self.address)


class SimulatedBench(people.Bench):
    numbers = NUMBERS

    def __init__(self, pbx: PbxSimulator, clock: Clock) -> None:
        super().__init__(pbx)
        self._pbx, self._clock, self._next = pbx, clock, count(1)

    async def call(self, *, record: bool = True) -> SimulatedCaller:
        number = f"7916{next(self._next):07}"
        script = Script(arrives_at=self._clock(), line="bank", caller=number, record=record)
        return SimulatedCaller(self._pbx, number, self._pbx.place_call("bank", number, script))

    async def phone(self, hz: int = people.OPERATOR_HZ) -> SimulatedPhone:
        phone = SimulatedPhone(self._pbx, f"agent:{next(self._next)}")
        self._pbx.operator_comes(phone.address)
        return phone

    async def time_for_sound(self) -> None:
        self._clock.ahead += timedelta(seconds=2)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[SimulatedBench]:
    clock = Clock()
    world = World(far_ends=FAR_ENDS, prompt_s=0.1, spool=str(tmp_path))
    pbx = PbxSimulator(Settings(world=world), clock)
    bench = SimulatedBench(pbx, clock)
    await bench.listen()
    yield bench
    await bench.deafen()
    await pbx.close()


class TestInbound(contract.Inbound): ...


class TestOutbound(contract.Outbound): ...


class TestPhones(contract.Phones): ...


class TestTransfers(contract.Transfers): ...


class TestHolding(contract.Holding): ...


class TestMuting(contract.Muting): ...


class TestKeys(contract.Keys): ...


class TestPrompts(contract.Prompts): ...


class TestRecordings(contract.Recordings): ...


class TestSupervising(contract.Supervising): ...


class TestCommands(contract.Commands): ...


class TestReconnecting(contract.Reconnecting): ...


def test_every_claim_of_the_manifest_is_proven():
    assert not contract.unproven(PbxSimulator.manifest.can, sys.modules[__name__])
