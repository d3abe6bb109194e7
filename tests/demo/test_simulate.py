"""`perezvon simulate` against a system as `perezvon serve` starts it."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest

from tests.support import eventually
from tests.support.system import running_system

SET_UP = """
import django
django.setup()
from perezvon.foundation import clock
from perezvon.project import blueprint
blueprint.load(blueprint.read("bank"), now=clock.now())
"""


def python(url: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    where = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "perezvon.project.settings"}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, env=os.environ | where | variables, capture_output=True, text=True, check=False, timeout=180
    )


@pytest.fixture
def system(fresh_database):
    assert python(fresh_database, "-c", SET_UP).returncode == 0
    with running_system(DATABASE_URL=fresh_database, PEREZVON_SIMULATOR="1") as system:
        eventually(lambda: (system.env.sockets / "simulator.sock").exists(), within=30)
        yield system


def test_scripted_callers_are_served_by_scripted_operators_and_nobody_is_left_behind(system, fresh_database):
    options = ("--calls-per-hour", "900", "--operators", "3", "--minutes", "0.6", "--seed", "5")
    home = {"PEREZVON_HOME": str(system.home), "PEREZVON_PORT": str(system.port)}

    done = python(fresh_database, "-m", "perezvon.project.cli", "simulate", *options, **home)

    assert done.returncode == 0, done.stderr
    assert "3 operators: " in done.stdout
    with psycopg.connect(fresh_database) as database:

        def one(query: str) -> int:
            return database.execute(query).fetchone()[0]

        # The last facts may still be on their way into the history.
        eventually(lambda: one("SELECT count(*) FROM telephony_callfact WHERE projected_at IS NULL") == 0)
        assert one("SELECT count(*) FROM interactions_interaction WHERE answered_at IS NOT NULL") >= 1
        assert one("SELECT count(*) FROM interactions_interaction WHERE ended_at IS NULL") == 0
        assert one("SELECT count(*) FROM interactions_interaction WHERE state <> 'done'") == 0
        assert one("SELECT count(*) FROM interactions_interaction i WHERE answered_at IS NOT NULL AND NOT EXISTS"
                   " (SELECT 1 FROM interactions_interactiontopic t WHERE t.interaction_id = i.id)") == 0  # fmt: skip
        assert one("SELECT count(*) FROM routing_agentstate WHERE ended_at IS NULL AND status <> 'out'") == 0


def test_without_a_simulated_exchange_it_says_what_to_start(fresh_database, tmp_path):
    done = python(fresh_database, "-m", "perezvon.project.cli", "simulate", PEREZVON_HOME=str(tmp_path))

    assert done.returncode != 0
    assert "perezvon demo" in done.stderr
