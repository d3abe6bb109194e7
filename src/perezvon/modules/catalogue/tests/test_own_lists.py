"""Fields that an administrator has added to products and offices."""

from __future__ import annotations

import json

import pytest

from perezvon.foundation.access import System
from perezvon.foundation.fields.indexes import prepare
from perezvon.foundation.fields.models import CustomField, FieldsStamp
from perezvon.foundation.fields.services import Wanted, add_field, add_section
from perezvon.modules.catalogue.models import Office, Product, ProductKind
from perezvon.modules.catalogue.selectors import find_offices, find_products
from perezvon.modules.catalogue.tests.test_catalogue import BY, NOW, browser, text_of
from perezvon.modules.catalogue.tests.test_import_offices import HEAD, KREMLIN, _own_folder, bring, run_jobs, undo
from perezvon.modules.catalogue.tests.test_offices import tula, typed

__all__ = ["_own_folder", "browser", "run_jobs", "tula"]

pytestmark = pytest.mark.django_db
ADMIN = "information_administrator"


def give(kind: str, key: str, label: str, type: str = "text", **more) -> None:
    """A field; its index, if it wants one, counts as built."""
    by = System(name="test")
    if not CustomField.objects.filter(kind=kind).exists():
        add_section(kind=kind, key="more", label={"en": "More of it"}, by=by, now=NOW)
    add_field(kind=kind, key=key, type=type, wanted=Wanted({"en": label}, "more", **more), by=by, now=NOW)
    CustomField.objects.filter(kind=kind, key=key).update(index_state=CustomField.Index.READY)
    FieldsStamp.renew(kind)


@pytest.fixture
def card(db) -> Product:
    kind = ProductKind.objects.create(code="cards", name={"en": "Cards"})
    return Product.objects.create(code="gold", name={"en": "Gold", "ru": "Золотая"}, kind=kind)


class TestProducts:
    def sent(self, card: Product, **own: object) -> dict[str, object]:
        return {"name_ru": "Золотая", "name_en": "Gold", "kind": card.kind_id, "version": card.version, **own}

    def test_have_them_on_their_form_in_their_list_and_in_search(self, browser, card):
        give("product", "rate", "Rate", "number", searchable=True)
        ProductKind.objects.create(code="loans", name={"en": "Loans"})
        give("product", "loan_term", "Term of the loan", variants=("loans",))
        client, address = browser(ADMIN), f"/products/{card.pk}/"

        form = client.get(address).content.decode()
        assert ('name="custom_rate"' in form, 'name="custom_loan_term"' in form) == (True, False)
        wrong = client.post(address, self.sent(card, custom_rate="a lot"))
        assert wrong.status_code == 422
        assert 'value="a lot"' in wrong.content.decode()
        saved = client.post(address, self.sent(card, custom_rate="12,5", custom_loan_term="not of cards"))

        assert saved.status_code == 302
        card.refresh_from_db()
        assert card.custom == {"rate": "12.5"}
        assert 'value="12,5"' in client.get(address).content.decode()
        asked = {"cols": "name,code,custom_rate", "where": json.dumps(["and", ["custom_rate", "least", "12"]])}
        assert "Gold gold 12.5" in text_of(client.get("/products/all/", asked))
        asked["where"] = json.dumps(["and", ["custom_rate", "least", "13"]])
        assert "Gold gold" not in text_of(client.get("/products/all/", asked))
        out = client.post("/products/all/export/", {"format": "csv", "state": "cols=code,custom_rate"})
        assert "12.5" in out.content.decode().replace(",", ".")
        assert find_products("12,5", by=BY, limit=5) == [card]

    def test_what_a_role_may_only_see_it_cannot_change(self, browser, card):
        give("product", "margin", "Margin", access={ADMIN: "seen"})
        give("product", "secret", "Secret", access={ADMIN: "hidden"})
        Product.objects.filter(pk=card.pk).update(custom={"margin": "high", "secret": "hush"})
        client, address = browser(ADMIN), f"/products/{card.pk}/"

        page = client.get(address)
        client.post(address, self.sent(card, custom_margin="low", custom_secret="loud"))

        assert "Margin high" in text_of(page)
        assert "hush" not in page.content.decode()
        card.refresh_from_db()
        assert card.custom == {"margin": "high", "secret": "hush"}


class TestOffices:
    def test_have_them_on_their_form_in_their_list_and_in_search(self, browser, tula):
        give("office", "director", "Director", searchable=True, required=True)
        client = browser(ADMIN)

        missing = client.post("/products/offices/new/", typed(tula, custom_director=""))
        client.post("/products/offices/new/", typed(tula, custom_director="Petrova"))

        assert "This must be filled in." in text_of(missing)
        office = Office.objects.get()
        assert office.custom == {"director": "Petrova"}
        asked = {"cols": "name,custom_director", "where": json.dumps(["and", ["custom_director", "contains", "Petr"]])}
        assert "Kremlin office Petrova" in text_of(client.get("/products/offices/all/", asked))
        assert find_offices("Petrova", by=BY, limit=5) == [office]

    def test_come_with_a_table_and_go_with_it(self, browser, settings, monkeypatch):
        give("office", "opened", "Opened", "date")
        monkeypatch.setattr("perezvon.modules.catalogue.tests.test_import_offices.HEAD", f"{HEAD};Opened")
        client = browser(ADMIN)

        bring(client, f"{KREMLIN};01.06.2020")
        assert Office.objects.get().custom == {"opened": "2020-06-01"}
        second = bring(client, f"{KREMLIN};02.06.2020", on_match="overwrite")
        assert Office.objects.get().custom == {"opened": "2020-06-02"}
        undo(second)
        assert Office.objects.get().custom == {"opened": "2020-06-01"}
        bring(client, f"{KREMLIN};on a Monday", on_match="overwrite")

        assert Office.objects.get().custom == {"opened": "2020-06-01"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["product", "office"])
def test_an_index_is_built_for_those_that_are_searched(kind, browser):
    give(kind, "mark", "Mark", searchable=True)
    CustomField.objects.update(index_state="")

    prepare(kind)

    assert CustomField.objects.get().index_state == CustomField.Index.READY


@pytest.mark.parametrize("address", ["/products/all/", "/products/offices/all/"])
def test_lists_cost_the_same_however_many_fields_there_are(address, browser, card, django_assert_max_num_queries):
    for number in range(8):
        give("product", f"field_{number}", f"Field {number}")
        give("office", f"field_{number}", f"Field {number}")
    client = browser(ADMIN)
    client.get(address)

    with django_assert_max_num_queries(14):
        assert client.get(address).status_code == 200
