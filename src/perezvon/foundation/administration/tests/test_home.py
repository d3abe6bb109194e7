"""The page on which administrators find what they may set up."""

from __future__ import annotations

import pytest
from django.test import Client

from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page
from perezvon.foundation.people.models import Role, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def browse():
    def of(role: str) -> Client:
        browser = Client()
        user = User.objects.create(login=role, last_name="Admin", language="en", role=Role.objects.get(code=role))
        browser.force_login(user)
        return browser

    return of


def titles(answer) -> list[str]:
    return [str(page.label) for section in answer.context["sections"] for page in section["pages"]]


class TestHome:
    @pytest.mark.feature("F28.01")
    def test_shows_to_everybody_what_he_may_open(self, browse):
        assert {"People", "Roles and rights", "Projects"} <= set(titles(browse("system_administrator").get("/admin/")))
        shown = titles(browse("information_administrator").get("/admin/"))
        assert "Projects" in shown
        assert "People" not in shown

    def test_opens_what_it_shows(self, browse):
        for role in ("system_administrator", "information_administrator"):
            client = browse(role)
            for section in client.get("/admin/").context["sections"]:
                for page in section["pages"]:
                    assert client.get(page.url).status_code == 200, page.url

    def test_finds_a_page_by_words_of_its_description(self, browse):
        assert titles(browse("system_administrator").get("/admin/", {"q": "zone project"})) == ["Projects"]

    def test_is_in_the_rail_of_those_who_have_something_to_set_up(self, browse):
        assert 'href="/admin/"' in browse("information_administrator").get("/me/").content.decode()
        assert 'href="/admin/"' not in browse("operator").get("/me/").content.decode()

    def test_sends_strangers_to_sign_in(self):
        assert Client().get("/admin/").status_code == 302

    def test_a_page_is_registered_once(self):
        twice = AdminPage(Section.DATA, "Another", "", "users", "accounts:people", "people.manage")
        with pytest.raises(ValueError, match="registered twice"):
            register_admin_page(twice)
