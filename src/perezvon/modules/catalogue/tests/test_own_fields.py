"""Fields that an administrator gives to products and offices."""

from __future__ import annotations

import pytest

from perezvon.foundation.fields.services import Wanted, add_field, add_section
from perezvon.foundation.imports.registry import OnMatch, Policy, Row
from perezvon.modules.catalogue.blueprint import export_own, load_own
from perezvon.modules.catalogue.importing import import_offices, targets
from perezvon.modules.catalogue.models import OFFICE, PRODUCT, Office, Product, ProductKind
from perezvon.modules.catalogue.tests.test_catalogue import BY, NOW, browser, text_of
from perezvon.modules.catalogue.tests.test_offices import tula, typed
from perezvon.modules.customers.services import register_potential

__all__ = ["browser", "tula"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def fields(db) -> None:
    for kind, key, label in ((PRODUCT, "rate", "Rate from, %"), (OFFICE, "seats", "Seats")):
        add_section(kind=kind, key="more", label={"en": "More"}, by=BY, now=NOW)
        add_field(kind=kind, key=key, type="number", wanted=Wanted({"en": label}, "more"), by=BY, now=NOW)


@pytest.fixture
def loan(fields) -> Product:
    kind = ProductKind.objects.create(code="credit", name={"en": "Credit"})
    return Product.objects.create(code="loan", name={"en": "Cash loan"}, kind=kind)


@pytest.fixture
def office(fields, tula) -> Office:
    return Office.objects.create(
        code="kremlin",
        settlement=tula,
        name={"en": "Kremlin office"},
        address={"en": "1 Sadovaya"},
        zone="Europe/Moscow",
    )


def test_a_product_has_them_on_its_form_and_where_operators_look_it_up(browser, loan):
    page = f"/products/{loan.pk}/"
    administrator = browser("information_administrator")
    assert 'name="custom_rate"' in administrator.get(page).content.decode()
    given = {"name_ru": "Кредит", "name_en": "Cash loan", "kind": loan.kind_id, "version": loan.version}

    refused = administrator.post(page, {**given, "custom_rate": "much"})
    assert (refused.status_code, 'value="much"' in refused.content.decode()) == (422, True)
    administrator.post(page, {**given, "custom_rate": "19,9"})

    loan.refresh_from_db()
    assert loan.custom == {"rate": "19.9"}
    assert 'value="19,9"' in administrator.get(page).content.decode()
    seen = text_of(browser("operator").get("/knowledge/about/?product=loan"))
    assert "Rate from, % 19.9" in seen.replace("19,9", "19.9")


def test_an_office_has_them_on_its_form_and_on_the_cards_of_its_customers(browser, office, tula):
    page = f"/products/offices/{office.pk}/"
    given = typed(tula) | {"version": str(office.version), "custom_seats": "40"}

    browser("information_administrator").post(page, given)

    office.refresh_from_db()
    assert office.custom == {"seats": "40"}
    customer = register_potential(typed={"last_name": "Petrov", "phone_mobile": "89161234567"}, by=BY, now=NOW)
    type(customer).objects.filter(pk=customer.pk).update(office=office)
    assert "Seats 40" in text_of(browser("operator").get(f"/customers/{customer.pk}/"))


def test_offices_are_imported_with_them_and_taken_back(office, tula):
    assert "custom_seats" in [one.code for one in targets(BY)]
    policy = Policy(on_match=OnMatch.OVERWRITE)

    def put(seats: str):
        values = {"code": ("kremlin",), "custom_seats": (seats,)}
        return import_offices(rows=[Row(1, values)], policy=policy, by=BY, now=NOW)[0]

    wrong, done = put("many"), put("55")

    office.refresh_from_db()
    assert [problem.field for problem in wrong.problems] == ["custom_seats"]
    assert done.changes == {"custom_seats": ("", "55")}
    assert office.custom == {"seats": "55"}
    assert done.undo["before"]["custom"] == {}


def test_they_go_with_the_configuration(loan, office):
    Product.objects.update(custom={"rate": "19.9"})
    Office.objects.update(custom={"seats": "40"})
    kept = export_own()
    Product.objects.update(custom={})
    Office.objects.update(custom={})
    assert export_own() == {}

    load_own({"catalogue_own": {**kept["catalogue_own"], "product": {"loan": {"rate": "19.9"}, "gone": {}}}}, BY, NOW)

    own = {"product": {"loan": {"rate": "19.9"}}, "office": {"kremlin": {"seats": "40"}}}
    assert export_own() == kept == {"catalogue_own": own}
