"""ClamAV's daemon: clamd over TCP or a unix socket, by its INSTREAM command (man 8 clamd)."""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from perezvon.ports.scanning import ScannerAway, Verdict

CONNECT_S, ANSWER_S = 5.0, 120.0  # clamd gives up a file after its own MaxScanTime, 120 s unless told otherwise
_PART = 64 << 10
_LONGEST_ANSWER = 4096
_FOUND = re.compile(r"(?:stream|instream\([^)]*\)): (.+) FOUND")

_TOO_LARGE = "INSTREAM size limit exceeded"  # StreamMaxLength of clamd.conf


class ClamdScanner:
    """A `ports.scanning.Scanner`. address: a path of a socket, or host and port.

    A connection for each file: clamd keeps none open between commands.
    """

    def __init__(self, address: str | tuple[str, int]) -> None:
        self._address = address

    def check(self) -> str:
        with self._connected() as connection:
            connection.sendall(b"zVERSION\0")
            return _answer(connection)

    def scan(self, content: IO[bytes]) -> Verdict:
        with self._connected() as connection:
            # One that is too large for it answers and hangs up before all is sent: its answer is to be read still.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(b"zINSTREAM\0")
                while part := content.read(_PART):
                    connection.sendall(struct.pack(">I", len(part)) + part)
                connection.sendall(struct.pack(">I", 0))
            said = _answer(connection)
        if found := _FOUND.fullmatch(said):
            return Verdict(found[1][:200])
        if said.startswith(_TOO_LARGE):
            return Verdict(is_too_large=True)
        if said != "stream: OK":
            raise ScannerAway(said=said[:200])
        return Verdict()

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        try:
            with _connect(self._address) as connection:
                connection.settimeout(ANSWER_S)
                yield connection
        except OSError as error:
            raise ScannerAway(said=error.strerror or type(error).__name__) from error


def _connect(address: str | tuple[str, int]) -> socket.socket:
    if isinstance(address, tuple):
        return socket.create_connection(address, timeout=CONNECT_S)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(CONNECT_S)
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _answer(connection: socket.socket) -> str:
    """Up to the zero that ends it. Raises ScannerAway when it hangs up before."""
    said = b""
    while b"\0" not in said and len(said) < _LONGEST_ANSWER:
        part = connection.recv(_LONGEST_ANSWER)
        if not part:
            break
        said += part
    if not said:
        raise ScannerAway(said="it hung up")
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()
