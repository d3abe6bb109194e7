"""The identification dialog of the desk, as a browser sees it."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from perezvon.foundation.access import System
from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import ProductHeld
from perezvon.modules.customers.services import register_potential
from perezvon.modules.desk.screens.identify import gate_view, products_view
from perezvon.modules.interactions.models import Channel, Identification, Interaction
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.interactions.services import link_customer

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ALL = ["full_name", "passport", "address", "code_word"]


@pytest.fixture
def loans(db) -> Project:
    settings = {"identification": {"need": 2, "attempts": 3, "questions": ALL}}
    return Project.objects.create(code="loans", number=101, name={"en": "Loans"}, settings=settings)


@pytest.fixture
def olga(loans, client):
    user = User.objects.create_user(
        "olga", last_name="Иванова", first_name="Ольга", role=Role.objects.get(code="operator"), language="en"
    )
    user.projects.add(loans)
    client.force_login(user)
    return user.actor()


def register(last_name: str):
    typed = {
        "last_name": last_name,
        "first_name": "Елена",
        "passport": "4509123456",
        "phone_mobile": "89161234567",
        "address_registered": "г Москва, ул Лесная, д 5",
        "code_word": "Ромашка",
    }
    made = register_potential(typed=typed, by=System(name="test"), now=NOW)
    ProductHeld.objects.create(customer=made, kind="card", name="Мир", key_hash="x", last4="5672", balance=Decimal(777))
    return made


@pytest.fixture
def contact(loans, olga):
    return Interaction.objects.create(
        id=uuid7(NOW), number=1, project=loans, channel=Channel.PHONE, direction="inbound",
        customer=register("Смирнова"), began_at=NOW, answered_at=NOW, agent_id=olga.id,
    )  # fmt: skip


@pytest.fixture
def ask(client, contact):
    """Post answers to the dialog: ask(full_name="…") gives what it says then."""

    def ask(**answers: str) -> str:
        response = client.post(reverse("desk:identify", args=[contact.pk]), answers, headers={"HX-Request": "true"})
        assert response.status_code == 200
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())

    return ask


def fresh(contact, by):
    return get_interaction(contact.pk, by=by)


class TestDialog:
    @pytest.mark.feature("F05.13")
    def test_puts_the_questions_an_administrator_chose(self, client, contact, loans, olga):
        url = reverse("desk:identify", args=[contact.pk])
        page = client.get(url).content.decode()
        assert [code for code in (*ALL, "birth_date") if f'name="{code}"' in page] == ALL
        assert "2 right answers are enough" in page

        loans.settings = {"identification": {"need": 1, "attempts": 1, "questions": ["passport"]}}
        loans.save()
        page = client.get(url).content.decode()
        assert [code for code in ALL if f'name="{code}"' in page] == ["passport"]

    @pytest.mark.feature("F05.12")
    @pytest.mark.parametrize(
        "answers",
        [
            {"full_name": "смирнова елена", "passport": "4509 123456"},
            {"code_word": "ромашка", "address": "yes"},
        ],
        ids=["name and passport", "code word and address"],
    )
    def test_right_answers_identify_the_customer(self, ask, contact, olga, answers):
        assert "Identified. Commercial data is open in this contact." in ask(**answers)

        assert gate_view(fresh(contact, olga), by=olga)["state"] == "passed"

    def test_a_wrong_answer_costs_an_attempt_and_three_lock_the_gate(self, ask, contact, olga):
        assert "This does not agree with the card." in ask(full_name="Орлова Ольга")
        assert "1 attempt left" in ask(full_name="Орлова Ольга")
        assert "The attempts are spent" in ask(full_name="Орлова Ольга")

        gate = gate_view(fresh(contact, olga), by=olga)
        assert (gate["state"], gate["text"]) == ("locked", "not identified, attempts spent")

    def test_a_locked_gate_takes_no_more_answers(self, ask, client, contact):
        for _ in range(3):
            ask(full_name="Орлова Ольга")

        late = client.post(reverse("desk:identify", args=[contact.pk]), {"code_word": "ромашка", "address": "yes"})
        assert late.status_code == 409
        assert "The attempts are spent" in html.unescape(late.content.decode())
        assert Identification.objects.count() == 3

    def test_half_an_answer_costs_nothing(self, ask, contact):
        assert "ten digits" in ask(passport="123456")
        assert not Identification.objects.exists()

    def test_the_code_word_and_the_passport_are_not_on_the_page(self, client, contact):
        page = client.get(reverse("desk:identify", args=[contact.pk])).content.decode()

        assert "123456" not in page.replace(str(contact.pk), "")
        assert "омашка" not in page
        assert "ул Лесная" in page

    @pytest.mark.feature("F05.14")
    def test_products_are_facts_only_behind_the_open_gate(self, ask, contact, olga):
        assert products_view(fresh(contact, olga), by=olga) is None

        ask(code_word="ромашка", address="yes")

        (product,) = products_view(fresh(contact, olga), by=olga) or []
        assert (product["label"], product["value"].replace("\xa0", " ")) == ("Мир •••• 5672", "777 ₽")

    @pytest.mark.feature("F05.11")
    def test_another_customer_closes_the_gate_again(self, ask, contact, olga):
        ask(code_word="ромашка", address="yes")
        link_customer(interaction_id=contact.pk, customer_id=register("Орлова").pk, by=olga, now=NOW)

        assert products_view(fresh(contact, olga), by=olga) is None
        assert gate_view(fresh(contact, olga), by=olga)["state"] == "unneeded"
