"""Where customers have heard of us: offered by an administrator, chosen on the card, imported, filtered by."""

from __future__ import annotations

import re

import pytest

from perezvon.foundation.people.models import Project
from perezvon.kernel.errors import NotAllowed
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.selectors.sources import list_sources
from perezvon.modules.customers.services import FieldsWrong, register_potential, set_sources, update_customer
from perezvon.modules.customers.tests.conftest import NOW


@pytest.fixture
def offered(loans, cards, viktor):
    set_sources(project_id=loans.pk, names=["Выставка", " Сайт ", "", "Сайт"], by=viktor, now=NOW)
    set_sources(project_id=cards.pk, names=["Сайт", "Буклет"], by=viktor, now=NOW)


def options(page: str) -> list[str]:
    select = re.search(r'<select[^>]*name="source".*?</select>', page, re.S)
    return re.findall(r'<option value="([^"]*)"', select[0]) if select else []


@pytest.mark.feature("F01.21")
class TestSources:
    def test_an_administrator_says_on_a_page_what_may_be_chosen(self, browse, viktor, loans):
        browser = browse(viktor)
        answer = browser.post("/customers/sources/", {"project": str(loans.pk), "names": "Выставка\nСайт\n"})
        assert answer.status_code == 302
        assert list_sources(by=viktor, project_id=loans.pk) == ["Выставка", "Сайт"]
        page = browser.get(answer.url).content.decode()
        assert "Выставка\nСайт" in page
        assert "Saved." in page

    def test_the_card_offers_them_and_keeps_what_it_has(self, browse, offered, make, ksenia, loans):
        known = make("Зимина Анна", project=loans)
        Customer.objects.filter(pk=known.pk).update(source="Радио")
        page = browse(ksenia).get(f"/customers/{known.pk}/edit/").content.decode()
        assert options(page) == ["", "Выставка", "Сайт", "Радио"]

    def test_a_new_card_offers_those_of_the_projects_one_sees(self, browse, offered, olga):
        assert options(browse(olga).get("/customers/new/").content.decode()) == ["", "Выставка", "Сайт"]

    def test_without_any_it_is_typed(self, browse, make, ksenia):
        page = browse(ksenia).get(f"/customers/{make('Зимина Анна').pk}/edit/").content.decode()
        assert options(page) == []
        assert 'name="source"' in page

    def test_others_are_refused_and_nothing_changes(self, offered, make, ksenia, viktor):
        known = make("Зимина Анна")
        with pytest.raises(FieldsWrong) as wrong:
            update_customer(customer_id=known.pk, version=1, typed={"source": "Слухи"}, by=ksenia, now=NOW)
        assert wrong.value.facts["problems"]["source"].code == "choice.unknown"
        with pytest.raises(FieldsWrong):
            register_potential(
                typed={"last_name": "Зимин", "email": "z@mail.example", "source": "Слухи"}, by=viktor, now=NOW
            )
        known.refresh_from_db()
        assert (known.source, known.version) == ("", 1)
        update_customer(customer_id=known.pk, version=1, typed={"source": "Сайт"}, by=ksenia, now=NOW)
        known.refresh_from_db()
        assert known.source == "Сайт"

    def test_the_list_is_filtered_by_one(self, browse, make, viktor):
        Customer.objects.filter(pk=make("Зимина Анна").pk).update(source="Сайт")
        make("Орлов Пётр")
        listed = browse(viktor).get('/customers/?where=["and",["source","is","Сайт"]]').content.decode()
        assert "Зимина" in listed
        assert "Орлов Пётр" not in listed

    def test_too_long_a_name_is_told_and_stays(self, browse, viktor, loans):
        answer = browse(viktor).post("/customers/sources/", {"project": str(loans.pk), "names": "x" * 101})
        assert answer.status_code == 422
        assert "x" * 101 in answer.content.decode()
        assert Project.objects.get(pk=loans.pk).settings.get("sources") is None

    def test_is_not_for_operators(self, offered, olga, loans):
        with pytest.raises(NotAllowed):
            set_sources(project_id=loans.pk, names=[], by=olga, now=NOW)
