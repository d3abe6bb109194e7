"""The worker process as the supervisor starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from perezvon.modules.telephony.models import CallFact
from perezvon.modules.telephony.services import forget_old_facts
from tests.support import eventually

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@contextmanager
def worker(url: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "perezvon.project.cli", "worker"]
    process = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def defer(database: psycopg.Connection, task: str) -> int:
    row = database.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', %s, %s) RETURNING id",
        [task, '{"timestamp": 0}'],
    ).fetchone()
    assert row
    return row[0]


def is_gone(database: psycopg.Connection, job: int) -> bool:
    return database.execute("SELECT 1 FROM procrastinate_jobs WHERE id = %s", [job]).fetchone() is None


def test_a_worker_does_jobs_deletes_them_and_stops_when_told(fresh_database):
    with psycopg.connect(fresh_database, autocommit=True) as database, worker(fresh_database) as process:
        database.execute("INSERT INTO outbox_outboxcounter (id, last) VALUES (1, 1) ON CONFLICT DO NOTHING")
        database.execute(
            "INSERT INTO outbox_outboxrow (number, topic, body, at) VALUES (1, 'x', '{}', now() - interval '2 days')"
        )
        job = defer(database, "outbox.forget")

        eventually(lambda: is_gone(database, job), within=30)

        assert database.execute("SELECT count(*) FROM outbox_outboxrow").fetchone() == (0,)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_a_worker_does_what_somebody_asked_for_and_says_how_it_ended(fresh_database):
    """Nobody owns this one, so it may see nothing: it fails, by the way that others succeed."""
    job = uuid4()
    with psycopg.connect(fresh_database, autocommit=True) as database, worker(fresh_database):
        database.execute(
            "INSERT INTO jobs_job (id, kind, title, state, done, total, cancel_asked, facts, result, problem,"
            " created_at)"
            " VALUES (%s, 'lists.export', '', 'waiting', 0, 0, false, '{}', '{}', '', now())",
            [job],
        )
        database.execute(
            "INSERT INTO outbox_outboxrow (number, topic, body, at) VALUES (1, 'jobs.job_asked', %s, now())",
            [Jsonb({"job_id": str(job)})],
        )

        def ended() -> bool:
            found = database.execute("SELECT state, problem FROM jobs_job WHERE id = %s", [job]).fetchone()
            return found == ("failed", "perezvon.not_allowed")

        eventually(ended, within=30)


@pytest.mark.django_db
class TestForgettingFacts:
    def test_takes_what_is_older_than_thirty_days_but_nothing_that_waits(self):
        old, young = NOW - timedelta(days=31), NOW - timedelta(days=29)
        for at in (old, young):
            CallFact.objects.create(body={}, at=at, projected_at=at)
        CallFact.objects.create(body={}, at=old, attempts=5)

        assert forget_old_facts(now=NOW) == 1
        assert [(fact.at, fact.attempts) for fact in CallFact.objects.order_by("at")] == [(old, 5), (young, 0)]
