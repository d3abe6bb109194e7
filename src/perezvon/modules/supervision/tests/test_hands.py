"""Raised hands: who may ask, who hears of it, what is written; and which calls a supervisor may come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perezvon.cores.calls.model import Call, Leg
from perezvon.cores.calls.words import Act, Direction, Phase, Role
from perezvon.cores.routing import Agent as Standing
from perezvon.foundation import clock
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Role as PersonsRole
from perezvon.foundation.personal.registry import Subject
from perezvon.kernel.errors import NotAllowed, NotFound
from perezvon.kernel.ids import AgentId, CallId, LegId, uuid7
from perezvon.modules.customers.models import Customer
from perezvon.modules.interactions.events import InteractionEnded
from perezvon.modules.reporting.tests.contacts import make_call, make_project, make_queue, make_user
from perezvon.modules.supervision import services
from perezvon.modules.supervision.handlers import lower_the_hand
from perezvon.modules.supervision.models import HelpMessage, HelpRequest
from perezvon.modules.supervision.personal import holder
from perezvon.modules.supervision.selectors import call_of, list_help
from perezvon.modules.supervision.tests.test_floor import stored
from perezvon.modules.telephony.models import EngineState
from perezvon.modules.telephony.services import Click, NoPhone, request, supervise

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def queue(db):
    PersonsRole.objects.filter(code="supervisor").update(all_projects=False)
    return make_queue(make_project("loans", 1), "loans")


@pytest.fixture
def olga(queue):
    return make_user("olga", "operator", queue.project)


@pytest.fixture
def viktor(queue):
    return make_user("viktor", "supervisor", queue.project)


@pytest.fixture
def stranger(queue):
    """Supervises other projects."""
    return make_user("stranger", "supervisor", make_project("cards", 2))


@pytest.fixture
def customer(db):
    return Customer.objects.create(id=uuid7(NOW), number=1, last_name="Smirnova", created_at=NOW)


@pytest.fixture
def contact(queue, olga, customer):
    contact = make_call(queue, NOW - timedelta(minutes=2), agent=olga, customer=customer)
    contact.ended_at = None
    contact.save()
    return contact


def ask(contact, by, text="May I?", now=NOW):
    return services.ask_help(interaction_id=contact.pk, text=text, by=by.actor(), now=now)


def talks(contact, agent) -> Call:
    """The engine knows of the conversation."""
    call = Call(
        id=CallId(contact.pk), contact_id=contact.pk, direction=Direction.INBOUND, line="bank", number="79161112233",
        began_at=NOW, phase=Phase.TALKING, since=NOW, owner=AgentId(agent.pk), answered_at=NOW,
        legs=[Leg(LegId(uuid4()), Role.AGENT, f"agent:{agent.pk}", AgentId(agent.pk), answered=True, joined=True)],
    )  # fmt: skip
    stored("call", str(call.id), call)
    EngineState.objects.filter(kind="call").update(agents=[agent.pk])
    return call


def has_phone(user) -> None:
    stored("agent", str(user.pk), Standing(AgentId(user.pk), reachable=True))


class TestAsking:
    def test_is_heard_by_those_who_watch_the_project(self, contact, olga, viktor, stranger):
        asked = ask(contact, olga)

        told = OutboxRow.objects.filter(topic="live", body__kind="help").latest("pk")
        assert told.audience == ["right:supervision.watch", f"user:{olga.pk}"]
        assert list_help(by=viktor.actor()) == [asked]
        assert list_help(by=stranger.actor()) == []

    def test_twice_is_one_request_with_two_messages(self, contact, olga):
        assert ask(contact, olga, "one") == ask(contact, olga, "two", NOW + timedelta(seconds=1))
        assert [message.text for message in HelpMessage.objects.all()] == ["one", "two"]

    def test_needs_no_words(self, contact, olga):
        ask(contact, olga, " ")

        assert not HelpMessage.objects.exists()

    def test_is_for_who_has_the_contact_in_hand(self, contact, queue):
        ivan = make_user("ivan", "operator", queue.project)

        with pytest.raises(services.NotYours):
            ask(contact, ivan)

    def test_too_many_words_are_refused_with_the_limit(self, contact, olga):
        with pytest.raises(services.NothingSaid) as refused:
            ask(contact, olga, "x" * 1001)

        assert refused.value.facts["most"] == 1000
        assert not HelpRequest.objects.exists()


class TestAnswering:
    def test_makes_who_answers_first_the_senior(self, contact, olga, viktor, queue):
        asked = ask(contact, olga)
        other = make_user("other", "supervisor", queue.project)

        services.say(request_id=asked.pk, text="Yes", by=viktor.actor(), now=NOW)
        services.say(request_id=asked.pk, text="I too say yes", by=other.actor(), now=NOW)

        asked.refresh_from_db()
        assert (asked.senior, asked.answered_at) == (viktor, NOW)

    def test_of_ones_own_hand_makes_nobody_the_senior(self, contact, olga):
        asked = ask(contact, olga)

        services.say(request_id=asked.pk, text="Hello?", by=olga.actor(), now=NOW)

        asked.refresh_from_db()
        assert asked.senior is None

    def test_is_not_for_other_operators_and_other_projects(self, contact, olga, stranger, queue):
        asked = ask(contact, olga)

        for by in (stranger, make_user("ivan", "operator", queue.project)):
            with pytest.raises(NotFound):
                services.say(request_id=asked.pk, text="Hm", by=by.actor(), now=NOW)

    def test_is_over_with_the_conversation(self, contact, olga, viktor):
        asked = ask(contact, olga)

        lower_the_hand(InteractionEnded(interaction_id=contact.pk), NOW)

        assert list_help(by=viktor.actor()) == []
        with pytest.raises(NotFound):
            services.say(request_id=asked.pk, text="Too late", by=viktor.actor(), now=NOW)

    def test_without_a_word_is_refused(self, contact, olga, viktor):
        asked = ask(contact, olga)

        with pytest.raises(services.NothingSaid):
            services.say(request_id=asked.pk, text="  ", by=viktor.actor(), now=NOW)

    def test_costs_the_strip_two_queries_however_many_ask(self, contact, olga, viktor, queue):
        ask(contact, olga)
        for number in range(3):
            user = make_user(f"one-{number}", "operator", queue.project)
            ask(make_call(queue, NOW, agent=user), user)

        by = viktor.actor()
        with CaptureQueriesContext(connection) as asked:
            assert len(list_help(by=by)) == 4
        assert len(asked) == 2


class TestPages:
    def test_the_operators_panel_shows_the_talk_and_says_what_was_refused(self, contact, olga, client):
        client.force_login(olga)
        url = f"/floor/contacts/{contact.pk}/hand/"
        assert b"Ask for the senior" in client.get(url).content

        shown = client.post(url, {"text": "May I?"})
        assert b"May I?" in shown.content
        asked = HelpRequest.objects.get()
        assert client.post(f"{url}{asked.pk}/", {"text": ""}).status_code == 422

        shown = client.post(f"{url}{asked.pk}/", {"act": "end"})
        assert b"Ask for the senior" in shown.content

    def test_the_seniors_dialog_leads_to_the_call(self, contact, olga, viktor, client):
        talks(contact, olga)
        asked = ask(contact, olga)
        client.force_login(viktor)

        page = client.get(f"/floor/hands/{asked.pk}/").content
        assert b"Whisper" in page
        assert b"May I?" in page
        shown = client.post(f"/floor/hands/{asked.pk}/", {"act": "end"}).content
        assert b"settled" in shown
        assert b"Whisper" not in shown

    def test_are_not_for_those_without_the_right(self, contact, olga, client):
        asked = ask(contact, olga)
        client.force_login(olga)

        assert client.get("/floor/hands/").status_code == 403
        assert client.get(f"/floor/hands/{asked.pk}/").status_code == 403


class TestComing:
    def test_is_asked_of_the_engine_and_kept(self, contact, olga, viktor):
        call = talks(contact, olga)
        has_phone(viktor)

        supervise(call_id=call.id, click=Click(uuid4(), Act.LISTEN), by=viktor.actor(), now=NOW)

        assert "listen" in str(OutboxRow.objects.latest("pk").body)
        assert CommandRecord.objects.filter(name="telephony.supervise", actor=f"user:{viktor.pk}").exists()

    def test_needs_a_phone(self, contact, olga, viktor):
        call = talks(contact, olga)

        with pytest.raises(NoPhone):
            supervise(call_id=call.id, click=Click(uuid4(), Act.LISTEN), by=viktor.actor(), now=NOW)

    def test_is_for_the_projects_that_one_supervises(self, contact, olga, stranger):
        call = talks(contact, olga)
        has_phone(stranger)

        with pytest.raises(NotFound):
            supervise(call_id=call.id, click=Click(uuid4(), Act.LISTEN), by=stranger.actor(), now=NOW)
        assert call_of(olga.pk, by=stranger.actor()) is None

    @pytest.mark.parametrize("act", [Act.LISTEN, Act.WHISPER, Act.BARGE, Act.TAKE_OVER])
    def test_is_not_for_operators_by_any_way(self, contact, olga, queue, act):
        call = talks(contact, olga)
        ivan = make_user("ivan", "operator", queue.project)
        has_phone(ivan)

        with pytest.raises(NotAllowed):
            request(call_id=call.id, click=Click(uuid4(), act), by=ivan.actor(), now=NOW)

    def test_is_offered_where_the_supervisor_sees_the_operator(self, contact, olga, viktor):
        talks(contact, olga)

        found = call_of(olga.pk, by=viktor.actor())

        assert found
        assert (found.customer, found.number) == ("Smirnova", "79161112233")


class TestPersonalData:
    def test_is_handed_over_and_erased_with_the_person(self, contact, olga, customer):
        ask(contact, olga, "Smirnova is angry")
        subject = Subject((customer.pk,), 1, "Smirnova", frozenset())
        held = holder()

        assert [row["text"] for row in held.export(subject)["help_messages"]] == ["Smirnova is angry"]
        assert held.erase(subject, NOW) == held.count(subject) + 1 == 1
        assert not HelpMessage.objects.exclude(text="").exists()
