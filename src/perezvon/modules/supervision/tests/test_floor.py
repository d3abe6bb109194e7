"""The monitor: what it counts, when it warns, and what a supervisor does from it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perezvon.cores.routing import Agent as Standing
from perezvon.cores.routing import AgentStatus, Item, Presence
from perezvon.cores.routing.model import Need, Phase, Work
from perezvon.cores.routing.words import Queued
from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Role
from perezvon.kernel.errors import NotAllowed, NotFound
from perezvon.kernel.ids import AgentId, QueueId
from perezvon.modules.reporting.tests.contacts import make_call, make_project, make_queue, make_user
from perezvon.modules.routing.models import Agent, AgentState, NotReadyReason
from perezvon.modules.routing.services import NoSuchReason, set_presence
from perezvon.modules.supervision.blueprint import export_thresholds, load_thresholds
from perezvon.modules.supervision.models import Threshold
from perezvon.modules.supervision.selectors import get_floor
from perezvon.modules.telephony.models import EngineState
from perezvon.modules.telephony.state import STATE

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BY = System(name="test")


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def loans(db):
    return make_project("loans", 1)


@pytest.fixture
def queue(loans):
    return make_queue(loans, "loans", within_s=20)


@pytest.fixture
def others(db):
    """A queue of a project that Viktor does not supervise."""
    return make_queue(make_project("cards", 2), "cards")


@pytest.fixture
def viktor(loans):
    Role.objects.filter(code="supervisor").update(all_projects=False)
    return make_user("viktor", "supervisor", loans)


def stored(kind: str, key: str, state: object) -> None:
    body = STATE.dump(state)
    del body["type"]
    EngineState.objects.create(kind=kind, key=key, body=body, version=1)


def agent(login: str, queue, since: datetime, status: AgentStatus, **state):
    user = make_user(login, "operator", queue.project)
    Agent.objects.create(user=user).queues.add(queue)
    standing = Standing(AgentId(user.pk), queues=frozenset({QueueId(queue.pk)}), reachable=True, **state)
    assert standing.status is status
    stored("agent", str(user.pk), standing)
    AgentState.objects.create(agent=user, status=status.value, reason=standing.reason, began_at=since)
    return user


def waits(queue, name: str, since: datetime) -> None:
    queued = Queued(item=f"call:{name}", queue=QueueId(queue.pk))
    stored("item", f"call:{name}", Item(queued, since, 0.0, Need(QueueId(queue.pk))))


def text_of(page) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


@pytest.fixture
def floor(queue, others):
    """Two ready, one at lunch for too long, one talking; two calls wait; three calls today, one lost."""
    NotReadyReason.objects.update_or_create(code="lunch", defaults={"name": {"en": "Lunch"}, "limit_minutes": 30})
    agent("anna", queue, ago(minutes=3), AgentStatus.READY, presence=Presence.READY)
    agent("olga", queue, ago(minutes=1), AgentStatus.READY, presence=Presence.READY)
    agent("ivan", queue, ago(minutes=42), AgentStatus.NOT_READY, presence=Presence.NOT_READY, reason="lunch")
    work = Work("call:1", Phase.ACTIVE, QueueId(queue.pk))
    agent("petr", queue, ago(minutes=5), AgentStatus.BUSY, presence=Presence.READY, work=work)
    agent("dina", others, ago(minutes=5), AgentStatus.READY, presence=Presence.READY)
    waits(queue, "a", ago(seconds=150))
    waits(queue, "b", ago(seconds=20))
    waits(others, "c", ago(seconds=500))
    make_call(queue, ago(minutes=10), waited_s=5)
    make_call(queue, ago(minutes=9), waited_s=90, talk_s=None)
    make_call(queue, ago(hours=3), waited_s=10)
    make_call(others, ago(minutes=9), waited_s=90, talk_s=None)


class TestFloor:
    @pytest.mark.feature("F17.01", partly="moving and taking waiting calls (the universal queue)")
    def test_counts_what_its_supervisor_watches_over(self, floor, viktor, queue):
        seen = get_floor(by=viktor.actor(), now=NOW)

        (row,) = seen.queues
        assert (row.queue, row.waiting, row.since, row.ready) == (queue, 2, ago(seconds=150), 2)
        assert (row.recent.total, row.recent.service_level_percent) == (2, 50)
        assert (row.today.total, row.today.abandoned) == (3, 1)
        assert seen.waiting == 2
        assert seen.counts == {AgentStatus.READY: 2, AgentStatus.NOT_READY: 1, AgentStatus.BUSY: 1}

    def test_costs_the_same_however_many_there_are(self, floor, viktor, queue):
        with CaptureQueriesContext(
            connection,
        ) as few:
            get_floor(by=viktor.actor(), now=NOW)
        for name in ("one", "two", "three"):
            agent(name, queue, ago(minutes=1), AgentStatus.READY, presence=Presence.READY)
            waits(queue, name, ago(seconds=1))
        with CaptureQueriesContext(connection) as many:
            get_floor(by=viktor.actor(), now=NOW)

        assert len(many) == len(few) <= 18

    def test_is_not_for_operators(self, floor, queue, client):
        olga = make_user("olga-two", "operator", queue.project)
        client.force_login(olga)

        assert client.get("/floor/").status_code == 403
        with pytest.raises(NotAllowed):
            get_floor(by=olga.actor(), now=NOW)


class TestPage:
    @pytest.mark.feature("F17.02", partly="channels beside the telephone")
    @pytest.mark.feature("F17.04")
    def test_says_who_does_what_and_where_it_is_bad(self, floor, viktor, client):
        client.force_login(viktor)

        page = client.get("/floor/")

        told = text_of(page)
        assert "2 ! calls that wait or are being offered" in told
        assert "50 % ! answered in time" in told
        assert "33 % ! 1 of 3 calls today" in told
        assert "more than 120 s" in told
        assert "Lunch" in told
        assert "longer than agreed" in told
        assert 'hx-trigger="every 1s"' in page.content.decode()
        assert "Cards" not in told

    def test_stands_still_when_it_is_paused(self, floor, viktor, client):
        client.force_login(viktor)

        page = client.get("/floor/?pause=1").content.decode()

        assert "every 1s" not in page
        assert "Paused" in page

    def test_on_the_wall_names_nobody(self, floor, viktor, client):
        client.force_login(viktor)

        told = text_of(client.get("/floor/now/?tv=1"))

        assert "Loans" in told
        assert "Tester O." not in told
        assert "Lunch" not in told

    def test_shows_those_of_a_state(self, floor, viktor, client):
        client.force_login(viktor)

        told = text_of(client.get("/floor/now/?state=not_ready"))

        assert "Tester I." in told
        assert "Tester A." not in told


class TestActing:
    def test_a_supervisor_sends_his_operator_to_another_state(self, floor, viktor, client):
        user = Agent.objects.get(user__login="anna").user
        client.force_login(viktor)
        assert "Lunch" in text_of(client.get(f"/floor/agents/{user.pk}/"))

        answer = client.post(f"/floor/agents/{user.pk}/presence/", {"presence": "not_ready", "reason": "lunch"})

        assert "the new state was asked for" in answer["HX-Trigger"]
        asked = [row.body["body"] for row in OutboxRow.objects.filter(body__body__type="PresenceAsked")]
        assert [(one["agent"], one["by"], one["presence"], one["reason"]) for one in asked] == [
            (user.pk, viktor.pk, "not_ready", "lunch")
        ]

    def test_but_nobody_elses_and_for_no_reason_of_his_own(self, floor, viktor, client):
        dina, anna = (Agent.objects.get(user__login=login).user for login in ("dina", "anna"))
        client.force_login(viktor)

        assert client.post(f"/floor/agents/{dina.pk}/presence/", {"presence": "out"}).status_code == 404
        assert client.post(f"/floor/agents/{anna.pk}/presence/", {"presence": "asleep"}).status_code == 404
        with pytest.raises(NotFound):
            set_presence(user_id=dina.pk, presence=Presence.OUT, by=viktor.actor(), now=NOW)
        with pytest.raises(NoSuchReason):
            set_presence(user_id=anna.pk, presence=Presence.NOT_READY, reason="tired", by=viktor.actor(), now=NOW)


class TestThresholds:
    def test_are_set_for_each_queue_and_warn(self, floor, viktor, client, queue):
        client.force_login(viktor)
        typed = {f"wait_s_{queue.pk}": "600", f"level_percent_{queue.pk}": "40", f"lost_percent_{queue.pk}": "50"}

        client.post("/floor/thresholds/", typed)

        assert "!" not in text_of(client.get("/floor/now/")).replace("longer", "").split("Operators")[0]
        assert Threshold.objects.get().version == 1
        client.post("/floor/thresholds/", typed)
        assert Threshold.objects.get().version == 1

    @pytest.mark.parametrize("wrong", ["", "abc", "-1", "0", "86401", "9" * 30])
    def test_that_cannot_be_are_refused_and_stay_as_typed(self, floor, viktor, client, queue, wrong):
        client.force_login(viktor)
        typed = {f"wait_s_{queue.pk}": wrong, f"level_percent_{queue.pk}": "40", f"lost_percent_{queue.pk}": "50"}

        answer = client.post("/floor/thresholds/", typed)

        assert answer.status_code == 422
        assert f'value="{wrong}"' in answer.content.decode()
        assert not Threshold.objects.exists()

    def test_travel_in_the_configuration(self, queue):
        Threshold.objects.create(queue=queue, wait_s=60)
        part = export_thresholds()
        Threshold.objects.all().delete()

        load_thresholds(part, BY, NOW)
        load_thresholds(part, BY, NOW)

        assert export_thresholds() == part
        assert Threshold.objects.get().version == 1
