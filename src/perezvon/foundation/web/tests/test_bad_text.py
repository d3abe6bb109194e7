"""Requests that hold what cannot be kept or read: refused in words, whichever page they are for."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from perezvon.foundation.access import declared
from perezvon.foundation.people.models import Role, User

ZERO, HALF, TOO_LONG = "%00", "%2B2AA-", "9" * 5000  # the second is half a character in UTF-7
WORDS = "cannot be kept"


@pytest.fixture
def browser(db) -> Client:
    """Of somebody who may everything."""
    role = Role.objects.create(code="all", rights=sorted(declared()), all_projects=True)
    client = Client()
    client.force_login(User.objects.create(login="anna", last_name="Orlova", role=role, language="en"))
    return client


class TestAddress:
    def test_with_half_a_character_is_refused(self, browser):
        answer = browser.get(f"/office/?q={HALF}", headers={"content-type": "text/plain; charset=utf-7"})

        assert answer.status_code == 400
        assert WORDS in answer.content.decode()

    def test_is_left_to_a_page_that_can_read_it(self, browser):
        assert browser.get(f"/admin/audit/?row={ZERO}").status_code == 200

    def test_of_a_copy_of_no_role_begins_a_new_one(self, browser):
        assert browser.get(f"/admin/roles/new/?like={TOO_LONG}").status_code == 200


class TestForm:
    def test_with_a_zero_byte_is_refused(self, db):
        answer = Client().post("/sign-in/", {"login": "anna\0", "password": "x"}, headers={"Accept-Language": "en"})

        assert answer.status_code == 400
        assert WORDS in answer.content.decode()

    @pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "part"])
    def test_with_a_number_longer_than_any_is_refused(self, browser, headers):
        answer = browser.post(reverse("topics:change", args=[1]), {"version": TOO_LONG}, headers=headers)

        assert answer.status_code == 400
        assert WORDS in answer.content.decode()


def test_a_mistake_of_ours_is_not_blamed_on_the_request(browser, monkeypatch):
    def broken(*_args: object, **_more: object) -> None:
        raise ValueError("ours")

    monkeypatch.setattr("perezvon.modules.accounts.lists.find_people", broken)
    with pytest.raises(ValueError, match="ours"):
        browser.get("/admin/people/?q=anna")
