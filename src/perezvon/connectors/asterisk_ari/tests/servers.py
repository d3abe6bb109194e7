"""An Asterisk of a test's own, with the configuration that `perezvon telephony config` writes."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from perezvon.connectors.asterisk_ari.configuration import Wishes, files
from perezvon.connectors.asterisk_ari.settings import Settings
from perezvon.project.telephony import write_sounds

AGENTS = 400
BINARY = os.environ.get("PEREZVON_TEST_ASTERISK", "")
PASSWORD, SECRET = "a password of tests", "a secret of tests"


class Server:
    """sip, trunk: ports of Asterisk and of the telephone network around it."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="pz-asterisk-", dir="/tmp"))
        self.http, self.manager = _free(socket.SOCK_STREAM)
        self.sip, self.trunk = _free(socket.SOCK_DGRAM)
        self._process: subprocess.Popen[bytes] | None = None
        self._configure()

    def settings(self, http_port: int = 0) -> Settings:
        return Settings(
            url=f"http://127.0.0.1:{http_port or self.http}",
            user="perezvon",
            password=PASSWORD,
            manager=("127.0.0.1", self.manager),
            recordings=self.home / "recordings",
            ping_s=1.0,
        )

    def start(self) -> None:
        log = (self.home / "stdout").open("ab")
        command = [BINARY, "-f", "-C", str(self.home / "etc/asterisk.conf")]
        self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        until = time.monotonic() + 60
        while not self._is_ready():
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < until, self.log()
            time.sleep(0.1)

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def remove(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def log(self) -> str:
        return (self.home / "stdout").read_text(errors="replace")[-3000:]

    def cli(self, command: str) -> str:
        return subprocess.run(
            [BINARY, "-C", str(self.home / "etc/asterisk.conf"), "-rx", command], capture_output=True, check=False
        ).stdout.decode()

    def _is_ready(self) -> bool:
        with socket.socket() as link:
            if link.connect_ex(("127.0.0.1", self.manager)):
                return False
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/ari/asterisk/ping", timeout=1):
                return True
        except urllib.error.HTTPError as asked:
            return asked.code == 401 and "Fully Booted" in self.cli("core waitfullybooted") + "Fully Booted"
        except OSError:
            return False

    def _configure(self) -> None:
        for name in ("etc", "data/sounds", "spool/monitor", "spool/recording", "run", "log", "db", "keys/keys"):
            (self.home / name).mkdir(parents=True)
        wishes = Wishes(
            user="perezvon",
            password=PASSWORD,
            secret=SECRET,
            agents=tuple(range(1, AGENTS + 1)),
            trunk=f"127.0.0.1:{self.trunk}",
            listen=f"127.0.0.1:{self.sip}",
            http=("127.0.0.1", self.http),
            manager=("127.0.0.1", self.manager),
        )
        for name, text in files(wishes).items():
            (self.home / "etc" / name).write_text(text)
        write_sounds(self.home / "data")
        home = self.home
        (home / "etc/modules.conf").write_text("[modules]\nautoload=yes\n")
        (home / "etc/logger.conf").write_text("[logfiles]\nfull => notice,warning,error,verbose\n")
        (home / "etc/asterisk.conf").write_text(
            f"[directories]\nastetcdir => {home}/etc\nastspooldir => {home}/spool\nastrundir => {home}/run\n"
            f"astlogdir => {home}/log\nastdbdir => {home}/db\nastdatadir => {home}/data\nastkeydir => {home}/keys\n"
        )


def _free(kind: socket.SocketKind) -> tuple[int, int]:
    """Two different ports that nobody has."""
    with socket.socket(socket.AF_INET, kind) as one, socket.socket(socket.AF_INET, kind) as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])
