"""Messages from the monitor: whom they reach, and that they stand there until they are read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from perezvon.cores.routing import Agent as Standing
from perezvon.cores.routing import Presence
from perezvon.foundation import clock
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Role
from perezvon.kernel.errors import NotAllowed, NotFound
from perezvon.kernel.ids import AgentId
from perezvon.modules.reporting.tests.contacts import make_project, make_queue, make_user
from perezvon.modules.routing.models import Agent
from perezvon.modules.supervision import services
from perezvon.modules.supervision.models import FloorMessage
from perezvon.modules.supervision.selectors import unread_messages
from perezvon.modules.supervision.tests.test_floor import stored

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def operator(login, *queues, presence=Presence.READY):
    user = make_user(login, "operator", *{queue.project for queue in queues})
    Agent.objects.create(user=user).queues.set(queues)
    stored("agent", str(user.pk), Standing(AgentId(user.pk), presence=presence, reachable=True))
    return user


@pytest.fixture
def floor(db):
    """Two queues of a project, one of another; somebody off shift."""
    Role.objects.filter(code="supervisor").update(all_projects=False)
    project = make_project("loans", 1)
    loans, mortgage = make_queue(project, "loans"), make_queue(project, "mortgage")
    cards = make_queue(make_project("cards", 2), "cards")
    return {
        "viktor": make_user("viktor", "supervisor", project),
        "olga": operator("olga", loans),
        "ivan": operator("ivan", loans, mortgage),
        "anna": operator("anna", loans, presence=Presence.OUT),
        "dina": operator("dina", cards),
        "mortgage": mortgage,
    }


def tell(floor, text="Fire drill at four", **whom):
    return services.tell_operators(text=text, by=floor["viktor"].actor(), now=NOW, **whom)


class TestTelling:
    def test_all_reaches_those_on_shift_in_ones_projects(self, floor):
        assert tell(floor) == 2

        assert set(FloorMessage.objects.values_list("user", flat=True)) == {floor["olga"].pk, floor["ivan"].pk}
        told = OutboxRow.objects.filter(topic="live", body__kind="floor_message").latest("pk")
        assert set(told.audience) == {f"user:{floor['olga'].pk}", f"user:{floor['ivan'].pk}"}

    def test_a_queue_reaches_those_who_serve_it(self, floor):
        assert tell(floor, queue_id=floor["mortgage"].pk) == 1
        assert FloorMessage.objects.get().user == floor["ivan"]

    def test_one_reaches_him_wherever_he_is(self, floor):
        assert tell(floor, user_id=floor["anna"].pk) == 1

        assert [one.text for one in unread_messages(floor["anna"].actor())] == ["Fire drill at four"]

    def test_nobody_of_other_projects(self, floor):
        with pytest.raises(NotFound):
            tell(floor, user_id=floor["dina"].pk)

    @pytest.mark.parametrize("text", [" ", "x" * 501])
    def test_needs_words_and_not_too_many(self, floor, text):
        with pytest.raises(services.NothingSaid):
            tell(floor, text)

    def test_is_for_supervisors(self, floor):
        with pytest.raises(NotAllowed):
            services.tell_operators(text="Hm", by=floor["olga"].actor(), now=NOW)


class TestReading:
    def test_takes_it_away_for_who_has_read_it(self, floor, client):
        tell(floor)
        message = FloorMessage.objects.get(user=floor["olga"])
        client.force_login(floor["ivan"])
        client.post(f"/floor/messages/{message.pk}/")
        client.force_login(floor["olga"])
        assert b"Fire drill" in client.get("/floor/messages/").content

        assert b"Fire drill" not in client.post(f"/floor/messages/{message.pk}/").content
        assert len(unread_messages(floor["ivan"].actor())) == 1


class TestDialog:
    def test_sends_and_says_to_how_many(self, floor, client):
        client.force_login(floor["viktor"])
        assert b"Message to the floor" in client.get("/floor/messages/write/").content

        sent = client.post("/floor/messages/write/", {"text": "Lunch is late", "queue": ""})
        assert "2" in sent["HX-Trigger"]
        assert client.post("/floor/messages/write/", {"text": ""}).status_code == 422
        assert client.get("/floor/messages/write/?user=x").status_code == 404
