"""One request brings what has changed on the desk, and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from perezvon.foundation.people.models import Project, Role, User
from perezvon.foundation.ui.parts import keys_in
from perezvon.kernel.ids import uuid7
from perezvon.modules.desk.web.parts import UNCHANGED
from perezvon.modules.interactions.models import Channel, Interaction
from perezvon.modules.routing.models import NotReadyReason

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def olga(db, client):
    loans = Project.objects.create(code="loans", number=101, name={"en": "Loans"})
    user = User.objects.create_user(
        "olga", last_name="Ivanova", first_name="Olga", role=Role.objects.get(code="operator"), language="en"
    )
    user.projects.add(loans)
    client.force_login(user)
    return user


@pytest.fixture
def page(client, olga):
    return client.get(reverse("desk:desk")).content.decode()


def ask(client, keys: dict[str, str]):
    return client.get(reverse("desk:parts"), keys, headers={"HX-Request": "true"})


class TestParts:
    def test_of_the_page_just_loaded_are_all_as_shown(self, client, page):
        assert set(keys_in(page)) == {"shown", "helper_shown", "callbar", "rail_work", "notestrip", "script"}
        assert all(keys_in(page).values())

        assert ask(client, keys_in(page)).status_code == UNCHANGED

    def test_that_have_changed_come_alone_and_leave_the_workspace(self, client, page, olga):
        NotReadyReason.objects.create(code="lunch", name={"en": "Lunch"}, position=1)

        answer = ask(client, keys_in(page))
        body = answer.content.decode()

        assert 'id="callbar" hx-swap-oob="true"' in body
        assert "Lunch" in body
        assert answer["HX-Reswap"] == "none"
        others = {"rail-work", "notestrip", "helper", "screen-key", "script"}
        assert not others & set(re.findall(r' id="([\w-]+)"', body))
        assert ask(client, keys_in(page) | keys_in(body)).status_code == UNCHANGED

    def test_all_come_to_a_page_that_shows_something_else(self, client, page):
        answer = ask(client, dict.fromkeys(keys_in(page), "other"))
        body = answer.content.decode()

        assert keys_in(body) == keys_in(page)
        assert "HX-Reswap" not in answer

    def test_leave_an_older_contact_that_was_opened_by_its_address(self, client, olga):
        contact = Interaction.objects.create(
            id=uuid7(NOW), number=1, project=Project.objects.get(), channel=Channel.PHONE, direction="inbound",
            began_at=NOW, answered_at=NOW, ended_at=NOW, agent=olga, state="wrap_up",
        )  # fmt: skip
        page = client.get(reverse("desk:write_up", args=[contact.pk])).content.decode()

        assert ask(client, keys_in(page)).status_code == UNCHANGED

    def test_cost_eight_queries_between_calls(self, client, page, django_assert_num_queries):
        """Session, person; standing, reasons, state; the shift and its figures; tasks that wait."""
        with django_assert_num_queries(8):
            ask(client, keys_in(page))
