"""`perezvon doctor`: looks at an installation from outside and says, line by line, what is well and what to do."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import LiteralString

import psutil
import psycopg
from django.contrib.staticfiles import finders
from django.db import DatabaseError
from django.db import connection as django_connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min

import perezvon
from perezvon.engine.project import ATTEMPTS
from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.files.looking import find_scanner
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.accounts.services import ProviderAway, is_provider_on, try_provider
from perezvon.modules.documents.paper import has_pango
from perezvon.modules.telephony.models import CallFact
from perezvon.ports.scanning import ScannerAway
from perezvon.project.environment import Environment, environment
from perezvon.project.postgres import database_running
from perezvon.project.supervisor import answers, read_run_file

_OLDEST_POSTGRES = 15
_LITTLE_DISK_BYTES, _NO_DISK_BYTES = 5 * 2**30, 2**29
_LONGEST_SOCKET_BYTES = 107  # sockaddr_un, without the closing zero
_LATE_S = 5.0


class State(StrEnum):
    WELL = "ok"
    NOTE = "note"
    FAILS = "FAILS"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do when it is not well."""

    what: str
    state: State
    told: str

    def __str__(self) -> str:
        return f"{self.state:<6} {self.what:<12} {self.told}"


type Row = tuple[object, ...]
type Ask = Callable[[LiteralString], Row]


def run(arguments: list[str]) -> int:
    """Print what was found; 1 when something fails."""
    found = []
    for finding in examine(environment()):
        print(finding, flush=True)
        found.append(finding)
    return 1 if any(finding.state is State.FAILS for finding in found) else 0


def examine(env: Environment) -> Iterator[Finding]:
    """Everything, the machine first, then the database, then what runs."""
    yield home(env)
    yield key(env)
    yield disk(env)
    yield sockets(env)
    yield assets()
    yield from programs()
    yield pages()
    yield scanner()
    yield from database(env)
    yield from running(env)


# --- the machine ---


def home(env: Environment) -> Finding:
    where = f"{env.home}, {'own PostgreSQL' if env.is_embedded else 'PostgreSQL of DATABASE_URL'}"
    if not os.access(env.home, os.W_OK):
        return Finding("home", State.FAILS, f"{env.home} cannot be written to: run as its owner")
    return Finding("home", State.WELL, where)


def key(env: Environment) -> Finding:
    path = env.home / "secret.key"
    if not path.exists():
        return Finding("key", State.WELL, "given by the environment")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Finding("key", State.FAILS, f"{path} can be read by others: chmod 600 {path}")
    return Finding("key", State.WELL, f"{path}, for its owner only; keep a copy elsewhere")


def disk(env: Environment) -> Finding:
    free = shutil.disk_usage(env.home).free
    told = f"{free / 2**30:.1f} GB free"
    if free < _NO_DISK_BYTES:
        return Finding("disk", State.FAILS, f"{told}: make room now, PostgreSQL stops on a full disk")
    if free < _LITTLE_DISK_BYTES:
        return Finding("disk", State.NOTE, f"{told}: an hour of recordings takes 115 MB")
    return Finding("disk", State.WELL, told)


def sockets(env: Environment) -> Finding:
    longest = max(len(os.fsencode(path)) for path in (env.voice_socket, env.postgres_sockets / ".s.PGSQL.5432"))
    if longest > _LONGEST_SOCKET_BYTES:
        return Finding(
            "sockets", State.FAILS, f"{env.sockets}: a path of {longest} bytes, {_LONGEST_SOCKET_BYTES} may be"
        )
    return Finding("sockets", State.WELL, str(env.sockets))


def assets() -> Finding:
    """Scripts and styles are built, not committed."""
    if finders.find("dist") is None:
        return Finding("assets", State.FAILS, "scripts and styles were never built: make setup")
    catalogues = list(Path(perezvon.__file__).parent.rglob("locale/*/LC_MESSAGES/*.po"))
    if unbuilt := [path for path in catalogues if not path.with_suffix(".mo").exists()]:
        return Finding("assets", State.FAILS, f"{len(unbuilt)} message catalogues are not built: perezvon messages")
    return Finding("assets", State.WELL, "scripts, styles and translations are built")


def programs() -> Iterator[Finding]:
    """What is good to have; without it a button says that it is missing."""
    wanted = {
        "espeak-ng": ("espeak-ng", "needed only to render prompts anew: install the package espeak-ng"),
        "chromium": ("chromium", "needed only by the browser tests: install the package chromium"),
    }
    for name, (package, why) in wanted.items():
        if path := shutil.which(name):
            yield Finding(package, State.WELL, path)
        else:
            yield Finding(package, State.NOTE, why)


def scanner() -> Finding:
    """Whether files that people attach are scanned for viruses."""
    found = find_scanner()
    if found is None:
        return Finding("viruses", State.NOTE, "files are not scanned: install clamav-daemon, set PEREZVON_SCANNER")
    try:
        return Finding("viruses", State.WELL, found.check())
    except ScannerAway as away:
        told = f"the scanner does not answer ({away.facts['said']}): new files cannot be opened until it does"
        return Finding("viruses", State.FAILS, told)


def pages() -> Finding:
    """Documents become PDF by a library of the system."""
    if has_pango():
        return Finding("pango", State.WELL, "documents can be made as PDF")
    return Finding("pango", State.NOTE, "documents cannot be made as PDF: install the package libpangoft2-1.0-0")


# --- the database ---


