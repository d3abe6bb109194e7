"""The cast: Olga and Ivan serve the loans; Elena is a customer, and talks with Olga in `contact`."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from perezvon.foundation.access import System
from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import Customer, ProductHeld
from perezvon.modules.customers.services import register_potential
from perezvon.modules.interactions.models import Channel, Interaction

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
RIGHT = {"full_name": "Смирнова Елена Павловна", "passport": "4509 123456", "code_word": "ромашка", "address": "yes"}


@pytest.fixture
def loans(db) -> Project:
    settings = {"identification": {"need": 2, "attempts": 3, "questions": [*RIGHT]}}
    return Project.objects.create(code="loans", number=101, name={"en": "Loans"}, settings=settings)


def operator(login: str, project: Project):
    user = User.objects.create_user(
        login, last_name=login.title(), first_name="О", role=Role.objects.get(code="operator"), language="en"
    )
    user.projects.add(project)
    return user.actor()


@pytest.fixture
def olga(loans):
    return operator("olga", loans)


@pytest.fixture
def ivan(loans):
    return operator("ivan", loans)


def customer(last_name: str = "Смирнова", phone: str = "89161234567") -> Customer:
    typed = {
        "last_name": last_name,
        "first_name": "Елена",
        "middle_name": "Павловна",
        "passport": "4509123456",
        "phone_mobile": phone,
        "address_registered": "г Москва, ул Лесная, д 5",
        "code_word": "Ромашка",
    }
    made = register_potential(typed=typed, by=System(name="test"), now=NOW)
    ProductHeld.objects.create(customer=made, kind="card", name="Мир", key_hash="x", last4="5672", balance=Decimal(777))
    return made


@pytest.fixture
def elena(db) -> Customer:
    return customer()


def talk(project, who, with_whom, at=NOW) -> Interaction:
    return Interaction.objects.create(
        id=uuid7(at),
        number=Interaction.objects.count() + 1,
        project=project,
        channel=Channel.PHONE,
        direction="inbound",
        customer=with_whom,
        began_at=at,
        answered_at=at,
        agent_id=who.id,
    )


@pytest.fixture
def contact(loans, olga, elena) -> Interaction:
    return talk(loans, olga, elena)


@pytest.fixture
def browse(client):
    """Sign in: browse(olga) gives her browser."""

    def browse(person):
        client.force_login(User.objects.get(pk=person.id))
        return client

    return browse


@pytest.fixture
def cards_project(db) -> Project:
    return Project.objects.create(code="cards", number=102, name={"en": "Cards"})
