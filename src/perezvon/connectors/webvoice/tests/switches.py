"""Real voice switches in processes of their own, on 127.0.0.1 alone."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from perezvon.connectors.webvoice.link import Address, Link
from perezvon.kernel.errors import TryLater

START_S = 20


class SwitchProcess:
    """A switch that can be started, killed and started again on the same folder."""

    def __init__(self, *options: str) -> None:
        # A short path: a Unix socket's name has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="voice-"))
        self.address = Address(socket=self.folder / "socket", token_file=self.folder / "token")
        self.spool = self.folder / "spool"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it can be asked."""
        command = [sys.executable, "-m", "perezvon.connectors.webvoice.switch.main"]
        command += ["--socket", str(self.address.socket), "--token-file", str(self.address.token_file)]
        command += ["--spool", str(self.spool), "--address", "127.0.0.1", *self._options]
        self._process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
        asyncio.run(self._until_ready())

    async def _until_ready(self) -> None:
        link = Link(self.address)
        try:
            async with asyncio.timeout(START_S):
                while True:
                    with suppress(TryLater):
                        await link.ask("GET", "/health")
                        return
                    await asyncio.sleep(0.05)
        finally:
            await link.close()

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end. Gives its exit code."""
        return self._end(signal.SIGTERM)

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder)

    def _end(self, signum: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(signum)
        code, self._process = self._process.wait(10), None
        return code
