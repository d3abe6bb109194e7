"""One field for everything: actions, places and records of every kind."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model


@pytest.fixture
def palette(client, olga):
    client.force_login(get_user_model().objects.get(pk=olga.id))

    def ask(text: str) -> str:
        return client.get("/palette/", {"q": text}, headers={"HX-Request": "true"}).content.decode()

    return ask


@pytest.mark.parametrize("typed", ["Смирнова", "cvbhyjdf", "cvbhyjd", "смернова", "8 (916) 123-45-67", "4509 123456"])
def test_finds_a_customer_by_whatever_is_known_of_him(palette, make, typed):
    found = make("Смирнова Елена Павловна", phone_mobile="+79161234567", passport="4509123456")

    assert f"/customers/{found.pk}/" in palette(typed)


def test_finds_places_and_actions_in_either_keyboard_layout(palette):
    assert 'href="/customers/new/"' in palette("зарег")
    assert 'href="/customers/new/"' in palette("pfhtu")
    assert 'href="/customers/"' not in palette("офис нет")


def test_offers_nothing_that_one_may_not_do(palette, make, cards, client):
    there = make("Смирнова Елена", project=cards)

    assert str(there.pk) not in palette("Смирнова")
    assert "/topics/" not in palette("")


def test_asks_a_stranger_to_sign_in(client, db):
    answer = client.get("/palette/", {"q": "x"}, headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/sign-in/?next=%2F")


@pytest.mark.parametrize("typed", ["\x00", "x" * 5000, "%", "№", "()|&!:*", "'", "9" * 40])
def test_takes_anything(palette, typed):
    assert "palette-lines" in palette(typed)
