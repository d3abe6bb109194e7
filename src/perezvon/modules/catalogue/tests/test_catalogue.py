"""The catalogue: kinds and products, changed by an administrator, in blueprints."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from perezvon.foundation.access import System
from perezvon.foundation.people.models import Project, Role, User
from perezvon.modules.catalogue.blueprint import export_catalogue, load_catalogue
from perezvon.modules.catalogue.models import Product, ProductKind
from perezvon.modules.catalogue.selectors import find_products, offered
from perezvon.project import blueprint

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BY = System(name="test")

pytestmark = pytest.mark.django_db


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def browser(client):
    def browser(role: str):
        user = User.objects.create_user(role, last_name="X", language="en", role=Role.objects.get(code=role))
        client.force_login(user)
        return client

    return browser


class TestPages:
    def test_let_an_administrator_add_change_and_withdraw(self, browser):
        client = browser("information_administrator")
        assert "There are no kinds of products yet." in text_of(client.get("/products/"))

        client.post("/products/kinds/new/", {"code": "Credit", "name_ru": "Кредитный", "name_en": "Credit"})
        kind = ProductKind.objects.get()
        new = {"code": "mortgage", "name_ru": "Ипотека", "name_en": "Mortgage", "kind": str(kind.pk), "project": ""}
        client.post("/products/new/", new | {"since": "01.01.2026", "until": "31.12.2026"})

        product = Product.objects.get()
        assert (kind.code, product.since, product.until) == ("credit", date(2026, 1, 1), date(2026, 12, 31))
        page = text_of(client.get("/products/"))
        assert "Mortgage mortgage all projects 01.01.2026 – 31.12.2026" in page
        client.post(f"/products/{product.pk}/", new | {"name_en": "Home loan", "version": "1"})
        assert "Home loan" in text_of(client.get("/products/"))
        late = client.post(f"/products/{product.pk}/", new | {"version": "1"})
        assert late.status_code == 409
        client.post(f"/products/{product.pk}/switch/")
        assert "withdrawn" in text_of(client.get("/products/"))
        assert offered(0, on=date(2026, 11, 22))[0].products == ()

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"code": "с кириллицей"}, "A key has small Latin letters"),
            ({"name_ru": "", "name_en": ""}, "Give it a name"),
            ({"since": "31.12.2026", "until": "01.01.2026"}, "The last day is before the first one."),
            ({"since": "32.12.2026"}, "A date needs day, month and year"),
        ],
    )
    def test_say_at_the_field_what_is_wrong_and_keep_what_was_typed(self, browser, wrong, words):
        client = browser("information_administrator")
        kind = ProductKind.objects.create(code="credit", name={"en": "Credit"})
        right = {"code": "mortgage", "name_ru": "Ипотека", "kind": str(kind.pk), "project": ""}

        answer = client.post("/products/new/", right | wrong)

        assert answer.status_code == 422
        assert words in text_of(answer)
        for value in (right | wrong).values():
            assert value in answer.content.decode()
        assert not Product.objects.exists()

    def test_are_closed_to_others(self, browser):
        client = browser("operator")

        assert client.get("/products/").status_code == 403
        assert client.post("/products/kinds/new/", {"code": "x", "name_ru": "x"}).status_code == 403


def test_the_bank_ships_six_kinds_and_they_load_again(browser):
    blueprint.load(blueprint.read("bank"), now=NOW)

    kinds = [kind.name["ru"] for kind in ProductKind.objects.all()]
    assert kinds == ["Кредитный", "Депозитный", "Комиссионный", "Кредитный доктор", "Внутренний проект", "Продукты МСБ"]
    written = export_catalogue()
    load_catalogue(written, BY, NOW)
    assert export_catalogue() == written
    loans = Project.objects.get(code="loans")
    assert all(one.products for one in offered(loans.pk, on=date(2026, 11, 22)))
    assert [one.code for one in find_products("ипо", by=BY, limit=5)] == ["mortgage"]
