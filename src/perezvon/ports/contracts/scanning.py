"""What every scanner for viruses must do; each inherits these tests with a bench of its own."""

from __future__ import annotations

from io import BytesIO
from typing import Protocol

import pytest

from perezvon.ports.scanning import Scanner, ScannerAway

# The harmless file that every scanner calls a virus (eicar.org), in two halves: whole, it would have this file itself
# taken away on some machines.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()


class Bench(Protocol):
    """The other side, real, on this machine."""

    scanner: Scanner

    def leave(self) -> None: ...


class Scans:
    def test_a_clean_file_has_no_threat(self, bench: Bench) -> None:
        for content in (b"", b"plain", bytes(range(256)) * 4_000):
            assert bench.scanner.scan(BytesIO(content)).threat == ""

    def test_the_test_virus_is_called_by_a_name(self, bench: Bench) -> None:
        assert "eicar" in bench.scanner.scan(BytesIO(EICAR)).threat.lower()

    def test_one_file_knows_nothing_of_the_next(self, bench: Bench) -> None:
        found = [bool(bench.scanner.scan(BytesIO(content)).threat) for content in (EICAR, b"plain", EICAR, b"plain")]

        assert found == [True, False, True, False]

    def test_it_says_who_it_is(self, bench: Bench) -> None:
        assert bench.scanner.check()


class GoesAway:
    """For those that stand elsewhere."""

    def test_one_that_is_away_says_nothing_of_a_file(self, bench: Bench) -> None:
        bench.leave()

        with pytest.raises(ScannerAway) as away:
            bench.scanner.scan(BytesIO(b"plain"))
        assert away.value.facts["said"]
        with pytest.raises(ScannerAway):
            bench.scanner.check()
