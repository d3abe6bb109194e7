from __future__ import annotations

from io import BytesIO

import pytest

from perezvon.connectors.eicar import EicarScanner
from perezvon.ports.contracts.scanning import EICAR, Scans


class Bench:
    def __init__(self) -> None:
        self.scanner = EicarScanner()

    def leave(self) -> None:
        return


@pytest.fixture
def bench() -> Bench:
    return Bench()


class TestEicar(Scans):
    def test_it_is_found_across_two_parts(self, bench):
        assert bench.scanner.scan(BytesIO(bytes((1 << 20) - 40) + EICAR)).threat
