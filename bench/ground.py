"""What benches stand on: a database of their own, a system of their own, people who are signed in.

The database lies in the same cluster as the product's, is made at the first run of its name and kept; `--clean`
drops it. The system is the product's own processes on a free port, in a home of their own.
"""

from __future__ import annotations

import os
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connections

from perezvon.foundation import clock
from perezvon.foundation.people.models import User
from perezvon.project.environment import Environment, django_database, environment, read

STARTS_WITHIN_S = 60.0


@contextmanager
def own_database(name: str, *, clean: bool = False) -> Iterator[str]:
    """The URL of a migrated database of this name; Django's own connection leads there inside.

    clean: a new one. What a bench left in it is there again at the next run.
    """
    name = f"bench_{name}"
    home = environment().database
    with psycopg.connect(home, autocommit=True) as database:
        if clean:
            database.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        if not database.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            database.execute(f'CREATE DATABASE "{name}"')
    url = urlsplit(home)._replace(path=f"/{name}").geturl()
    _lead_django_to(url)
    try:
        call_command("migrate", interactive=False, verbosity=0)
        yield url
    finally:
        _lead_django_to(home)


def _lead_django_to(url: str) -> None:
    connection = connections["default"]
    connection.close()
    connection.close_pool()
    connection.settings_dict.update(django_database(url))


@dataclass(slots=True)
class Running:
    """Some of the product's processes, in a home of their own."""

    env: Environment
    processes: dict[str, subprocess.Popen[bytes]]

    @property
    def port(self) -> int:
        return self.env.port

    def memory_bytes(self, role: str) -> int:
        """What only this process and its children hold (USS)."""
        parent = psutil.Process(self.processes[role].pid)
        return sum(one.memory_full_info().uss for one in [parent, *parent.children(recursive=True)])

    def cpu_s(self, role: str) -> float:
        """Processor time that it and its children have used so far."""
        parent = psutil.Process(self.processes[role].pid)
        times = [one.cpu_times() for one in [parent, *parent.children(recursive=True)]]
        return sum(one.user + one.system for one in times)

    def keep_apart(self, role: str) -> bool:
        """This process on the last core, we on the others. False where there is one core only."""
        *ours, last = sorted(os.sched_getaffinity(0))
        if ours:
            parent = psutil.Process(self.processes[role].pid)
            for one in [parent, *parent.children(recursive=True)]:
                for thread in one.threads():
                    os.sched_setaffinity(thread.id, {last})
            os.sched_setaffinity(0, ours)
        return bool(ours)


@contextmanager
def system(url: str, roles: Sequence[str], **variables: str) -> Iterator[Running]:
    """`roles` of the product at work on this database: "web", "engine", with arguments too. Pages answer inside."""
    folder = Path(tempfile.mkdtemp(prefix="perezvon-bench-"))
    # The same key as ours, so that sessions written here are sessions there.
    own = {
        "PEREZVON_HOME": str(folder),
        "PEREZVON_PORT": str(_free_port()),
        "PEREZVON_SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": url,
    }
    where = os.environ | own | variables
    env = read(where)
    env.sockets.mkdir(mode=0o700, exist_ok=True)
    processes = {role.split()[0]: _start(role, where) for role in roles}
    try:
        _wait_for_pages(env.port)
        yield Running(env, processes)
    finally:
        for process in processes.values():
            process.send_signal(signal.SIGTERM)
        for process in processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            process.kill()
        shutil.rmtree(env.sockets, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _start(role: str, where: dict[str, str]) -> subprocess.Popen[bytes]:
    """Our own output is the result alone."""
    command = [sys.executable, "-m", "perezvon.project.cli", *role.split()]
    return subprocess.Popen(command, env=where, stdout=sys.stderr)  # noqa: S603


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_pages(port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        with suppress(OSError):
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise TimeoutError("the web process does not answer")


def sign_in(users: Sequence[User]) -> list[str]:
    """A session cookie for each, as if they had just signed in."""
    store = SessionStore()
    rows, until = [], clock.now() + timedelta(days=1)
    for user in users:
        known = {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
        rows.append(Session(session_key=secrets.token_hex(16), session_data=store.encode(known), expire_date=until))
    Session.objects.bulk_create(rows)
    return [f"{settings.SESSION_COOKIE_NAME}={row.session_key}" for row in rows]


def allow_many_files() -> None:
    """Each open stream is a file, here and in the processes started from here."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))


def percentiles(values_ms: Sequence[float]) -> dict[str, float]:
    """p50_ms, p95_ms and p99_ms, by the nearest rank; empty of nothing."""
    ordered = sorted(values_ms)
    if not ordered:
        return {}
    places = {name: min(len(ordered) - 1, int(len(ordered) * share / 100)) for name, share in _SHARES.items()}
    return {name: round(ordered[place], 2) for name, place in places.items()}


_SHARES = {"p50_ms": 50, "p95_ms": 95, "p99_ms": 99}
