"""A real Asterisk does what every telephone system must, sound included.

PEREZVON_TEST_ASTERISK names its program; the configuration is ours.
"""

import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from perezvon.connectors.asterisk_ari.connector import Asterisk
from perezvon.connectors.asterisk_ari.tests.people_around import AsteriskBench
from perezvon.connectors.asterisk_ari.tests.servers import BINARY, Server
from perezvon.ports.contracts import sound
from perezvon.ports.contracts import telephony as contract

real = [pytest.mark.long, pytest.mark.skipif(not BINARY, reason="PEREZVON_TEST_ASTERISK names no Asterisk")]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.remove()


@pytest.fixture
async def bench(server: Server) -> AsyncIterator[AsteriskBench]:
    bench = AsteriskBench(server)
    try:
        await bench.open()
        yield bench
    finally:
        await bench.close()


class TestInbound(contract.Inbound):
    pytestmark = real


class TestOutbound(contract.Outbound):
    pytestmark = real


class TestPhones(contract.Phones):
    pytestmark = real


class TestTransfers(contract.Transfers):
    pytestmark = real


class TestHolding(contract.Holding):
    pytestmark = real


class TestMuting(contract.Muting):
    pytestmark = real


class TestKeys(contract.Keys):
    pytestmark = real


class TestPrompts(contract.Prompts):
    pytestmark = real


class TestRecordings(contract.Recordings):
    pytestmark = real


class TestSupervising(contract.Supervising):
    pytestmark = real


class TestCommands(contract.Commands):
    pytestmark = real


class TestReconnecting(contract.Reconnecting):
    pytestmark = real


class TestTalking(sound.Talking):
    pytestmark = real


def test_every_claim_of_the_manifest_is_proven():
    assert not contract.unproven(Asterisk.manifest.can, sys.modules[__name__])
