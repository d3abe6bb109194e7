"""An unknown caller whom the company's own base knows: from the call card to a card of ours."""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.urls import reverse

from perezvon.foundation.access import System
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import Customer, OutsideSource
from perezvon.modules.customers.services import (
    WantedSource,
    delete_customers,
    merge_customers,
    put_outside_source,
    register_potential,
)
from perezvon.modules.desk.screens.callbar import CallView
from perezvon.modules.desk.screens.card import found_for
from perezvon.modules.interactions.models import Channel, Interaction
from perezvon.modules.interactions.services import clarify_number

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BY = System(name="test")
HTMX = {"HX-Request": "true"}
ELENA = {
    "id": "C-17",
    "last": "Смирнова",
    "first": "Елена",
    "phones": ["+7 916 123-45-67", "8 495 123-45-67", "not a number"],
    "mail": "elena@mail.example",
    "tariff": "Gold",
    "url": "https://crm.example/C-17",
}
PATHS = {
    "list": "people", "key": "id", "last_name": "last", "first_name": "first", "company_name": "company",
    "phones": "phones", "emails": "mail", "url": "url",
}  # fmt: skip

pytestmark = pytest.mark.django_db


class Base:
    """The company's base: a real server that knows whom it holds, or is down."""

    def __init__(self) -> None:
        self.people: list[dict[str, Any]] = [ELENA]
        self.is_down, self.asked = False, []
        base = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                base.asked.append((self.path, self.headers["Authorization"]))
                body = json.dumps({"people": base.people}).encode()
                self.send_response(503 if base.is_down else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/people?phone={{phone}}"


@pytest.fixture
def base() -> Iterator[Base]:
    base = Base()
    yield base
    base.server.shutdown()
    base.thread.join(5)
    base.server.server_close()


@pytest.fixture
def loans() -> Project:
    return Project.objects.create(code="loans", number=101, name={"en": "Loans"})


@pytest.fixture
def connected(base) -> OutsideSource:
    wanted = WantedSource(
        {"en": "Company CRM"}, base.url, "Authorization: Bearer {secret}", "s3cret", PATHS, [("Tariff", "tariff")]
    )
    return put_outside_source(wanted=wanted, by=BY, now=NOW)


@pytest.fixture
def olga(loans, client):
    user = User.objects.create_user("olga", last_name="A", role=Role.objects.get(code="operator"), language="en")
    user.projects.add(loans)
    client.force_login(user)
    return user.actor()


@pytest.fixture
def contact(loans, olga) -> Interaction:
    return unknown_caller(loans, 1)


def unknown_caller(loans: Project, number: int) -> Interaction:
    return Interaction.objects.create(
        id=uuid7(NOW), number=number, project=loans, channel=Channel.PHONE, direction="inbound",
        address="79161234567", began_at=NOW, answered_at=NOW,
    )  # fmt: skip


def call_of(contact: Interaction, state: str) -> CallView:
    return CallView(uuid7(NOW), contact.pk, 1, state, "", "phone", NOW, contact.address, "", "")


def take(client, contact: Interaction, key: str = "C-17"):
    return client.post(reverse("desk:outside_take", args=[contact.pk]), {"key": key}, headers=HTMX)


def words_of(response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


@pytest.mark.feature("F01.31", partly="core banking and card systems have connectors of their own (bank)")
@pytest.mark.feature("F04.04")
def test_an_unknown_caller_is_found_in_the_companys_base_and_taken_over(client, contact, olga, base, connected):
    ringing = found_for(call_of(contact, "ringing"), contact, olga, NOW)
    talking = found_for(call_of(contact, "talking"), contact, olga, NOW)
    assert base.asked == []  # the call card never waits for it

    shown = client.get(ringing["outside_url"], headers=HTMX)
    assert "Смирнова Елена" in words_of(shown)
    assert "Tariff Gold" in words_of(shown)
    assert "Take over" not in words_of(shown)
    assert base.asked == [("/people?phone=79161234567", "Bearer s3cret")]
    assert "Take over into our base" in words_of(client.get(talking["outside_url"], headers=HTMX))

    assert take(client, contact).status_code == 200

    elena = Customer.objects.get()
    contact.refresh_from_db()
    assert contact.customer_id == elena.pk
    assert (elena.full_name, elena.source, elena.project) == ("Смирнова Елена", "Company CRM", contact.project)
    assert [point.digits or point.raw for point in elena.points.all()] == [
        "79161234567", "74951234567", "elena@mail.example",
    ]  # fmt: skip
    record = CommandRecord.objects.get(name="customers.take_over")
    assert (record.actor, record.result["pk"]) == (f"user:{olga.id}", str(elena.pk))
    assert found_for(call_of(contact, "talking"), contact, olga, NOW)["kind"] == "one"


class TestTakingOver:
    def test_twice_makes_one_card(self, client, contact, loans, connected):
        take(client, contact)
        again = unknown_caller(loans, 2)
        take(client, again)

        again.refresh_from_db()
        assert again.customer_id == Customer.objects.get().pk

    def test_finds_the_card_into_which_the_first_was_merged(self, client, contact, loans, connected):
        take(client, contact)
        first = Customer.objects.get()
        kept = register_potential(
            typed={"last_name": "Смирнова", "phone_mobile": "89160000001"}, by=BY, now=NOW, project_id=loans.pk
        )
        merge_customers(kept_id=kept.pk, gone_id=first.pk, take=(), by=BY, now=NOW)
        again = unknown_caller(loans, 2)
        take(client, again)

        again.refresh_from_db()
        assert again.customer_id == kept.pk

    def test_after_the_card_was_deleted_makes_a_new_one(self, client, contact, loans, connected):
        take(client, contact)
        delete_customers(customer_ids=[Customer.objects.get().pk], by=BY, now=NOW)
        again = unknown_caller(loans, 2)
        take(client, again)

        again.refresh_from_db()
        assert again.customer.deleted_at is None
        assert Customer.objects.count() == 2

    def test_is_refused_before_the_answer(self, client, contact, connected):
        Interaction.objects.update(answered_at=None)

        answer = take(client, contact)

        assert answer.status_code == 409
        assert "nothing is created before" in words_of(answer)
        assert not Customer.objects.exists()

    def test_needs_the_right_to_register(self, client, contact, olga, base, connected):
        role = Role.objects.get(code="operator")
        role.rights = [right for right in role.rights if right != "customers.register"]
        role.save()

        assert "Take over" not in words_of(client.get(reverse("desk:outside", args=[contact.pk]) + "?take"))
        base.asked.clear()
        assert take(client, contact).status_code == 403
        assert base.asked == []

    def test_takes_what_that_base_says_now(self, client, contact, base, connected):
        base.people = []

        assert take(client, contact).status_code == 404
        assert not Customer.objects.exists()

    def test_a_company_and_what_cannot_be_kept(self, client, contact, base, connected):
        base.people = [{"id": 5, "company": "Ромашка", "mail": "no mail", "phones": "12"}]

        assert take(client, contact, "5").status_code == 200
        made = Customer.objects.get()
        assert (made.kind, made.full_name) == ("company", "Ромашка")
        assert [point.digits for point in made.points.all()] == ["79161234567"]

    def test_nobody_without_a_name_is_registered(self, client, contact, base, connected):
        base.people = [{"id": 5}]

        assert take(client, contact, "5").status_code == 422
        assert not Customer.objects.exists()


class TestAsking:
    def ask(self, client, contact) -> str:
        return words_of(client.get(reverse("desk:outside", args=[contact.pk]) + "?take", headers=HTMX))

    def test_a_base_that_is_away_is_said_to_be_and_can_be_asked_again(self, client, contact, base, connected):
        base.is_down = True
        assert self.ask(client, contact) == "The base “Company CRM” does not answer now. Ask again"
        assert take(client, contact).status_code == 503
        base.is_down = False
        assert "Смирнова" in self.ask(client, contact)

    def test_nobody_is_said_in_a_sentence(self, client, contact, base, connected):
        base.people = []
        assert "has nobody with +7 916 123-45-67 either" in self.ask(client, contact).replace("\xa0", " ")

    def test_the_number_named_in_the_talk_is_asked_for(self, client, contact, olga, base, connected):
        clarify_number(interaction_id=contact.pk, number="8 903 765-43-21", by=olga, now=NOW)
        self.ask(client, contact)
        assert [path for path, _token in base.asked] == ["/people?phone=79037654321"]

    def test_nothing_is_asked_where_none_is_connected_or_it_is_switched_off(self, client, contact, olga, base, loans):
        def offered() -> bool:
            return "outside_url" in found_for(call_of(contact, "talking"), contact, olga, NOW)

        assert not offered()
        wanted = WantedSource({"en": "CRM"}, base.url, paths=PATHS)
        source = put_outside_source(wanted=wanted, by=BY, now=NOW)
        assert offered()
        OutsideSource.objects.filter(pk=source.pk).update(in_use=False)
        assert not offered()
        assert self.ask(client, contact) == ""
        assert base.asked == []

    def test_nothing_is_asked_of_a_withheld_number_or_of_somebody_known(self, client, contact, olga, base, connected):
        Interaction.objects.update(address="")
        contact.refresh_from_db()
        assert "outside_url" not in found_for(call_of(contact, "talking"), contact, olga, NOW)
        assert self.ask(client, contact) == ""
        known = register_potential(typed={"last_name": "A", "phone_mobile": "89161234567"}, by=BY, now=NOW)
        Interaction.objects.update(address="79161234567")
        contact.refresh_from_db()
        assert found_for(call_of(contact, "talking"), contact, olga, NOW)["kind"] == "one"
        Interaction.objects.update(customer=known)
        assert self.ask(client, contact) == ""
        assert base.asked == []

    def test_a_projects_own_base_comes_first(self, client, contact, base, connected, loans):
        wanted = WantedSource({"en": "Loans CRM"}, base.url, paths=PATHS, project_id=loans.pk)
        put_outside_source(wanted=wanted, by=BY, now=NOW)
        self.ask(client, contact)
        assert [token for _path, token in base.asked] == [None]

    def test_another_projects_contact_is_closed(self, client, contact, connected):
        other = Project.objects.create(code="cards", number=102, name={"en": "Cards"})
        Interaction.objects.update(project=other)
        assert client.get(reverse("desk:outside", args=[contact.pk])).status_code == 404
        assert take(client, contact).status_code == 404
