from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from io import BytesIO

import pytest

from perezvon.connectors.clamd import ClamdScanner
from perezvon.connectors.clamd.tests.server import MOST_BYTES, Clamd
from perezvon.ports.contracts.scanning import GoesAway, Scans
from perezvon.ports.scanning import ScannerAway, Verdict


class Bench:
    def __init__(self, server: Clamd) -> None:
        self.server = server
        self.scanner = ClamdScanner(server.address)

    def leave(self) -> None:
        self.server.leave()


class TestClamdByTcp(Scans, GoesAway):
    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        made = Bench(Clamd())
        yield made
        made.leave()

    def test_a_file_that_is_too_large_for_it_is_not_called_clean(self, bench):
        assert bench.scanner.scan(BytesIO(bytes(MOST_BYTES * 3))) == Verdict(is_too_large=True)
        assert bench.scanner.scan(BytesIO(bytes(MOST_BYTES))) == Verdict()


class TestClamdByASocket(Scans, GoesAway):
    @pytest.fixture
    def bench(self, tmp_path) -> Iterator[Bench]:
        made = Bench(Clamd(tmp_path / "clamd.ctl"))
        yield made
        made.leave()


@pytest.mark.parametrize("answer", [b"", b"\0", b"stream: ERROR\0", b"stream: \xff FOUNDED\0", b"x" * 9000])
def test_an_answer_that_means_nothing_is_not_called_clean(answer):
    with socket.create_server(("127.0.0.1", 0)) as server:
        told = threading.Thread(target=_tell, args=(server, answer))
        told.start()
        with pytest.raises(ScannerAway):
            ClamdScanner(server.getsockname()[:2]).scan(BytesIO(b"plain"))
        told.join()


def _tell(server: socket.socket, answer: bytes) -> None:
    connection, _address = server.accept()
    with connection:
        connection.recv(100)
        connection.sendall(answer)
