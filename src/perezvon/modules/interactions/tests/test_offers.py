"""Products offered in a contact: the picker by kinds, what the customer said, the card (F19.01)."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta

import pytest

from perezvon.modules.catalogue.models import Product, ProductKind
from perezvon.modules.catalogue.selectors import NoSuchProduct
from perezvon.modules.interactions import services
from perezvon.modules.interactions.models import Offer
from perezvon.modules.interactions.selectors import picker
from perezvon.modules.interactions.tests.conftest import NOW

TODAY = date(2026, 11, 22)


def text_of(response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


@pytest.fixture
def kinds(db) -> dict[str, ProductKind]:
    codes = ("credit", "deposit", "fee", "credit_doctor", "internal", "small_business")
    return {
        code: ProductKind.objects.create(code=code, name={"en": code}, position=at) for at, code in enumerate(codes)
    }


@pytest.fixture
def loan(kinds) -> Product:
    return Product.objects.create(kind=kinds["credit"], code="cash_loan", name={"en": "Cash loan"})


@pytest.fixture
def savings(kinds) -> Product:
    return Product.objects.create(kind=kinds["deposit"], code="savings", name={"en": "Savings account"})


@pytest.mark.feature("F19.01")
def test_several_products_are_chosen_from_the_drop_downs_of_six_kinds(browse, olga, elena, contact, loan, savings):
    client = browse(olga)
    url = f"/contacts/{contact.pk}/offers/"

    client.post(url, {"product": loan.pk})
    part = client.post(url, {"product": savings.pk})

    page = part.content.decode()
    assert page.count("popovertarget=") == 6
    assert page.count("disabled title=") == 4  # kinds with nothing to offer
    assert "Cash loan" in text_of(part)
    assert "Savings account" in text_of(part)
    client.post(url, {"product": loan.pk, "answer": "agreed"})
    card = text_of(client.get(f"/customers/{elena.pk}/"))
    assert "Offered products 2 Cash loan Agreed credit" in card
    client.post(url, {"product": savings.pk, "remove": "1"})
    assert [(one.product.code, one.answer) for one in Offer.objects.all()] == [("cash_loan", "agreed")]


def test_the_desk_shows_the_picker_while_it_is_worked_on(olga, contact, loan):
    shown = picker(contact, now=NOW)

    assert [kind["name"] for kind in shown["kinds"]][:2] == ["credit", "deposit"]
    assert shown["kinds"][0]["products"] == [{"id": loan.pk, "name": "Cash loan", "chosen": False}]


@pytest.mark.parametrize("change", [{"until": TODAY - timedelta(days=1)}, {"since": TODAY + timedelta(days=1)},
                                    {"is_active": False}])  # fmt: skip
def test_what_is_not_offered_today_is_not_chosen(olga, contact, loan, change):
    Product.objects.filter(pk=loan.pk).update(**change)

    with pytest.raises(NoSuchProduct):
        services.offer_product(interaction_id=contact.pk, product_id=loan.pk, by=olga, now=NOW)
    assert picker(contact, now=NOW)["kinds"][0]["products"] == []


def test_products_of_another_project_are_not_chosen(olga, contact, loan, cards_project):
    Product.objects.filter(pk=loan.pk).update(project=cards_project)

    with pytest.raises(NoSuchProduct):
        services.offer_product(interaction_id=contact.pk, product_id=loan.pk, by=olga, now=NOW)


def test_a_product_withdrawn_since_keeps_its_answer_and_can_get_another(olga, contact, loan):
    services.offer_product(interaction_id=contact.pk, product_id=loan.pk, by=olga, now=NOW)
    Product.objects.update(is_active=False)

    services.offer_product(interaction_id=contact.pk, product_id=loan.pk, answer="refused", by=olga, now=NOW)

    assert Offer.objects.get().answer == "refused"


@pytest.mark.parametrize("given", [{"product": "x"}, {"product": "9" * 30}, {"product": "1", "answer": "maybe"}])
def test_rubbish_is_refused_in_words(browse, olga, contact, loan, given):
    answer = browse(olga).post(f"/contacts/{contact.pk}/offers/", given)

    assert answer.status_code in {404, 422}
    assert not Offer.objects.exists()
