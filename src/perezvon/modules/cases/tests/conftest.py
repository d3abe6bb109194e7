"""The cast: Olga and Ivan serve the loans, Viktor supervises them; Elena is a customer who complains.

Kinds are those that the bank ships with.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from perezvon.foundation.access import Person, System
from perezvon.foundation.people.models import Project, Role, Team, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.cases.models import Case, CaseCategory, CaseKind, CaseState, CaseStep
from perezvon.modules.cases.services import register_case
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.services import register_potential
from perezvon.modules.interactions.models import Channel, Interaction
from perezvon.project.blueprint import read

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)  # a Monday, noon in Moscow
SYSTEM = System(name="test")

type Register = Callable[..., Case]


@pytest.fixture
def loans(db: None) -> Project:
    settings = {"identification": {"need": 1, "attempts": 3, "questions": ["address"]}}
    return Project.objects.create(code="loans", number=101, name={"en": "Loans"}, settings=settings)


@pytest.fixture
def kinds(loans: Project) -> dict[str, CaseKind]:
    """Those of the bank, put in as rows: loading the blueprint as administrators do takes a second each time."""
    return {row["code"]: _kind(row) for row in read("bank")["cases"]}


def _kind(row: dict[str, Any]) -> CaseKind:
    kind = CaseKind.objects.create(
        code=row["code"],
        name=row["name"],
        prefix=row.get("prefix", ""),
        priority=3 if row.get("priority") == "high" else 2,
        after_identification=row.get("after_identification", False),
        asks_mark=row.get("asks_mark", False),
        checklist=row.get("checklist", []),
    )
    states = CaseState.objects.bulk_create(
        CaseState(kind=kind, position=place, **state) for place, state in enumerate(row["states"])
    )
    of_code = {state.code: state for state in states}
    CaseStep.objects.bulk_create(
        CaseStep(
            kind=kind,
            source=of_code[step["from"]],
            target=of_code[step["to"]],
            name=step["name"],
            roles=step.get("roles", []),
            requires=step.get("requires", []),
            position=place,
        )
        for place, step in enumerate(row["steps"])
    )
    CaseCategory.objects.bulk_create(
        CaseCategory(kind=kind, position=place, **one) for place, one in enumerate(row["categories"])
    )
    return kind


def person(login: str, project: Project, role: str = "operator", team: Team | None = None) -> Person:
    user = User.objects.create_user(
        login, last_name=login.title(), first_name="O", role=Role.objects.get(code=role), language="en", team=team
    )
    user.projects.add(project)
    return user.actor()


@pytest.fixture
def cards(db: None) -> Project:
    return Project.objects.create(code="cards", number=102, name={"en": "Cards"})


@pytest.fixture
def olga(loans: Project) -> Person:
    return person("olga", loans)


@pytest.fixture
def ivan(loans: Project) -> Person:
    return person("ivan", loans)


@pytest.fixture
def viktor(loans: Project) -> Person:
    return person("viktor", loans, "supervisor")


@pytest.fixture
def lisa(loans: Project) -> Person:
    return person("lisa", loans, "information_administrator")


@pytest.fixture
def elena(db: None) -> Customer:
    typed = {
        "last_name": "Smirnova",
        "first_name": "Elena",
        "phone_mobile": "89161234567",
        "email": "elena@example.com",
        "address_registered": "Moscow, Lesnaya 5",
    }
    return register_potential(typed=typed, by=SYSTEM, now=NOW)


@pytest.fixture
def register(kinds: dict[str, CaseKind], loans: Project, olga: Person, elena: Customer) -> Register:
    """register("complaint", subject="…") makes a case of Elena's, by Olga."""

    def made(kind: str = "complaint", *, by: Person = olga, now: datetime = NOW, **typed: str) -> Case:
        return register_case(
            kind_id=kinds[kind].pk,
            project_id=loans.pk,
            typed={"subject": "Fee for the card", **typed},
            customer_id=elena.pk,
            by=by,
            now=now,
        )

    return made


def talk(project: Project, who: Person, with_whom: Customer | None, at: datetime = NOW) -> Interaction:
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
def browse(client: Client) -> Callable[[Person], Client]:
    """Sign in: browse(olga) gives her browser."""

    def signed_in(who: Person) -> Client:
        client.force_login(User.objects.get(pk=who.id))
        return client

    return signed_in


def step_id(case: Case, to: str) -> int:
    """The step that leads to a state from where the case is."""
    return case.kind.steps.get(source=case.state, target__code=to).pk
