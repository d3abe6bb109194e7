"""The cast: Anna keeps the fields, Olga serves, Ksenia may correct cards. Records are customers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from perezvon.foundation.access import System
from perezvon.foundation.fields import services
from perezvon.foundation.fields.services import Wanted
from perezvon.foundation.people.models import Project, Role, User

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SYSTEM = System(name="test")


def user(login: str, role: str) -> User:
    person = User.objects.create_user(login, last_name=login.title(), role=Role.objects.get(code=role), language="en")
    person.projects.set(Project.objects.all())
    return person


@pytest.fixture
def anna(db):
    return user("anna", "information_administrator").actor()


@pytest.fixture
def olga(db):
    return user("olga", "operator").actor()


@pytest.fixture
def ksenia(db):
    return user("ksenia", "extended_operator").actor()


@pytest.fixture
def browse(client):
    """Sign in: browse(olga) gives her browser."""

    def browse(person):
        client.force_login(User.objects.get(pk=person.id))
        return client

    return browse


@pytest.fixture
def section(db):
    return services.add_section(kind="customer", key="bank", label={"en": "Bank"}, by=SYSTEM, now=NOW)


@pytest.fixture
def add(section):
    """A field of customers: add("limit", "money", options={…}, …)."""

    def add(key: str, type_: str = "text", label: str = "", **wanted: object):
        wanted = Wanted(label={"en": label or key}, section="bank", **wanted)
        return services.add_field(kind="customer", key=key, type=type_, wanted=wanted, by=SYSTEM, now=NOW)

    return add
