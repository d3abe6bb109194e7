"""Every page is opened as every role: it is there, or closed, or elsewhere; and it tells nobody what is masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from perezvon.foundation import clock
from perezvon.foundation.access.rights import ROLES
from perezvon.foundation.people.models import Project, Role, Team, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.cases.models import Case, CaseKind, CaseState
from perezvon.modules.customers.models import ContactPoint, Customer, Document
from perezvon.modules.interactions.services import register_visit
from perezvon.modules.topics.models import Topic
from tests.architecture.test_routes import _routes

pytestmark = pytest.mark.django_db

# What only those with "customers.reveal" read in full, as it is kept and as people write it.
MARKERS = ("4509987654", "45 09 987654", "500100732259", "11223344595", "112-233-445 95")
ANSWERS = {200, 302, 400, 401, 403, 404, 405, 422}  # 401: a session opens nothing of the interface for programs
_PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")
_ANYTHING = {"int": 1, "uuid": "00000000-0000-0000-0000-000000000000"}


@pytest.fixture
def seeded() -> dict[str, Any]:
    """A value for the parameters of addresses, by their names, so that pages have something to show."""
    now = clock.now()
    project = Project.objects.create(code="loans", number=1, name={"en": "Loans"})
    team = Team.objects.create(code="line1", name={"en": "First line"})
    topic = Topic.objects.create(project=project, name={"en": "Statements"})
    customer = Customer.objects.create(
        id=uuid7(now),
        number=7001,
        last_name="Markerova",
        first_name="Test",
        inn="500100732259",
        snils="11223344595",
        created_at=now,
    )
    Document.objects.create(customer=customer, kind=Document.PASSPORT, number="4509987654")
    point = ContactPoint.objects.create(
        customer=customer, kind="phone", use="mobile", digits="79160002119", raw="+79160002119"
    )
    host = User.objects.create(login="host", last_name="Host", role=Role.objects.get(code="supervisor"))
    contact = register_visit(customer_id=customer.pk, project_id=project.pk, note="came", by=host.actor(), now=now)
    kind = CaseKind.objects.create(code="query", name={"en": "Query"})
    state = CaseState.objects.create(kind=kind, code="new", name={"en": "New"}, stage="open")
    case = Case.objects.create(
        id=uuid7(now), number=1, kind=kind, project=project, state=state, stage="open", subject="Query",
        customer=customer, contact=contact, created_at=now, changed_at=now,
    )  # fmt: skip
    return {
        "case_id": case.pk,
        "kind_id": kind.pk,
        "state_id": state.pk,
        "customer_id": customer.pk,
        "point_id": point.pk,
        "interaction_id": contact.pk,
        "contact_id": contact.pk,
        "topic_id": topic.pk,
        "role_id": Role.objects.get(code="operator").pk,
        "key": team.pk,
    }


@pytest.fixture
def people(seeded: dict[str, Any]) -> dict[str, User]:
    made = {}
    for code in ROLES:
        made[code] = User.objects.create(login=code, last_name=code, language="en", role=Role.objects.get(code=code))
        made[code].projects.set(Project.objects.all())
    return made


def addresses(values: dict[str, Any]) -> Iterator[str]:
    """Every address there is, with a value for each of its parameters."""

    def value(found: re.Match[str]) -> str:
        return str(values.get(found[2], _ANYTHING.get(found[1] or "", "none")))

    for route, _pattern in _routes(get_resolver(), ""):
        yield "/" + _PLACE.sub(value, route)


class TestPages:
    @pytest.mark.parametrize("role", ROLES)
    def test_open_or_refuse_in_words_whoever_comes(self, role: str, seeded: dict[str, Any], people: dict[str, User]):
        browser = Client(raise_request_exception=False)
        browser.force_login(people[role])
        values = seeded | {"user_id": people["supervisor"].pk}

        found = {address: browser.get(address) for address in addresses(values) if "sign-out" not in address}

        assert {
            address: answer.status_code for address, answer in found.items() if answer.status_code not in ANSWERS
        } == {}
        assert any(answer.status_code == 200 for answer in found.values())
        if "customers.reveal" not in people[role].role.rights:
            told = [
                (address, marker)
                for address, answer in found.items()
                if not answer.streaming
                for marker in MARKERS
                if marker in answer.content.decode(errors="replace")
            ]
            assert told == []

    def test_would_show_the_markers_if_nothing_masked_them(self, seeded: dict[str, Any], people: dict[str, User]):
        """Else the test above looked for something that is nowhere."""
        customer = Customer.objects.get(pk=seeded["customer_id"])
        assert customer.inn in MARKERS
        assert Document.objects.get(customer=customer).number in MARKERS

    def test_are_closed_to_strangers_but_for_a_few(self, seeded: dict[str, Any]):
        browser = Client(raise_request_exception=False)
        values = seeded | {"user_id": 1}

        opened = [address for address in addresses(values) if browser.get(address).status_code == 200]

        # What describes the programming interface is as public as its source; nothing of anybody is in it.
        few = ("/sign-in/", "/call/", "/healthz", "/metrics", "/voice/", "/ui/", "/api/v1/openapi.json")
        assert all(address.startswith(few) for address in opened), opened
