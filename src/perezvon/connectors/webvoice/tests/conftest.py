from collections.abc import AsyncIterator, Iterator

import aioice.ice
import pytest

from perezvon.connectors.webvoice.tests.switches import SwitchProcess
from perezvon.connectors.webvoice.tests.voice_bench import VoiceBench


@pytest.fixture(scope="module")
def switch() -> Iterator[SwitchProcess]:
    """One switch for all tests of a module, with a short memory for parked calls."""
    process = SwitchProcess("--park-s", "4", "--quiet-s", "4", "--offers-per-minute", "5")
    process.start()
    yield process
    process.remove()


@pytest.fixture
async def bench(switch: SwitchProcess, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VoiceBench]:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    bench = VoiceBench(switch.address)
    await bench.listen()
    yield bench
    await bench.close()
