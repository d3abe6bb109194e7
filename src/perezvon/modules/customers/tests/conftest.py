"""The cast: Olga serves, Ksenia may correct cards, Viktor supervises, Anna's customers are registered by them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from perezvon.foundation.access import System
from perezvon.foundation.people.models import Project, Role, User
from perezvon.modules.customers.keys import product_key
from perezvon.modules.customers.models import Customer, Document, ProductHeld
from perezvon.modules.customers.services import register_potential

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def loans(db) -> Project:
    return Project.objects.create(code="loans", number=101, name={"ru": "Кредиты"})


@pytest.fixture
def cards(db) -> Project:
    return Project.objects.create(code="cards", number=102, name={"ru": "Карты"})


def user(login: str, last_name: str, first_name: str, role: str, *projects: Project) -> User:
    role_row = Role.objects.get(code=role)
    person = User.objects.create_user(login, last_name=last_name, first_name=first_name, role=role_row)
    person.projects.set(projects)
    return person


@pytest.fixture
def olga(loans):
    """An operator who sees the loans only."""
    return user("olga", "Иванова", "Ольга", "operator", loans).actor()


@pytest.fixture
def ksenia(loans):
    return user("ksenia", "Белова", "Ксения", "extended_operator", loans).actor()


@pytest.fixture
def viktor(loans):
    """A supervisor, who sees everything."""
    return user("viktor", "Орлов", "Виктор", "supervisor", loans).actor()


@pytest.fixture
def people(make):
    """Four customers, by name: Belov, Ivanova, Orlov, Smirnova."""
    return {
        "orlov": make("Орлов Пётр Ильич", phone_mobile="8 916 111-11-11", birth_date="12.10.1980"),
        "smirnova": make("Смирнова Елена Павловна", phone_mobile="8 916 222-22-22", birth_date="14.05.1981"),
        "belov": make("Белов Олег", phone_mobile="8 916 333-33-33", no_middle_name="on"),
        "ivanova": make("Иванова Анна Сергеевна", phone_mobile="8 916 444-44-44", birth_date="02.02.1990"),
    }


@pytest.fixture
def browse(client):
    """Sign in, reading English: browse(olga) gives her browser."""

    def browse(person):
        User.objects.filter(pk=person.id).update(language="en")
        client.force_login(User.objects.get(pk=person.id))
        return client

    return browse


@pytest.fixture
def system():
    return System(name="test")


@pytest.fixture
def make(system, db):
    """Register a customer: make("Смирнова Елена Павловна", phone_mobile="8 916 …", …)."""

    def make(full_name: str, *, project: Project | None = None, **typed: str) -> Customer:
        parts = dict(zip(("last_name", "first_name", "middle_name"), full_name.split(), strict=False))
        typed.setdefault("email", f"box{Customer.objects.count()}@mail.example")
        return register_potential(typed=parts | typed, by=system, now=NOW, project_id=project and project.pk)

    return make


def hold(customer: Customer, kind: str, number: str, balance: str = "1000") -> ProductHeld:
    """Give the customer a card or an account."""
    return ProductHeld.objects.create(
        customer=customer, kind=kind, name=kind, key_hash=product_key(number), last4=number[-4:], balance=balance
    )


def passport_of(customer: Customer) -> str:
    return Document.objects.get(customer=customer).number
