"""The cast: Olga and Ivan serve the loans in one team, Viktor supervises; Elena in Omsk is a customer who called."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from perezvon.foundation.access import System
from perezvon.foundation.people.models import Project, Role, Team, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.services import register_potential
from perezvon.modules.interactions.models import Channel, Interaction

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday; noon in Moscow, three in the afternoon in Omsk


@pytest.fixture
def loans(db) -> Project:
    return Project.objects.create(code="loans", number=101, name={"en": "Loans"}, zone="Europe/Moscow")


@pytest.fixture
def line1(db) -> Team:
    return Team.objects.create(code="line1", name={"en": "First line"})


def person(login: str, project: Project, team: Team | None, role: str = "operator"):
    user = User.objects.create_user(
        login, last_name=login.title(), first_name="O", role=Role.objects.get(code=role), language="en", team=team
    )
    user.email = f"{login}@bank.example"
    user.save()
    user.projects.add(project)
    return user.actor()


@pytest.fixture
def olga(loans, line1):
    return person("olga", loans, line1)


@pytest.fixture
def ivan(loans, line1):
    return person("ivan", loans, line1)


@pytest.fixture
def viktor(loans):
    return person("viktor", loans, None, "supervisor")


@pytest.fixture
def elena(loans) -> Customer:
    typed = {"last_name": "Smirnova", "first_name": "Elena", "phone_mobile": "89161234567"}
    made = register_potential(typed=typed, by=System(name="test"), now=NOW)
    made.zone = "Asia/Omsk"
    made.save()
    return made


@pytest.fixture
def contact(loans, olga, elena) -> Interaction:
    return Interaction.objects.create(
        id=uuid7(NOW),
        number=1,
        project=loans,
        channel=Channel.PHONE,
        direction="inbound",
        customer=elena,
        address="79161234567",
        began_at=NOW,
        answered_at=NOW,
        ended_at=NOW,
        agent_id=olga.id,
    )


@pytest.fixture
def browse(client):
    """Sign in: browse(olga) gives her browser."""

    def browse(who):
        client.force_login(User.objects.get(pk=who.id))
        return client

    return browse
