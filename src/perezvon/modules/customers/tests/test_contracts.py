"""Contracts: the card of one, changes of its tariff, losses under it (F01.09, F01.19)."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from perezvon.foundation.access import Person
from perezvon.foundation.fields.services import Wanted, add_field, add_section
from perezvon.kernel.errors import NotAllowed
from perezvon.modules.catalogue.models import Product, ProductKind
from perezvon.modules.customers import registry, services
from perezvon.modules.customers.models import Contract, TariffChange
from perezvon.modules.customers.selectors import NoSuchContract, find_contracts, get_contract
from perezvon.modules.customers.services import ContractChangedMeanwhile, FieldsWrong, Terms
from perezvon.modules.customers.tests.conftest import NOW

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)


def text_of(response) -> str:
    page = re.sub(r"<script.*?</script>|<head.*?</head>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ").split())


@pytest.fixture
def smirnova(make):
    return make("Смирнова Елена Павловна", phone_mobile="8 916 222-22-22")


@pytest.fixture
def loan(db) -> Product:
    kind = ProductKind.objects.create(code="credit", name={"en": "Credit"})
    return Product.objects.create(kind=kind, code="cash_loan", name={"en": "Cash loan"})


@pytest.fixture
def contract(smirnova, ksenia, loan) -> Contract:
    terms = Terms("К-17/2026", product_id=loan.pk, ends_on=date(2029, 3, 1), sum=Decimal(450000), tariff="Базовый")
    return services.add_contract(customer_id=smirnova.pk, terms=terms, by=ksenia, now=NOW)


class TestCard:
    @pytest.mark.feature("F01.19")
    def test_shows_product_number_end_and_losses(self, browse, ksenia, smirnova, loan):
        client = browse(ksenia)
        new = f"/customers/{smirnova.pk}/contracts/new/"
        assert "Credit: Cash loan" in client.get(new).content.decode()
        typed = {
            "contract_number": "К-17/2026", "product": str(loan.pk), "contract_state": "active", "currency": "RUB",
            "begins_on": "01.03.2026", "ends_on": "01.03.2029", "sum": "450 000,50", "tariff": "Базовый",
        }  # fmt: skip

        client.post(new, typed)
        found = Contract.objects.get()
        client.post(f"/contracts/{found.pk}/loss/", {"what": "ДТП на Ленина", "on": "20.11.2026", "sum": "12000"})

        page = text_of(client.get(f"/contracts/{found.pk}/"))
        assert "Contract К-17/2026 In force" in page
        assert "Product Cash loan" in page
        assert "Last day 01.03.2029" in page
        assert "450,000.50 ₽" in page
        assert "ДТП на Ленина 20.11.2026, Белова К. 12,000 ₽" in page
        card = text_of(client.get(f"/customers/{smirnova.pk}/"))
        assert "К-17/2026 In force Cash loan, until 01.03.2029" in card

    @pytest.mark.feature("F01.24")
    def test_names_the_insurer_whose_policy_it_is(self, browse, ksenia, smirnova, make):
        insurer, client = make("", kind="company", company_name="СК Здорово"), browse(ksenia)
        typed = {"contract_number": "1100039", "contract_state": "active", "currency": "RUB"}
        typed["partner_card"] = str(insurer.number)
        new = f"/customers/{smirnova.pk}/contracts/new/"
        wrong = client.post(new, typed | {"partner_card": "77777777"})
        assert wrong.status_code == 422
        assert 'value="1100039"' in wrong.content.decode()
        client.post(new, typed)
        assert "1100039 In force СК Здорово" in text_of(client.get(f"/customers/{smirnova.pk}/"))

    @pytest.mark.feature("F01.09")
    def test_tells_how_the_tariff_changed(self, browse, ksenia, contract):
        client = browse(ksenia)

        for tariff, day in (("Выгодный", "01.06.2026"), ("Выгодный", "02.06.2026"), ("Премиум", "01.11.2026")):
            client.post(f"/contracts/{contract.pk}/tariff/", {"tariff": tariff, "since": day, "reason": "he asked"})

        page = text_of(client.get(f"/contracts/{contract.pk}/"))
        assert "Выгодный → Премиум 01.11.2026, he asked Базовый → Выгодный 01.06.2026" in page
        assert "Tariff Премиум" in page
        assert TariffChange.objects.count() == 2

    def test_keeps_sums_from_those_who_have_not_identified_him(self, browse, olga, contract, ksenia, monkeypatch):
        services.add_loss(contract_id=contract.pk, on=TODAY, what="theft", amount=Decimal(777), by=ksenia, now=NOW)
        monkeypatch.setattr(registry, "_gates", [lambda customer, by: False])
        client = browse(olga)
        for address in (f"/contracts/{contract.pk}/", f"/customers/{contract.customer_id}/", "/contracts/"):
            page = text_of(client.get(address))
            assert "450,000" not in page
            assert "theft" not in page
        assert "Opens in a contact with the customer" in text_of(client.get(f"/contracts/{contract.pk}/"))

        monkeypatch.setattr(registry, "_gates", [lambda customer, by: isinstance(by, Person)])

        page = text_of(client.get(f"/contracts/{contract.pk}/"))
        assert "450,000 ₽" in page
        assert "theft" in page

    def test_has_fields_of_an_administrators_own(self, browse, ksenia, contract, system):
        add_section(kind="contract", key="car", label={"en": "Car"}, by=system, now=NOW)
        wanted = Wanted(label={"en": "Plate"}, section="car")
        add_field(kind="contract", key="plate", type="text", wanted=wanted, by=system, now=NOW)
        client = browse(ksenia)
        form = client.get(f"/contracts/{contract.pk}/edit/").content.decode()
        assert 'name="custom_plate"' in form

        typed = {
            "contract_number": contract.number, "contract_state": "active", "currency": "RUB", "version": "1",
            "custom_plate": "А123ВС77", "ends_on": "01.03.2029", "sum": "450000",
        }  # fmt: skip
        client.post(f"/contracts/{contract.pk}/edit/", typed)

        assert "Car Plate А123ВС77" in text_of(client.get(f"/contracts/{contract.pk}/"))
        contract.refresh_from_db()
        assert contract.custom == {"plate": "А123ВС77"}


class TestRules:
    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"contract_number": ""}, "This must be filled in."),
            ({"contract_number": "К-17/2026"}, "has a contract with this number already"),
            ({"begins_on": "01.01.2027", "ends_on": "01.01.2026"}, "The last day is before the first one."),
            ({"sum": "much"}, "This is no number"),
            ({"sum": "-5"}, "Not less than 0."),
            ({"currency": "XXX"}, "Choose one from the list."),
            ({"partner_card": "999999"}, "There is no card with this number"),
        ],
    )
    def test_are_told_at_the_field_and_what_was_typed_stays(self, browse, ksenia, contract, wrong, words):
        typed = {"contract_number": "К-18", "contract_state": "active", "currency": "RUB", "tariff": "Особый"} | wrong

        answer = browse(ksenia).post(f"/customers/{contract.customer_id}/contracts/new/", typed)

        assert answer.status_code == 422
        assert words in text_of(answer)
        assert 'value="Особый"' in answer.content.decode()
        assert Contract.objects.count() == 1

    def test_two_who_change_it_at_once(self, ksenia, contract):
        change = {"contract_id": contract.pk, "version": 1, "by": ksenia, "now": NOW}
        services.change_contract(**change, terms=Terms("К-17/2026", state="closed"))

        with pytest.raises(ContractChangedMeanwhile):
            services.change_contract(**change, terms=Terms("К-17/2026", state="suspended"))

    def test_operators_read_them_only(self, browse, olga, contract):
        with pytest.raises(NotAllowed):
            services.change_tariff(contract_id=contract.pk, tariff="x", on=TODAY, by=olga, now=NOW)
        client = browse(olga)
        assert client.get(f"/contracts/{contract.pk}/").status_code == 200
        assert client.get(f"/contracts/{contract.pk}/edit/").status_code == 403

    def test_of_customers_of_another_project_are_not_there(self, make, cards, olga, viktor):
        stranger = make("Чужой Пётр", project=cards)
        terms = Terms("Т-1000", tariff="x")
        theirs = services.add_contract(customer_id=stranger.pk, terms=terms, by=viktor, now=NOW)

        with pytest.raises(NoSuchContract):
            get_contract(theirs.pk, by=olga)
        assert find_contracts("Т-1000", by=olga, limit=5) == []
        assert find_contracts("т-10", by=viktor, limit=5) == [theirs]

    def test_a_loss_to_come_is_none(self, ksenia, contract):
        with pytest.raises(FieldsWrong):
            services.add_loss(
                contract_id=contract.pk, on=TODAY + timedelta(days=1), what="x", amount=None, by=ksenia, now=NOW
            )


def test_a_list_finds_them_by_number(browse, ksenia, contract):
    client = browse(ksenia)

    assert "К-17/2026" in text_of(client.get("/contracts/"))
    assert "К-17/2026" in text_of(client.get("/contracts/", {"q": "к-17"}))


def test_go_with_a_card_that_is_merged(ksenia, make, contract, smirnova):
    other = make("Смирнова Елена")
    services.merge_customers(kept_id=other.pk, gone_id=smirnova.pk, take=(), by=ksenia, now=NOW)

    contract.refresh_from_db()
    assert contract.customer == other
