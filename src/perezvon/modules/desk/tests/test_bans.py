"""Dialling somebody who must not be contacted, and who may call on a customer's behalf."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from perezvon.foundation.access import System
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.services import (
    Acting,
    Banned,
    add_representative,
    ban_contact,
    register_potential,
)
from perezvon.modules.interactions.models import Channel, Interaction
from perezvon.modules.routing.models import Queue
from perezvon.modules.telephony.models import Line

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BY = System(name="test")
NUMBER = "8 916 123-45-67"
HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def loans() -> Project:
    project = Project.objects.create(code="loans", number=101, name={"en": "Loans"})
    queue = Queue.objects.create(code="loans", name={"en": "Loans"}, project=project)
    Line.objects.create(address="loans", name={"en": "Loans"}, project=project, queue=queue)
    return project


@pytest.fixture
def smirnova() -> Customer:
    typed = {"last_name": "Смирнова", "first_name": "Елена", "phone_mobile": NUMBER}
    return register_potential(typed=typed, by=BY, now=NOW)


@pytest.fixture
def sign_in(client, loans):
    def sign_in(role: str) -> User:
        user = User.objects.create_user(
            role, last_name=role.title(), first_name="A", role=Role.objects.get(code=role), language="en"
        )
        user.projects.add(loans)
        client.force_login(user)
        return user

    return sign_in


def asked_to_call() -> int:
    return sum("+79161234567" in json.dumps(row.body) for row in OutboxRow.objects.all())


def words_of(response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


class TestDialling:
    def test_goes_on_where_nothing_forbids_it(self, client, sign_in, smirnova):
        sign_in("operator")

        assert client.post(reverse("desk:dial"), {"number": NUMBER}, headers=HTMX).status_code == 202
        assert asked_to_call() == 1

    def test_is_refused_in_words_to_an_operator(self, client, sign_in, smirnova):
        sign_in("operator")
        ban_contact(banned=Banned("asked twice", channel="call"), customer_id=smirnova.pk, by=BY, now=NOW)

        answer = client.post(reverse("desk:dial"), {"number": NUMBER}, headers=HTMX)

        assert answer.status_code == 409
        assert "The customer is not to be contacted: asked twice." in words_of(answer)
        typed_reason = client.post(reverse("desk:dial"), {"number": NUMBER, "reason": "urgent"}, headers=HTMX)
        assert typed_reason.status_code == 403
        assert asked_to_call() == 0

    def test_asks_a_supervisor_why_and_keeps_it(self, client, sign_in, smirnova):
        viktor = sign_in("supervisor")
        ban_contact(banned=Banned("asked twice"), address=NUMBER, by=BY, now=NOW)

        answer = client.post(reverse("desk:dial"), {"number": NUMBER}, headers=HTMX)
        assert answer.status_code == 422
        assert answer["HX-Retarget"] == "#dialogs"
        assert "This number is not to be used: asked twice." in words_of(answer)
        assert asked_to_call() == 0

        given = {"number": NUMBER, "reason": "his card was stolen"}
        assert client.post(reverse("desk:dial"), given, headers=HTMX).status_code == 202
        assert asked_to_call() == 1
        record = CommandRecord.objects.get(name="telephony.call_out_anyway")
        assert (record.actor, record.why) == (f"user:{viktor.pk}", "his card was stolen")


def test_who_calls_on_a_customers_behalf_is_chosen_in_the_identification(client, sign_in, loans, smirnova):
    olga = sign_in("operator")
    acting = Acting("attorney", "Белов Олег", document="77 AB 12")
    add_representative(customer_id=smirnova.pk, acting=acting, by=BY, now=NOW)
    contact = Interaction.objects.create(
        id=uuid7(NOW), number=1, project=loans, channel=Channel.PHONE, direction="inbound",
        began_at=NOW, answered_at=NOW, agent=olga, customer=smirnova,
    )  # fmt: skip

    dialog = words_of(client.get(reverse("desk:identify", args=[contact.pk])))
    assert "May call on the customer's behalf Белов Олег Power of attorney, 77 AB 12 He is calling" in dialog
    given = {"speaker": "Белов Олег", "on_behalf": "Смирнова Елена", "helper": "1"}
    panel = client.post(reverse("desk:speaker", args=[contact.pk]), given, headers=HTMX)

    assert "Who speaks: Белов Олег" in " ".join(words_of(panel).split()).replace(" :", ":")
    contact.refresh_from_db()
    assert (contact.speaker, contact.on_behalf) == ("Белов Олег", "Смирнова Елена")
