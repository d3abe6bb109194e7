"""Starts PostgreSQL and every process of one machine, keeps them alive, and ends them within five seconds.

Everything is held by one parent: its death, however sudden, ends the children (see end_with_parent), so nothing is
left over that the next start would stumble upon. Who runs is written to `run.json` in home, for `doctor` and for
people; what they print is passed on with their name before it.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import IO
from urllib.parse import urlsplit

from perezvon.kernel.errors import PerezvonError
from perezvon.project.environment import DATABASE_NAME, Environment, open_private
from perezvon.project.postgres import Cluster, PostgresFailed, end_with_parent, wait_for

USELESS = 78  # EX_CONFIG: the exit code of a program that would fail the same way again
_PATIENCE_S = 3.0  # for children; the rest of the five seconds is PostgreSQL's
_POSTGRES_PATIENCE_S = 1.2
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 10.0
_STEADY_S = 30.0  # after so long a life a death counts as the first again
_LOOK_EVERY_S = 0.1


class AlreadyRunningHere(PerezvonError):
    """One home, one system."""

    code = "project.already_running"

    def __str__(self) -> str:
        return "Perezvon already runs in {home}: process {pid}, {url}".format(**self.facts)


class PortTaken(PerezvonError):
    """We cannot listen there."""

    code = "project.port_taken"

    def __str__(self) -> str:
        return "Cannot listen on {host}, port {port}: {reason}. Another one: --port.".format(**self.facts)


@dataclass(frozen=True, slots=True)
class Role:
    """A process to keep alive. `once`: it does its work and is done."""

    name: str
    command: tuple[str, ...]
    once: bool = False

    @classmethod
    def of(cls, name: str, *arguments: str, once: bool = False) -> Role:
        """The role that `perezvon NAME` plays."""
        return cls(name, (sys.executable, "-m", "perezvon.project.cli", name, *arguments), once)


class Supervisor:
    """Runs `roles` in `env` until a signal comes. `ready` is called once, when pages are being served."""

    def __init__(self, env: Environment, roles: tuple[Role, ...], ready: Callable[[], None], out: IO[str]) -> None:
        self.env = env
        self._roles = roles
        self._announce = ready
        self._out = out
        self._stopping = asyncio.Event()
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._wanted: dict[str, asyncio.Event] = {}  # set: do not wait with the next life
        self._started_at = int(time.time())
        self._cluster = Cluster(env.home / "postgres", env.postgres_sockets) if env.is_embedded else None
        self._cluster_is_busy = asyncio.Lock()

    async def run(self, beside: Watcher | None = None) -> int:
        """0 after a signal; 1 when the system could not be brought up."""
        loop = asyncio.get_running_loop()
        for wish in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(wish, self._stopping.set)
        open_private(self.env.sockets)
        work = asyncio.create_task(self._work(beside))
        stop = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        came_up = not work.done()
        # The tasks live on meanwhile: a child whose words nobody reads may never end.
        await self._end()
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        return 0 if came_up else 1

    async def restart(self, *names: str) -> None:
        """End these children in order; whoever keeps them starts them anew, at once."""
        for name in names:
            self._wanted.setdefault(name, asyncio.Event()).set()
            if child := self._running.get(name):
                await _end_child(child, _PATIENCE_S)

    async def renew(self, name: str) -> None:
        """Have a child that knows SIGHUP load its code anew; one that is away is started at once."""
        if child := self._running.get(name):
            child.send_signal(signal.SIGHUP)
        else:
            await self.restart(name)

    # --- what it does ---

    async def _work(self, beside: Watcher | None) -> None:
        """Ends by itself only when the system cannot be brought up."""
        try:
            await self._start_database()
        except PerezvonError as failure:
            self.say("postgres", str(failure))
            return
        if await self._play(Role.of("migrate", once=True)):
            self.say("migrate", "the database could not be brought up to date, so nothing else was started")
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(self._stopping.wait())
            group.create_task(self._greet())
            for role in self._roles:
                group.create_task(self._keep(role))
            if self._cluster is not None:
                group.create_task(self._keep_database(self._cluster))
            if beside is not None:
                group.create_task(beside(self))

    async def _start_database(self) -> None:
        if self._cluster is None:
            await asyncio.to_thread(wait_for, self.env.database)
            return
        async with self._cluster_is_busy:
            await asyncio.to_thread(self._cluster.start)
            await asyncio.to_thread(self._cluster.create_database, DATABASE_NAME)
        self.say("postgres", f"running; its log is {self._cluster.log}")
        self._write_run_file()

    async def _keep_database(self, cluster: Cluster) -> None:
        while not self._stopping.is_set():
            await asyncio.sleep(_LOOK_EVERY_S)
            if not cluster.is_running:
                self.say("postgres", "died; starting it again")
                await self._restart_database(cluster)

    async def _restart_database(self, cluster: Cluster) -> None:
        async with self._cluster_is_busy:
            if self._stopping.is_set():
                return
            try:
                await asyncio.to_thread(cluster.start)
            except PostgresFailed as failure:
                self.say("postgres", str(failure))
            else:
                self.say("postgres", "running again")
        self._write_run_file()

    async def _keep(self, role: Role) -> None:
        """Play the role again whenever it ends, after a pause that doubles while it keeps dying young."""
        pause = _FIRST_PAUSE_S
        wanted = self._wanted.setdefault(role.name, asyncio.Event())
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._play(role)
            if self._stopping.is_set() or code == USELESS or (role.once and code == 0):
                return
            if role.once:
                self.say(role.name, f"ended with {_told(code)}; its work is not done")
                return
            if time.monotonic() - began > _STEADY_S:
                pause = _FIRST_PAUSE_S
            if not wanted.is_set():
                self.say(role.name, f"ended with {_told(code)}; starting it again in {pause:.1f} s")
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await wanted.wait()
            pause = _FIRST_PAUSE_S if wanted.is_set() else min(2 * pause, _LONGEST_PAUSE_S)
            wanted.clear()

    async def _play(self, role: Role) -> int:
        """One life of a child, its words passed on. What it leaves behind in its process group goes with it."""
        # A pipe of our own: with asyncio's, wait() would last until every grandchild has closed it.
        ours, theirs = os.pipe()
        try:
            child = await asyncio.create_subprocess_exec(
                *role.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=theirs,
                stderr=theirs,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                start_new_session=True,  # Ctrl-C is for us; we end the children in order
                preexec_fn=end_with_parent(signal.SIGTERM),
            )
        finally:
            os.close(theirs)
        self._running[role.name] = child
        self._write_run_file()
        if self._stopping.is_set():  # the end has begun while it was being born
            _kill_group(child.pid)
        words = asyncio.create_task(self._pass_on(role.name, ours))
        code = await child.wait()
        _kill_group(child.pid)  # a grandchild would hold ports, and the pipe that we read
        await words
        del self._running[role.name]
        self._write_run_file()
        return code

    async def _pass_on(self, name: str, pipe: int) -> None:
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(pipe, "rb"))
        rest = b""
        while part := await reader.read(1 << 16):
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                self.say(name, line.decode(errors="replace"))
        if rest:
            self.say(name, rest.decode(errors="replace"))
        transport.close()

    async def _greet(self) -> None:
        while not await asyncio.to_thread(answers, self.env.url):
            await asyncio.sleep(_LOOK_EVERY_S)
        self._announce()

    async def _end(self) -> None:
        """Everybody at once, then PostgreSQL, which nobody needs any more."""
        self._stopping.set()
        self.say("perezvon", "stopping")
        await asyncio.gather(*(_end_child(child, _PATIENCE_S) for child in list(self._running.values())))
        if self._cluster is not None:
            async with self._cluster_is_busy:
                await asyncio.to_thread(self._cluster.stop, _POSTGRES_PATIENCE_S)
        self.env.run_file.unlink(missing_ok=True)
        shutil.rmtree(self.env.sockets, ignore_errors=True)
        self.say("perezvon", "stopped")

    # --- what it says ---

    def say(self, name: str, line: str) -> None:
        with suppress(OSError, ValueError):  # the terminal is gone; the work goes on
            print(f"{name:<8} | {line}", file=self._out, flush=True)

    def _write_run_file(self) -> None:
        if self._stopping.is_set():  # the file is about to go, or gone
            return
        roles = {name: child.pid for name, child in self._running.items() if child.returncode is None}
        if self._cluster is not None and self._cluster.pid:
            roles["postgres"] = self._cluster.pid
        found = {"pid": os.getpid(), "url": self.env.url, "started_at": self._started_at, "roles": roles}
        draft = self.env.run_file.with_suffix(".new")
        draft.write_text(json.dumps(found, indent=1) + "\n")
        draft.rename(self.env.run_file)


type Watcher = Callable[[Supervisor], Coroutine[None, None, None]]


def supervise(
    env: Environment, roles: tuple[Role, ...], ready: Callable[[], None], beside: Watcher | None = None
) -> int:
    """Run until SIGINT or SIGTERM; the exit code. Raises AlreadyRunningHere or PortTaken.

    ready: called once, when pages are being served. beside: runs along and may restart roles.
    """

    async def run() -> int:
        return await Supervisor(env, roles, ready, sys.stdout).run(beside)

    with _only_one(env):
        _refuse_taken_port(env)
        return asyncio.run(run())


def _refuse_taken_port(env: Environment) -> None:
    """The web server's workers share a port, and would share it with a stranger without a word."""
    family, kind, _, _, address = socket.getaddrinfo(env.listen, env.port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise PortTaken(host=env.listen, port=env.port, reason=error.strerror or str(error)) from None


def read_run_file(env: Environment) -> dict[str, object] | None:
    """Who runs in this home: `pid`, `url`, `started_at` and `roles`, a pid for each name. None when nobody does."""
    try:
        found: dict[str, object] = json.loads(env.run_file.read_text())
    except FileNotFoundError:
        return None
    return found


def answers(url: str) -> bool:
    """Whether the web process there speaks HTTP."""
    parts = urlsplit(url)
    trusting = ssl._create_unverified_context()  # noqa: S323  (our own address, and its certificate names another)
    connection = (
        HTTPSConnection(parts.hostname or "", parts.port, timeout=2, context=trusting)
        if parts.scheme == "https"
        else HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    )
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


async def _end_child(child: asyncio.subprocess.Process, within: float) -> None:
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        async with asyncio.timeout(within):
            await child.wait()
    except TimeoutError:
        _kill_group(child.pid)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _told(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


@contextmanager
def _only_one(env: Environment) -> Iterator[None]:
    with (env.home / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running = read_run_file(env) or {"pid": "?", "url": "starting"}
            raise AlreadyRunningHere(home=str(env.home), pid=running["pid"], url=running["url"]) from None
        yield
