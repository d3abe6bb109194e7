"""A whole system under its supervisor, as `perezvon serve` starts it, in a home and on a port of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil

from perezvon.project.environment import Environment, read
from perezvon.project.postgres import end_with_parent
from tests.support import database, eventually


class System:
    """A started system. What it printed is in `log`."""

    def __init__(self, home: Path, word: str, variables: dict[str, str]) -> None:
        self.home = home
        self.port = free_port()
        self.variables = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.variables |= {"PEREZVON_HOME": str(home), "PEREZVON_PORT": str(self.port), **variables}
        self._word = word
        self._log = home.with_suffix(".log")
        self.parent: subprocess.Popen[bytes]

    @property
    def env(self) -> Environment:
        return read(self.variables)

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def roles(self) -> dict[str, int]:
        """The pid of every process that runs now, by the name of its role."""
        found: dict[str, int] = json.loads((self.home / "run.json").read_text())["roles"]
        return {name: pid for name, pid in found.items() if is_alive(pid)}

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.parent = subprocess.Popen(
                [sys.executable, "-m", "perezvon.project.cli", self._word],
                env=self.variables,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=end_with_parent(signal.SIGTERM),  # a killed test run leaves no system behind
            )

    def wait_until_it_answers(self) -> None:
        eventually(lambda: self.answers() or self._fail_if_ended(), within=60)

    def answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as page:
                return int(page.status) == 200
        except HTTPError:
            return True
        except (OSError, HTTPException):
            return False

    def kill(self, role: str) -> int:
        """kill -9; the pid that was."""
        pid = self.roles[role]
        os.kill(pid, signal.SIGKILL)
        return pid

    def stop(self) -> int:
        """The exit code after SIGTERM."""
        if self.parent.poll() is None:
            self.parent.terminate()
        return self.parent.wait(timeout=20)

    def _fail_if_ended(self) -> bool:
        if self.parent.poll() is not None:
            raise RuntimeError(f"the system ended:\n{self.log}")
        return False


@contextmanager
def running_system(word: str = "serve", **variables: str) -> Iterator[System]:
    """Answering pages inside, stopped after. variables: of the environment, beside home and port.

    Its PostgreSQL is its own, migrated already (ask for the `cluster` fixture too), unless they name another.
    """
    folder = database.open_folder()
    system = System(folder / "home", word, variables)
    if "DATABASE_URL" not in variables:
        database.copy_migrated(system.home / "postgres" / "data")
    try:
        system.start()
        system.wait_until_it_answers()
        yield system
    finally:
        system.stop()
        shutil.rmtree(system.env.sockets, ignore_errors=True)
        shutil.rmtree(folder)


def is_alive(pid: int) -> bool:
    """Whether it runs: a zombie that nobody has collected does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
