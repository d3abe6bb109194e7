"""The doctor finds what is wrong, and says what to do about it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from perezvon.project import doctor
from perezvon.project.doctor import Finding, State
from perezvon.project.environment import Environment, read
from perezvon.project.postgres import Cluster


@pytest.fixture
def env(tmp_path: Path) -> Environment:
    return read({"PEREZVON_HOME": str(tmp_path)})


def about(what: str, found: list[Finding]) -> Finding:
    return next(finding for finding in found if finding.what == what)


def of_the_server(url: str) -> list[Finding]:
    with psycopg.connect(url, autocommit=True) as connection:
        return list(doctor.of_the_server(connection))


class TestMachine:
    def test_is_well_when_new(self, env: Environment) -> None:
        found = [doctor.home(env), doctor.key(env), doctor.sockets(env)]

        assert {finding.state for finding in found} == {State.WELL}

    def test_may_not_show_its_key(self, env: Environment) -> None:
        (env.home / "secret.key").chmod(0o644)

        assert doctor.key(env).state is State.FAILS
        assert f"chmod 600 {env.home}/secret.key" in doctor.key(env).told

    def test_may_not_run_out_of_room(self, env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(doctor, "_NO_DISK_BYTES", 2**60)

        assert doctor.disk(env).state is State.FAILS

    def test_says_when_nothing_runs(self, env: Environment) -> None:
        assert [str(finding) for finding in doctor.running(env)] == [
            "note   processes    nothing runs here: perezvon serve"
        ]


class TestDatabase:
    def test_is_well_after_migrating(self, fresh_database: str) -> None:
        assert {finding.state for finding in of_the_server(fresh_database)} == {State.WELL}

    def test_must_know_cyrillic(self, cluster: Cluster) -> None:
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS deaf")
            connection.execute(
                "CREATE DATABASE deaf TEMPLATE template0 ENCODING 'UTF8'"
                " LOCALE_PROVIDER libc LC_CTYPE 'C' LC_COLLATE 'C'"
            )

        found = about("cyrillic", of_the_server(cluster.url("deaf")))

        assert found.state is State.FAILS
        assert "lc_ctype" in found.told


class TestCommand:
    def test_fails_where_something_fails(self, tmp_path: Path, cluster: Cluster) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "perezvon.project.cli", "doctor"],
            env={
                "PEREZVON_HOME": str(tmp_path),
                "DATABASE_URL": cluster.url("absent"),
                "PYTHONPATH": ":".join(sys.path),
            },
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 1
        assert "FAILS  database     The database does not let us in" in done.stdout
        assert done.stderr == ""
