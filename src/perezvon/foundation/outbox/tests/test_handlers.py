"""Handlers hear every event once and in order, whatever dies on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from uuid import UUID, uuid4

import psycopg
import pytest

from perezvon.foundation.outbox import handlers as register
from perezvon.foundation.outbox.handlers import Dispatcher, Handler, handles
from perezvon.foundation.outbox.models import OutboxCursor, OutboxRow
from perezvon.foundation.outbox.purge import forget_old_rows
from perezvon.foundation.outbox.services import Event
from perezvon.foundation.people.models import Team

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[5]


@dataclass(frozen=True, slots=True)
class BellRung(Event):
    topic: ClassVar[str] = "tests.bell_rung"
    bell_id: UUID
    times: int


def write_event(number: int, *, topic: str = BellRung.topic, at: datetime = NOW, **body: object) -> OutboxRow:
    told = {"bell_id": str(uuid4()), "times": number} | body
    return OutboxRow.objects.create(number=number, topic=topic, body=told, at=at)


class Ear:
    """Writes down what it hears in the database, and fails as often as it is told."""

    def __init__(self, *, fails: int = 0) -> None:
        self.fails = fails

    def __call__(self, event: BellRung, now: datetime) -> None:
        Team.objects.create(code=f"heard-{event.times}")
        if self.fails:
            self.fails -= 1
            raise ValueError("not today")


def hear(ear: Ear) -> Handler:
    return Handler("tests.hear", BellRung, ear)


def heard() -> list[str]:
    return list(Team.objects.order_by("id").values_list("code", flat=True))


@pytest.mark.django_db
class TestTheDispatcher:
    def test_hands_over_events_of_the_topic_in_the_order_of_their_numbers(self):
        for number in (3, 1, 2):
            write_event(number)
        write_event(4, topic="tests.something_else")

        assert Dispatcher([hear(Ear())]).deliver(NOW) == 3
        assert heard() == ["heard-1", "heard-2", "heard-3"]
        assert OutboxCursor.objects.get(reader="tests.hear").number == 3

    def test_hands_over_each_event_once(self):
        write_event(1)
        dispatcher = Dispatcher([hear(Ear())])

        assert [dispatcher.deliver(NOW), dispatcher.deliver(NOW)] == [1, 0]

    def test_takes_back_the_effect_of_a_handler_that_fails_and_asks_it_again_after_a_pause(self):
        write_event(1)
        write_event(2)
        dispatcher = Dispatcher([hear(Ear(fails=1))])

        assert dispatcher.deliver(NOW) == 0
        assert heard() == []
        assert dispatcher.deliver(NOW + timedelta(seconds=0.4)) == 0
        assert dispatcher.deliver(NOW + timedelta(seconds=0.6)) == 2
        assert heard() == ["heard-1", "heard-2"]

    def test_waits_longer_after_each_failure(self):
        write_event(1)
        dispatcher = Dispatcher([hear(Ear(fails=2))])
        dispatcher.deliver(NOW)
        dispatcher.deliver(NOW + timedelta(seconds=1))

        assert dispatcher.deliver(NOW + timedelta(seconds=1.9)) == 0
        assert dispatcher.deliver(NOW + timedelta(seconds=2.1)) == 1

    def test_lets_other_handlers_go_on_while_one_rests(self):
        write_event(1)
        deaf = Handler("tests.deaf", BellRung, Ear(fails=9))

        Dispatcher([deaf, hear(Ear())]).deliver(NOW)

        assert heard() == ["heard-1"]
        assert OutboxCursor.objects.get(reader="tests.deaf").number == 0

    def test_leaves_an_event_to_the_one_who_moved_the_cursor_first(self):
        write_event(1)
        handler = hear(Ear())
        [(row, before)] = register._waiting(handler)
        Dispatcher([handler]).deliver(NOW)

        assert register._handle(handler, row, before, NOW) is False
        assert heard() == ["heard-1"]

    def test_gives_the_event_with_its_own_types(self):
        got: list[BellRung] = []
        bell = uuid4()
        write_event(1, bell_id=str(bell))

        Dispatcher([Handler("tests.typed", BellRung, lambda event, now: got.append(event))]).deliver(NOW)

        assert got == [BellRung(bell_id=bell, times=1)]


PROGRAM = """
import os, signal, sys
import django
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from perezvon.foundation.outbox.handlers import Dispatcher, Handler
from perezvon.foundation.outbox.services import Event
from perezvon.foundation.people.models import Team

class BellRung(Event):
    topic = "tests.bell_rung"

def hear(event, now):
    Team.objects.create(code=f"heard-{Team.objects.count() + 1}")
    once = Path(sys.argv[1])
    if not once.exists():
        once.touch()
        os.kill(os.getpid(), signal.SIGKILL)

Dispatcher([Handler("tests.hear", BellRung, hear)]).deliver(datetime.now(UTC))
"""


def test_an_effect_is_there_once_although_its_worker_was_killed_right_after_it(fresh_database, tmp_path):
    with psycopg.connect(fresh_database, autocommit=True) as database:
        database.execute(
            "INSERT INTO outbox_outboxrow (number, topic, body, at)"
            " SELECT n, 'tests.bell_rung', '{}', now() FROM generate_series(1, 2) n"
        )
        lives = [_live(fresh_database, tmp_path / "killed") for _ in range(2)]
        codes = database.execute("SELECT code FROM people_team ORDER BY id").fetchall()
        cursor = database.execute("SELECT number FROM outbox_outboxcursor WHERE reader = 'tests.hear'").fetchone()

    assert lives == [-9, 0]
    assert codes == [("heard-1",), ("heard-2",)]
    assert cursor == (2,)


def _live(url: str, once: Path) -> int:
    where = {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "perezvon.project.settings",
        "PYTHONPATH": str(ROOT / "src"),
    }
    command = [sys.executable, "-c", PROGRAM, str(once)]
    return subprocess.run(command, env=os.environ | where, check=False, timeout=60).returncode


class TestTheRegister:
    def test_takes_no_handler_after_it_was_read(self):
        register.handlers()

        with pytest.raises(RuntimeError, match="too late"):
            handles(BellRung)(lambda event, now: None)


@pytest.mark.django_db
class TestForgetting:
    LONG_AGO = NOW - timedelta(days=1, minutes=1)

    def test_deletes_numbered_rows_older_than_a_day(self):
        write_event(1, at=self.LONG_AGO)
        write_event(2, at=NOW)
        OutboxRow.objects.create(topic=BellRung.topic, body={}, at=self.LONG_AGO)

        assert forget_old_rows(now=NOW, readers={}) == 1
        assert list(OutboxRow.objects.values_list("number", flat=True).order_by("id")) == [2, None]

    def test_keeps_what_a_handler_has_not_read(self):
        for number in (1, 2):
            write_event(number, at=self.LONG_AGO)
        OutboxCursor.objects.create(reader="tests.hear", number=1)

        assert forget_old_rows(now=NOW, readers={"tests.hear": BellRung.topic}) == 1
        assert OutboxRow.objects.get().number == 2

    def test_waits_for_no_handler_of_other_events(self):
        write_event(1, at=self.LONG_AGO)

        assert forget_old_rows(now=NOW, readers={"tests.hear": "something.else"}) == 1

    def test_keeps_everything_while_a_handler_has_not_begun(self):
        write_event(1, at=self.LONG_AGO)

        assert forget_old_rows(now=NOW, readers={"tests.hear": BellRung.topic}) == 0
