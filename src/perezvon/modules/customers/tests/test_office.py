"""The office that serves a customer, chosen by region and settlement."""

from __future__ import annotations

import pytest

from perezvon.foundation.people.models import Project
from perezvon.kernel.errors import NotAllowed
from perezvon.modules.catalogue.models import Office, Settlement
from perezvon.modules.customers import services
from perezvon.modules.customers.selectors import get_customer, list_journal
from perezvon.modules.customers.services import FieldsWrong
from perezvon.modules.customers.tests.conftest import NOW, user
from perezvon.modules.customers.tests.test_pages import text_of
from perezvon.project import blueprint


@pytest.fixture
def bank(db):
    blueprint.load(blueprint.read("bank"), now=NOW)


@pytest.fixture
def smirnova(make, bank):
    return make("Смирнова Елена Павловна")


@pytest.fixture
def loans(bank):
    return Project.objects.get(code="loans")


def office(code: str) -> Office:
    return Office.objects.select_related("settlement").get(code=code)


class TestPicker:
    @pytest.mark.feature("F14.01", partly="a visit booked there (appointments)")
    @pytest.mark.feature("F30.13")  # results and products, the other two, are ticked in the tests of interactions
    def test_leads_from_the_region_to_the_settlement_to_the_office(self, browse, olga, smirnova):
        client = browse(olga)
        url = f"/customers/{smirnova.pk}/office/"
        assert "Office of service Edit None chosen." in text_of(client.get(f"/customers/{smirnova.pk}/"))
        ladoga = office("spb_ladoga")
        region, settlement = ladoga.settlement.region_id, ladoga.settlement_id

        assert offered(client.get(url)) == [4, 0, 0]
        assert offered(client.get(url, {"region": region})) == [4, 2, 0]
        assert offered(client.get(url, {"region": region, "settlement": settlement})) == [4, 2, 2]
        given = {"region": region, "settlement": settlement, "office": ladoga.pk}
        card = text_of(client.post(url, given, follow=True))

        assert "Office Ladoga office" in card
        assert "Address St Petersburg, 22 Ladozhskaya Embankment" in card
        assert offered(client.get(url)) == [4, 2, 2]
        assert client.get(url).context["office"] == ladoga

    def test_picks_the_only_one_by_itself(self, browse, olga, smirnova):
        only = office("nsk_ob")

        page = browse(olga).get(f"/customers/{smirnova.pk}/office/", {"region": only.settlement.region_id})

        assert offered(page) == [4, 1, 1]
        assert page.context["office"] == only

    def test_forgets_a_settlement_of_another_region(self, browse, olga, smirnova):
        here, there = office("spb_ladoga"), office("msk_yuzhny")
        given = {"region": here.settlement.region_id, "settlement": there.settlement_id}

        assert offered(browse(olga).get(f"/customers/{smirnova.pk}/office/", given)) == [4, 2, 0]

    @pytest.mark.parametrize("sent", [{}, {"office": ""}, {"office": "none"}, {"office": "9" * 30}])
    def test_says_that_an_office_must_be_chosen_and_shows_the_next_list(self, browse, olga, smirnova, sent):
        region = office("spb_ladoga").settlement.region_id

        answer = browse(olga).post(f"/customers/{smirnova.pk}/office/", {"region": region} | sent)

        assert answer.status_code == 422
        assert offered(answer) == [4, 2, 0]
        assert get_customer(smirnova.pk, by=olga).office_id is None


def offered(page) -> list[int]:
    return [*(len(level["rows"]) for level in page.context["levels"]), len(page.context["offices"])]


class TestOffice:
    def test_is_not_spoken_of_where_there_are_none(self, browse, olga, make):
        anna = make("Иванова Анна")
        Office.objects.update(is_active=False)

        assert "Office of service" not in text_of(browse(olga).get(f"/customers/{anna.pk}/"))

    def test_stays_when_it_is_taken_out_of_use_but_is_chosen_no_more(self, smirnova, make, olga):
        closing = office("gtn_park")
        services.set_office(customer_id=smirnova.pk, office_id=closing.pk, by=olga, now=NOW)
        Settlement.objects.filter(pk=closing.settlement_id).update(is_active=False)

        kept = services.set_office(customer_id=smirnova.pk, office_id=closing.pk, by=olga, now=NOW)
        assert kept.office_id == closing.pk
        with pytest.raises(FieldsWrong):
            services.set_office(customer_id=make("Иванова Анна").pk, office_id=closing.pk, by=olga, now=NOW)

    def test_is_taken_away_and_the_journal_says_so_in_words(self, browse, ksenia, smirnova):
        client = browse(ksenia)
        url = f"/customers/{smirnova.pk}/office/"
        client.post(url, {"office": office("nsk_ob").pk})
        client.post(url, {"none": "1"})

        assert [one.field for one in list_journal(smirnova, by=ksenia)][:2] == ["office_id", "office_id"]
        assert "Office of service Ob office" in text_of(client.get(f"/customers/{smirnova.pk}/journal/"))
        assert get_customer(smirnova.pk, by=ksenia).office_id is None

    def test_of_another_project_is_not_chosen(self, smirnova, olga, loans):
        Office.objects.filter(code="nsk_ob").update(project=loans)

        with pytest.raises(FieldsWrong):
            services.set_office(customer_id=smirnova.pk, office_id=office("nsk_ob").pk, by=olga, now=NOW)

    def test_is_for_those_who_may_change_contact_data(self, smirnova, bank):
        reader = user("reader", "X", "Y", "information_administrator").actor()
        with pytest.raises(NotAllowed):
            services.set_office(customer_id=smirnova.pk, office_id=None, by=reader, now=NOW)

    def test_goes_over_with_a_merge_and_comes_back(self, smirnova, make, viktor):
        other = make("Смирнова Елена")
        services.set_office(customer_id=other.pk, office_id=office("nsk_ob").pk, by=viktor, now=NOW)

        merge = services.merge_customers(kept_id=smirnova.pk, gone_id=other.pk, take=(), by=viktor, now=NOW)
        assert get_customer(smirnova.pk, by=viktor).office_id == office("nsk_ob").pk
        services.undo_merge(merge_id=merge.pk, by=viktor, now=NOW)
        assert get_customer(smirnova.pk, by=viktor).office_id is None
