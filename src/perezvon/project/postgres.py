"""PostgreSQL brought along: starts the wheel's server on a folder of ours, and stops it.

It listens on a Unix socket in a private folder and nowhere else, so no port can be taken and no password is
needed. What it must survive, and how:

- root: PostgreSQL refuses to run as root, so it runs as `perezvon` or `nobody`, from a copy of the programs when
  that account cannot reach ours, with its data under /var/lib when it cannot reach home;
- `kill -9`: orphans of the old server keep its shared memory for a second or two, so starting is tried for 10 s;
- leftovers: a pid file whose number now belongs to another program, and sockets of a dead server, are removed;
- a second start: the owner holds a lock for as long as it lives; others get AlreadyRunning and may just connect.
"""

from __future__ import annotations

import ctypes
import fcntl
import locale
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil
import psycopg
from psycopg import sql

from perezvon.kernel.errors import PerezvonError
from perezvon.project.environment import DATABASE_NAME, Environment, open_private
from perezvon.project.postgres_install import Account, Programs, choose_account, choose_folder, programs_for

_RETRY_FOR_S = 10.0  # measured: orphans of a killed server go within about 2 s
_RECOVER_FOR_S = 300.0  # a living server may replay its log for long; that is not a failure
_LOG_LIMIT_BYTES = 10_000_000
_FAST_SHUTDOWN, _IMMEDIATE_SHUTDOWN = signal.SIGINT, signal.SIGQUIT

_TUNING = {
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1s",
    "idle_in_transaction_session_timeout": "5min",
}
# For tests only: a power failure may lose data that nobody wants. Killing the server still loses nothing.
_CARELESS = {"fsync": "off", "full_page_writes": "off", "log_min_duration_statement": "-1"}


class PostgresFailed(PerezvonError):
    """The server cannot be brought up. `str()` says why, with the end of its log."""

    code = "project.postgres_failed"

    def __str__(self) -> str:
        return str(self.facts["reason"])


class AlreadyRunning(PerezvonError):
    """Somebody else runs the server in this folder; its URL works."""

    code = "project.postgres_already_running"