def database(env: Environment) -> Iterator[Finding]:
    try:
        with database_running(env) as url, psycopg.connect(url, autocommit=True) as connection:
            yield from of_the_server(connection)
            yield (migrations := _migrations())
            if migrations.state is State.WELL:
                yield from _work(clock.now())
                yield from _company_sign_in()
    except (PerezvonError, psycopg.Error, DatabaseError) as error:
        yield Finding("database", State.FAILS, str(error).strip())
    finally:
        django_connection.close()


def of_the_server(connection: psycopg.Connection) -> Iterator[Finding]:
    """Whether this PostgreSQL can carry us. The connection commits by itself."""

    def ask(question: LiteralString) -> Row:
        answer = connection.execute(question)
        return (answer.fetchone() if answer.description else None) or ()

    version = int(str(ask("SHOW server_version_num")[0])) // 10_000
    if version < _OLDEST_POSTGRES:
        yield Finding("database", State.FAILS, f"PostgreSQL {version}: {_OLDEST_POSTGRES} or newer is needed")
    else:
        yield Finding("database", State.WELL, f"PostgreSQL {ask('SHOW server_version')[0]}")
    yield _cyrillic(ask)
    yield _clocks(ask)


def _cyrillic(ask: Ask) -> Finding:
    """With lc_ctype=C both are blind to Cyrillic, and searches find nothing without a word."""
    if not ask("SELECT lower(U&'\\0401') = U&'\\0451'")[0]:  # the letter YO
        advice = "lower() leaves Cyrillic as it is: create the database with a UTF-8 lc_ctype, e.g. C.UTF-8"
        return Finding("cyrillic", State.FAILS, advice)
    if not ask("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")[0]:
        return Finding("cyrillic", State.FAILS, "there is no pg_trgm: install PostgreSQL's contrib package")
    ask("BEGIN")
    ask("CREATE EXTENSION IF NOT EXISTS pg_trgm")  # for this look only, when no migration has yet
    alike = ask("SELECT similarity(U&'\\0418\\0432\\0430\\043D', U&'\\0438\\0432\\0430\\043D') = 1")[0]
    ask("ROLLBACK")
    if not alike:
        return Finding("cyrillic", State.FAILS, "pg_trgm does not see Cyrillic: lc_ctype is not a UTF-8 one")
    return Finding("cyrillic", State.WELL, "lower() and pg_trgm know it")


def _clocks(ask: Ask) -> Finding:
    """A database on another machine stamps nothing of ours, but people compare logs."""
    apart = abs(float(str(ask("SELECT extract(epoch FROM clock_timestamp())")[0])) - time.time())
    if apart > _LATE_S:
        return Finding(
            "clock", State.NOTE, f"this machine and the database are {apart:.0f} s apart: set up NTP on both"
        )
    return Finding("clock", State.WELL, "this machine and the database agree")


def _migrations() -> Finding:
    executor = MigrationExecutor(django_connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return Finding("migrations", State.FAILS, f"{len(missing)} to apply: perezvon migrate")
    return Finding("migrations", State.WELL, "all applied")


def _work(now: datetime) -> Iterator[Finding]:
    """What waits longer than it should."""
    waiting = OutboxRow.objects.filter(number__isnull=True).aggregate(count=Count("*"), oldest=Min("at"))
    yield _relay(waiting["count"], (now - (waiting["oldest"] or now)).total_seconds())
    if parked := CallFact.objects.filter(projected_at__isnull=True, attempts__gte=ATTEMPTS).count():
        told = f"{parked} facts of calls could not be written into the history: read what `engine` printed"
        yield Finding("history", State.FAILS, told)
    else:
        yield Finding("history", State.WELL, "every call is written down")


def _relay(waiting: int, oldest_s: float) -> Finding:
    if waiting and oldest_s > _LATE_S:
        told = f"{waiting} events wait, the oldest for {oldest_s:.0f} s: start a web process, it numbers them"
        return Finding("relay", State.NOTE, told)
    return Finding("relay", State.WELL, "nothing waits")


def _company_sign_in() -> Iterator[Finding]:
    """Where people sign in at the company's provider: whether that one answers."""
    if not is_provider_on():
        return
    try:
        looked = try_provider(by=System(name="doctor"))
    except ProviderAway as away:
        told = f"the identity provider does not answer ({away.facts['why']}): its people cannot sign in"
        yield Finding("sign-in", State.FAILS, told)
    else:
        assert looked is not None  # noqa: S101  (it is on)
        yield Finding("sign-in", State.WELL, f"{looked.issuer} answers, {looked.keys} keys")


# --- what runs ---


def running(env: Environment) -> Iterator[Finding]:
    run_file = read_run_file(env)
    if run_file is None:
        yield Finding("processes", State.NOTE, "nothing runs here: perezvon serve")
        return
    roles = run_file["roles"]
    assert isinstance(roles, dict)  # noqa: S101  (the supervisor wrote it)
    dead = [name for name, pid in roles.items() if not psutil.pid_exists(pid)]
    if dead:
        yield Finding("processes", State.NOTE, f"{', '.join(dead)} died; the supervisor starts it again")
    else:
        yield Finding("processes", State.WELL, ", ".join(f"{name} {pid}" for name, pid in roles.items()))
    yield _pages(str(run_file["url"]))
    yield _voice(env)


def _pages(url: str) -> Finding:
    if answers(url):
        return Finding("pages", State.WELL, url)
    return Finding("pages", State.FAILS, f"{url} does not answer: read what `web` printed")


def _voice(env: Environment) -> Finding:
    if not env.voice_socket.exists():
        return Finding("voice", State.NOTE, "no browser calls: the voice process does not run")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(env.voice_socket))
        except OSError as error:
            return Finding(
                "voice", State.FAILS, f"{env.voice_socket} does not answer ({error}): read what `voice` printed"
            )
    return Finding("voice", State.WELL, str(env.voice_socket))
