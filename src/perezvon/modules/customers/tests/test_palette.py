"""One field for everything: actions, places and records of every kind."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model

from perezvon.foundation.people.models import Role, User


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


def test_leads_to_lists_and_what_can_be_begun_above_them(palette):
    assert 'href="/contracts/"' in palette("договор")
    assert 'href="/contracts/"' in palette("ljujdjh")
    assert 'href="/tasks/new/"' in palette("новая задача")
    assert palette("клиенты").count('href="/customers/"') == 1
    assert 'href="/tasks/new/"' not in palette("")
    assert 'href="/customers/"' in palette("")


def test_leads_to_pages_of_the_administration_area_by_their_description_too(client, db):
    boss = Role.objects.get(code="system_administrator")
    client.force_login(User.objects.create_user("boss", last_name="Седова", role=boss))

    def ask(text: str) -> str:
        return client.get("/palette/", {"q": text}, headers={"HX-Request": "true"}).content.decode()

    assert 'href="/admin/audit/"' in ask("журнал действий")
    assert 'href="/admin/audit/"' in ask("кто что сделал")
    assert ask("сотрудники").count('href="/admin/people/"') == 1


def test_parts_what_is_begun_from_where_one_goes(palette):
    lines = palette("задач")

    assert lines.index('href="/tasks/new/"') < lines.index("Разделы") < lines.index('href="/tasks/board/"')


def test_leads_nobody_where_he_may_not_go(palette):
    assert "/admin/people/" not in palette("сотрудники")
    assert "/imports/new/" not in palette("импорт")