class Cluster:
    """One PostgreSQL server. `start` and `stop` may be called again and again.

    folder: where its data and log live. sockets: a private folder with a short name.
    testing: quick and careless about power failures.
    """

    def __init__(self, folder: Path, sockets: Path, *, testing: bool = False) -> None:
        self.sockets = sockets
        self.testing = testing
        self.account: Account = choose_account(folder / "data")
        self.folder = choose_folder(folder, self.account)
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self._lock: IO[str] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._programs: Programs | None = None

    # --- life ---

    def start(self) -> str:
        """The URL of its `postgres` database, once it answers. Raises AlreadyRunning or PostgresFailed."""
        if self.is_running:
            return self.url("postgres")
        self._take_lock()
        self._open_sockets()
        self._programs = self._programs or programs_for(self.account, self.folder)
        if (self.data / "PG_VERSION").exists():
            self._check_version()
        else:
            self._init()
        self.end_orphan()
        self._launch_until(time.monotonic() + _RETRY_FOR_S)
        return self.url("postgres")

    def stop(self, within: float = 10.0) -> None:
        """Close connections, write everything out, end. After `within` seconds: end now, replay at the next start."""
        if self._server is not None:
            _end(self._server, within)
            self._server = None
            with suppress(OSError):  # somebody else's sockets may lie beside
                self.sockets.rmdir()
                self.sockets.parent.rmdir()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @property
    def is_running(self) -> bool:
        """Whether the server that we started lives."""
        return self._server is not None and self._server.poll() is None

    @property
    def pid(self) -> int | None:
        return self._server.pid if self._server is not None and self.is_running else None

    def end_orphan(self) -> None:
        """Stop a server that outlived its owner, and remove what a dead one left. Needs the lock."""
        pid_file = self.data / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(pid_file.read_text().splitlines()[0])
            if orphan := _postmaster(pid, self.data):
                orphan.send_signal(_FAST_SHUTDOWN)
                orphan.wait(_RETRY_FOR_S)
            elif psutil.pid_exists(pid):
                # The number was given to another program, as in a container started anew: PostgreSQL would
                # take that for a running server and refuse.
                pid_file.unlink()
        for leftover in self.sockets.glob(".s.PGSQL.*"):
            leftover.unlink()

    # --- databases ---

    def url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.sockets}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Its URL. An existing one of that name stays as it is."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        with self._connection() as connection, suppress(psycopg.errors.DuplicateDatabase):
            connection.execute(statement)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Whoever is connected to it is thrown out."""
        with self._connection() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            yield connection

    # --- starting ---

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise AlreadyRunning(folder=str(self.folder)) from None
        self._lock = lock

    def _open_sockets(self) -> None:
        open_private(self.sockets.parent)
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        self.account.own(self.sockets)

    def _init(self) -> None:
        """Create the data folder, by renaming: one that was interrupted half-way is never mistaken for done."""
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        tuning = _TUNING | (_CARELESS if self.testing else {})
        self._run(
            self._program("initdb"),
            *("--pgdata", str(draft), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8"),
            # lc_ctype=C would make lower() and pg_trgm blind to Cyrillic without a word.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--lc-ctype={_ctype()}", "--lc-collate=C"),
            *("--lc-messages=C", "--no-instructions", *(["--no-sync"] if self.testing else [])),
            *(word for name, value in tuning.items() for word in ("--set", f"{name}={value}")),
        )
        draft.rename(self.data)

    def _check_version(self) -> None:
        found, ours = (self.data / "PG_VERSION").read_text().strip(), self._installed().major
        if found != ours:
            raise PostgresFailed(
                reason=f"The data in {self.data} was written by PostgreSQL {found} and ours is {ours}: dump it with "
                f"the old version, move the folder away and load it again."
            )

    def _launch_until(self, deadline: float) -> None:
        while not self._launch():
            if time.monotonic() > deadline:
                raise PostgresFailed(reason=f"PostgreSQL does not start. The end of {self.log}:\n{self._log_end()}")
            time.sleep(0.3)

    def _launch(self) -> bool:
        """One attempt: True when it is ready, False when it gave up."""
        self._rotate_log()
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                [
                    self._program("postgres"),
                    *("-D", str(self.data), "-k", str(self.sockets)),
                    *("-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "logging_collector=off"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_clean_environment(),
                start_new_session=True,  # Ctrl-C in a terminal reaches us, and we stop it last
                user=self.account.uid,
                group=self.account.gid,
                extra_groups=self.account.extra_groups,
                preexec_fn=end_with_parent(_FAST_SHUTDOWN),
            )
        return _wait_until(lambda: self._is_ready() or not self.is_running, _RECOVER_FOR_S) and self.is_running

    def _is_ready(self) -> bool:
        with suppress(OSError, IndexError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]) == self.pid and lines[7].strip() == "ready"
        return False

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_clean_environment(),
            user=self.account.uid,
            group=self.account.gid,
            extra_groups=self.account.extra_groups,
        )
        if done.returncode:
            raise PostgresFailed(reason=f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()}")

    def _program(self, name: str) -> str:
        return str(self._installed().bin / name)

    def _installed(self) -> Programs:
        assert self._programs is not None  # noqa: S101  (start sets it first)
        return self._programs

    def _rotate_log(self) -> None:
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > _LOG_LIMIT_BYTES:
                self.log.rename(self.log.with_suffix(".log.1"))

    def _log_end(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])


@contextmanager
def database_running(env: Environment) -> Iterator[str]:
    """The URL of the machine's database, answering for as long as one is inside.

    Our own server is started for that time, unless it runs already.
    """
    cluster = Cluster(env.home / "postgres", env.postgres_sockets) if env.is_embedded else None
    try:
        if cluster is not None:
            with suppress(AlreadyRunning):
                cluster.start()
                cluster.create_database(DATABASE_NAME)
        wait_for(env.database)
        yield env.database
    finally:
        if cluster is not None:
            cluster.stop()


def wait_for(url: str, within: float = 30.0) -> None:
    """Until the server lets us in; machines that start together do not start in order. Raises PostgresFailed."""
    deadline = time.monotonic() + within
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if _is_final(error) or time.monotonic() > deadline:
                raise PostgresFailed(reason=f"The database does not let us in: {error}") from error
            time.sleep(0.2)


def _is_final(error: psycopg.OperationalError) -> bool:
    """Whether a server answered, and will answer the same next time: wrong password, no such database."""
    told = str(error)
    return "FATAL" in told and not any(word in told for word in ("starting up", "shutting down", "recovery mode"))


def end_with_parent(wish: signal.Signals) -> Callable[[], None] | None:
    """For Popen's preexec_fn: the child gets `wish` when the thread that started it dies, however it dies.

    Only Linux can do that; elsewhere None, and the next start ends what was left over.
    """
    if _prctl is None:
        return None
    prctl = _prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(wish))

    return ask


_PR_SET_PDEATHSIG = 1
# Loaded beforehand: between fork and exec nothing may be imported or looked up.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def _end(server: subprocess.Popen[bytes], within: float) -> None:
    for wish, patience in ((_FAST_SHUTDOWN, within), (_IMMEDIATE_SHUTDOWN, 3.0), (signal.SIGKILL, None)):
        if server.poll() is None:
            server.send_signal(wish)
        with suppress(subprocess.TimeoutExpired):
            server.wait(patience)
            return


def _postmaster(pid: int, data: Path) -> psutil.Process | None:
    """The server with that pid, if it is one and works in `data`: its processes all stand in their data folder."""
    with suppress(psutil.Error):
        found = psutil.Process(pid)
        if found.name() == "postgres" and Path(found.cwd()) == data:
            return found
    return None


def _wait_until(done: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _clean_environment() -> dict[str, str]:
    """Nothing of ours: PG* variables and locales of the machine would change what the programs do."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _ctype() -> str:
    """The machine's name for UTF-8 without a language."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8"):
            with suppress(locale.Error):
                return locale.setlocale(locale.LC_CTYPE, name)
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise PostgresFailed(reason="This machine has no UTF-8 locale; install one (Debian: locales, C.UTF-8).")
