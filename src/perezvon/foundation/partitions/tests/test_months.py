"""Months of tables: made ahead, filled by themselves, dropped whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from perezvon.foundation import clock
from perezvon.foundation.history.models import Change
from perezvon.foundation.partitions.services import list_months, look_after_months, tables
from perezvon.modules.telephony.models import EVENTS_KEPT, CallCommand, CallEvent

EVENTS, HISTORY = "telephony_callevent", "history_change"
# Long before any installation, so that no month of these is there yet.
SPRING = datetime(2001, 3, 31, 12, tzinfo=UTC)
MIDNIGHT = datetime(2001, 4, 1, tzinfo=UTC)


def months(table: str = EVENTS) -> list[str]:
    return [f"{month.since:%Y-%m}" for month in list_months(table) if month.since.year < 2010]


def event_at(at: datetime) -> CallEvent:
    return CallEvent.objects.create(body={}, at=at, epoch=1)


def places() -> dict[str, int]:
    """How many of our events lie in which part of the table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tableoid::regclass::text, count(*) FROM {EVENTS} GROUP BY 1")  # noqa: S608
        return {name.removeprefix(f"{EVENTS}_"): count for name, count in cursor.fetchall()}


@pytest.mark.django_db
class TestMonths:
    def test_are_there_after_migrating_with_two_to_come(self):
        now = clock.now()
        call_command("migrate", verbosity=0)  # the database that tests get may have been migrated months ago

        for table in tables():
            first, *_, last = list_months(table)
            assert first.since <= now
            assert last.until > now + timedelta(days=59)

    def test_are_made_ahead_and_once(self):
        look_after_months(SPRING)

        assert months() == ["2001-03", "2001-04", "2001-05"]
        assert look_after_months(SPRING) == []

    def test_go_over_into_the_next_at_midnight_in_greenwich(self):
        look_after_months(SPRING)
        event_at(MIDNIGHT - timedelta(microseconds=1))
        event_at(MIDNIGHT)

        assert places() == {"2001_03": 1, "2001_04": 1}
        assert list(CallEvent.objects.order_by("id").values_list("at", flat=True))[1] == MIDNIGHT

    def test_take_what_came_before_they_were_made(self):
        """Nobody made a month for so long that its rows came first."""
        early, other = event_at(SPRING), event_at(SPRING - timedelta(days=365))
        assert places() == {"rest": 2}

        look_after_months(SPRING)

        assert CallEvent.objects.get(pk=early.pk).at == SPRING
        assert places()["2001_03"] == 1
        assert not CallEvent.objects.filter(pk=other.pk).exists()  # older than what is kept

    def test_are_dropped_when_the_last_row_need_not_be_kept(self):
        look_after_months(SPRING)
        event_at(SPRING)
        event_at(MIDNIGHT)

        look_after_months(MIDNIGHT + EVENTS_KEPT - timedelta(seconds=1))
        assert "2001-03" in months()
        done = look_after_months(MIDNIGHT + EVENTS_KEPT)

        assert f"dropped {EVENTS}_2001_03" in done
        assert months()[0] == "2001-04"
        assert places() == {"2001_04": 1}

    def test_of_what_is_kept_for_ever_are_never_dropped(self):
        look_after_months(SPRING)
        Change.objects.create(table="x", row="1", act="I", at=SPRING)

        look_after_months(SPRING + timedelta(days=4000))

        assert "2001-03" in months(HISTORY)
        assert Change.objects.filter(table="x", row="1").exists()


@pytest.mark.django_db
class TestRows:
    def test_have_rising_ids_wherever_they_lie(self):
        look_after_months(SPRING)

        ids = [event_at(at).pk for at in (MIDNIGHT, SPRING, MIDNIGHT, SPRING - timedelta(days=99))]

        assert ids == sorted(set(ids))

    def test_are_found_and_changed_by_their_id_alone(self):
        look_after_months(SPRING)
        command = CallCommand.objects.create(
            id="0199d5a0-0000-7000-8000-000000000001",
            call="0199d5a0-0000-7000-8000-000000000002",
            connector="x",
            body={},
            at=SPRING,
            expires_at=SPRING,
        )

        assert CallCommand.objects.filter(pk=command.pk).update(outcome="sent") == 1
        assert CallCommand.objects.get(pk=command.pk).outcome == "sent"


@pytest.mark.django_db(transaction=True)
def test_cutting_can_be_taken_back_and_loses_no_row():
    first = event_at(SPRING)
    change = Change.objects.create(table="x", row="1", act="I", at=SPRING)

    call_command("migrate", "telephony", "0002", verbosity=0)
    call_command("migrate", "history", "0001", verbosity=0)
    assert list(tables()) == []
    second = event_at(SPRING)
    call_command("migrate", verbosity=0)

    assert sorted(tables()) == [HISTORY, "telephony_callcommand", EVENTS]
    assert first.pk < second.pk < event_at(clock.now()).pk
    assert Change.objects.get(pk=change.pk).at == SPRING
