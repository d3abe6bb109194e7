"""One command keeps the whole system running, through the sudden death of any part, and ends it cleanly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from perezvon.project.postgres import Cluster
from tests.support import eventually
from tests.support.system import System, running_system

pytestmark = pytest.mark.database
PATIENCE_S = 60  # a bound for a busy machine; a start takes two seconds of work


@pytest.fixture(scope="module")
def system(cluster: Cluster) -> Iterator[System]:
    with running_system() as started:
        yield started


def family(system: System) -> list[psutil.Process]:
    return psutil.Process(system.parent.pid).children(recursive=True)


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class TestServe:
    def test_says_how_the_first_person_gets_in(self, system: System) -> None:
        eventually(lambda: "perezvon user add LOGIN" in system.log)

    def test_brings_back_whatever_is_killed(self, system: System) -> None:
        roles = set(system.roles)
        assert {"web", "postgres"} <= roles

        for role in roles:
            killed = system.kill(role)
            eventually(lambda role=role, killed=killed: system.roles.get(role, killed) != killed, within=PATIENCE_S)

        eventually(system.answers, within=PATIENCE_S)
        assert set(system.roles) == roles

    def test_keeps_the_data_of_a_killed_database(self, system: System) -> None:
        with psycopg.connect(system.env.database) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS sum")

        killed = system.kill("postgres")
        eventually(lambda: system.roles.get("postgres", killed) != killed, within=PATIENCE_S)

        with psycopg.connect(system.env.database) as connection:
            assert connection.execute("SELECT sum FROM kept").fetchone() == (42,)

    def test_leaves_no_worker_of_a_killed_web_server_at_the_port(self, system: System) -> None:
        before = psutil.Process(system.roles["web"]).children(recursive=True)
        assert before

        killed = system.kill("web")
        eventually(lambda: system.roles.get("web", killed) != killed, within=PATIENCE_S)

        assert all(is_gone(process) for process in before)
        eventually(system.answers, within=PATIENCE_S)

    def test_does_not_run_dry_when_browsers_go_before_the_answer(self, system: System) -> None:
        """A swap that is replaced by the next breaks its request off; its database connection must come back."""
        for turn in range(200):
            with socket.create_connection(("127.0.0.1", system.port)) as browser:
                browser.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                time.sleep(turn % 20 / 1000)  # before the view, in it, after it

        eventually(system.answers)
        assert "raised an exception" not in system.log

    def test_takes_up_new_code_when_asked(self, system: System) -> None:
        """What `dev` does when a file was written."""
        web = psutil.Process(system.roles["web"])
        before = set(web.children())

        web.send_signal(signal.SIGHUP)

        eventually(lambda: set(web.children()).isdisjoint(before) and web.children(), within=PATIENCE_S)
        eventually(system.answers, within=PATIENCE_S)

    def test_names_whoever_speaks(self, system: System) -> None:
        assert "migrate  | " in system.log
        assert "postgres | running" in system.log

    def test_says_that_it_runs_already(self, system: System) -> None:
        second = subprocess.run(
            [sys.executable, "-m", "perezvon.project.cli", "serve"],
            env=system.variables,
            capture_output=True,
            text=True,
            check=False,
        )

        assert second.returncode == 1
        assert second.stderr.strip() == (
            f"perezvon: Perezvon already runs in {system.home}: process {system.parent.pid}, "
            f"http://127.0.0.1:{system.port}"
        )


class TestEnd:
    def test_is_complete_and_lets_the_next_start_be_as_the_first(self, cluster: Cluster) -> None:
        with running_system() as system:
            killed = family(system)
            os.kill(system.parent.pid, signal.SIGKILL)
            system.parent.wait()
            eventually(lambda: all(is_gone(process) for process in killed), within=PATIENCE_S)

            system.start()
            system.wait_until_it_answers()
            ended = family(system)
            assert {process.pid for process in ended} >= set(system.roles.values())
            assert system.stop() == 0

            assert all(is_gone(process) for process in ended)
            assert not (system.home / "run.json").exists()


class TestFailure:
    def test_to_get_its_port_is_told_before_anything_starts(self, system: System, tmp_path: Path) -> None:
        """Its workers could share the port with another system's, and half of the pages would be the other's."""
        second = subprocess.run(
            [sys.executable, "-m", "perezvon.project.cli", "serve"],
            env=system.variables | {"PEREZVON_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert second.returncode == 1
        assert f"Cannot listen on 127.0.0.1, port {system.port}: Address already in use" in second.stderr
        assert not (tmp_path / "postgres").exists()

    def test_of_the_database_is_told_and_ends_everything(self, cluster: Cluster) -> None:
        with (
            pytest.raises(RuntimeError, match='database "absent" does not exist'),
            running_system(DATABASE_URL=cluster.url("absent")),
        ):
            pass
