"""A small server on this machine that speaks clamd's protocol and knows the test virus."""

from __future__ import annotations

import socketserver
import struct
import threading
from pathlib import Path
from typing import Any

from perezvon.ports.contracts.scanning import EICAR

MOST_BYTES = 4 << 20


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        command = self._until_zero()
        if command == b"zVERSION":
            self.wfile.write(b"ClamAV 1.4.1/27000/test\0")
        elif command == b"zINSTREAM":
            self.wfile.write(self._judged() + b"\0")
        else:
            self.wfile.write(b"UNKNOWN COMMAND\0")

    def _until_zero(self) -> bytes:
        said = b""
        while not said.endswith(b"\0") and (byte := self.rfile.read(1)):
            said += byte
        return said.rstrip(b"\0")

    def _judged(self) -> bytes:
        content = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > MOST_BYTES:
                return b"INSTREAM size limit exceeded. ERROR"
        return b"stream: Eicar-Signature FOUND" if EICAR in content else b"stream: OK"


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class Clamd:
    """Serves until `leave`; on a socket when a path is given, else on a free port."""

    def __init__(self, path: Path | None = None) -> None:
        self._server: Any = _Unix(str(path), _Session) if path else _Tcp(("127.0.0.1", 0), _Session)
        self.address: str | tuple[str, int] = str(path) if path else self._server.server_address[:2]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def leave(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
