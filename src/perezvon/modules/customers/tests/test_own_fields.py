"""Fields of an administrator's own on the customer's card."""

from __future__ import annotations

import pytest

from perezvon.foundation.fields import services as fields
from perezvon.foundation.fields.services import Wanted
from perezvon.foundation.people.models import Role
from perezvon.modules.customers.selectors import get_customer, list_journal
from perezvon.modules.customers.services import (
    FieldsWrong,
    merge_customers,
    register_potential,
    undo_merge,
    update_customer,
)
from perezvon.modules.customers.tests.conftest import NOW, user
from perezvon.modules.customers.tests.test_pages import NEW, text_of


@pytest.fixture
def add(system, db):
    fields.add_section(kind="customer", key="bank", label={"en": "Bank data"}, by=system, now=NOW)

    def add(key: str, type_: str, label: str, **wanted: object):
        wanted = Wanted(label={"en": label}, section="bank", **wanted)
        return fields.add_field(kind="customer", key=key, type=type_, wanted=wanted, by=system, now=NOW)

    return add


@pytest.fixture
def own(add):
    add("limit", "money", "Card limit", options={"least": "0"}, access={"operator": "masked"})
    add("used", "money", "Used", access={"operator": "hidden"})
    add("left", "computed", "Left", options={"formula": "limit - used"}, access={"operator": "hidden"})
    add("wants", "choices", "Interested in", options={"choices": "loan | Loan\ncard | Card"})
    add("ogrn", "text", "OGRN", options={"check": "ogrn"}, variants=("company",))


@pytest.fixture
def smirnova(make, own, ksenia):
    customer = make("Смирнова Елена Павловна")
    typed = {"custom_limit": "120 000", "custom_used": "20000,50", "custom_wants": "card"}
    return update_customer(customer_id=customer.pk, version=1, typed=typed, by=ksenia, now=NOW)


class TestCard:
    @pytest.mark.feature("F01.01", partly="the layout of sections")
    def test_shows_each_role_what_it_may_see(self, browse, smirnova, olga, ksenia):
        full = text_of(browse(ksenia).get(f"/customers/{smirnova.pk}/"))
        assert "Bank data Edit Card limit 120,000 ₽ Used 20,000.50 ₽ Left 99,999.50 Interested in Card" in full

        part = text_of(browse(olga).get(f"/customers/{smirnova.pk}/"))
        assert "120,000" not in part
        assert "Card limit •••,••• ₽" in part
        assert "Used" not in part
        assert "20,000" not in part

    def test_costs_one_query_more_however_many_fields(
        self, browse, smirnova, ksenia, add, django_assert_max_num_queries
    ):
        client = browse(ksenia)
        client.get(f"/customers/{smirnova.pk}/")
        with django_assert_max_num_queries(53) as page:
            client.get(f"/customers/{smirnova.pk}/")
        assert sum("fields_" in query["sql"] for query in page.captured_queries) == 1


class TestEdit:
    def test_a_new_role_changes_nothing_that_is_hidden_from_another(self, browse, smirnova, loans):
        rights = Role.objects.get(code="extended_operator").rights
        Role.objects.create(code="trainee", name={"en": "Trainee"}, rights=rights)
        trainee = user("trainee", "Титов", "Иван", "trainee", loans).actor()

        form = browse(trainee).get(f"/customers/{smirnova.pk}/edit/").content.decode()
        assert 'name="custom_wants"' in form
        assert 'name="custom_used"' not in form
        typed = {"custom_used": "1", "custom_limit": "1", "custom_wants": "loan"}
        update_customer(customer_id=smirnova.pk, version=2, typed=typed, by=trainee, now=NOW)

        smirnova.refresh_from_db()
        assert smirnova.custom == {"limit": "120000", "used": "20000.50", "wants": ["loan"]}

    @pytest.mark.feature("F01.18")
    @pytest.mark.feature("F01.28")
    def test_changes_are_looked_at_then_saved(self, browse, smirnova, ksenia):
        client = browse(ksenia)
        url = f"/customers/{smirnova.pk}/edit/"
        form = client.get(url).content.decode()
        assert 'name="custom_limit" type="text" value="120000"' in " ".join(form.split())
        assert 'value="card" checked' in form
        assert "custom_left" not in form
        assert "custom_ogrn" not in form

        typed = {"version": "2", "whole_form": "1", "custom_limit": "150 000,5", "custom_wants": ["card", "loan"]}
        look = text_of(client.post(url, typed))
        assert "Card limit 120,000 ₽ 150,000.50 ₽" in look
        assert "Interested in Card Card, Loan" in look

        confirmed = {"version": "2", "confirmed": "1", "custom_limit": "150000,5", "custom_wants": "card,loan"}
        client.post(url, confirmed)

        smirnova.refresh_from_db()
        assert smirnova.custom == {"limit": "150000.5", "used": "20000.50", "wants": ["card", "loan"]}

    def test_what_is_wrong_is_told_at_the_field_and_stays(self, browse, smirnova, ksenia):
        answer = browse(ksenia).post(
            f"/customers/{smirnova.pk}/edit/", {"version": "2", "whole_form": "1", "custom_limit": "lots"}
        )

        page = " ".join(answer.content.decode().split())
        assert answer.status_code == 422
        assert "This is no number" in page
        assert 'value="lots"' in page
        assert '<a href="#field-custom_limit">Card limit' in page

    def test_ticking_nothing_takes_the_choices_away(self, browse, smirnova, ksenia):
        look = text_of(browse(ksenia).post(f"/customers/{smirnova.pk}/edit/", {"version": "2", "whole_form": "1"}))

        assert "Interested in Card —" in look

    def test_two_at_once_choose_field_by_field(self, browse, smirnova, ksenia):
        update_customer(customer_id=smirnova.pk, version=2, typed={"custom_limit": "1"}, by=ksenia, now=NOW)

        answer = browse(ksenia).post(
            f"/customers/{smirnova.pk}/edit/", {"version": "2", "confirmed": "1", "custom_limit": "2"}
        )

        assert answer.status_code == 409
        assert "Card limit 1 ₽ 2 ₽" in text_of(answer)
        smirnova.refresh_from_db()
        assert smirnova.custom["limit"] == "1"


class TestUpdate:
    def test_nobody_writes_what_he_may_not_edit(self, smirnova, olga, ksenia):
        extended = olga.__class__(**{**_fields(olga), "rights": ksenia.rights})

        update_customer(customer_id=smirnova.pk, version=2, typed={"custom_used": "1"}, by=extended, now=NOW)

        smirnova.refresh_from_db()
        assert smirnova.custom["used"] == "20000.50"

    def test_all_that_is_wrong_comes_at_once(self, smirnova, ksenia):
        with pytest.raises(FieldsWrong) as error:
            update_customer(
                customer_id=smirnova.pk, version=2, typed={"inn": "1", "custom_limit": "-1"}, by=ksenia, now=NOW
            )

        problems = error.value.facts["problems"]
        assert {name: one.code for name, one in problems.items()} == {
            "inn": "inn.length",
            "custom_limit": "number.small",
        }

    def test_the_journal_tells_field_by_field(self, smirnova, olga, ksenia):
        lines = [
            (entry.label, entry.before, entry.after.replace("\xa0", " ")) for entry in list_journal(smirnova, by=ksenia)
        ]

        assert ("Interested in", "", "Card") in lines
        assert [label for label, _, _ in lines if label] == ["Card limit", "Used", "Interested in"]
        reader = olga.__class__(**{**_fields(olga), "rights": ksenia.rights})
        assert "Used" not in [entry.label for entry in list_journal(smirnova, by=reader)]

    def test_the_journal_shows_fields_that_are_named_like_dates(self, browse, add, make, ksenia):
        add("signed_on", "text", "Signed")
        add("visit_date", "date", "Visit")
        customer = make("Смирнова Елена")
        typed = {"custom_signed_on": "before spring", "custom_visit_date": "14.05.2026"}
        update_customer(customer_id=customer.pk, version=1, typed=typed, by=ksenia, now=NOW)

        page = browse(ksenia).get(f"/customers/{customer.pk}/journal/")

        assert page.status_code == 200
        assert "Signed before spring" in text_of(page)
        assert "Visit 14.05.2026" in text_of(page)


class TestMerge:
    @pytest.fixture
    def pair(self, make, add):
        add("note", "text", "Note")
        add("hobby", "text", "Hobby")
        add("limit", "money", "Card limit", access={"extended_operator": "masked"})
        add("used", "money", "Used", access={"extended_operator": "hidden"})
        kept = make("Смирнова Елена", custom_note="Mornings", custom_limit="1", custom_used="1")
        gone = make("Смирнова Елена", custom_note="Evenings", custom_limit="2", custom_used="2", custom_hobby="Chess")
        return kept, gone

    def test_takes_only_what_one_may_edit(self, browse, pair, ksenia):
        kept, gone = pair
        page = browse(ksenia).get(f"/customers/{kept.pk}/merge/{gone.pk}/").content.decode()
        assert 'name="custom_note"' in page
        assert 'name="custom_limit"' not in page

        take = ["custom_note", "custom_limit", "custom_used"]
        merge_customers(kept_id=kept.pk, gone_id=gone.pk, take=take, by=ksenia, now=NOW)

        custom = get_customer(kept.pk, by=ksenia).custom
        assert custom == {"note": "Evenings", "limit": "1", "used": "1", "hobby": "Chess"}

    def test_undone_does_not_bring_back_what_somebody_took_away_since(self, pair, ksenia):
        kept, gone = pair
        made = merge_customers(kept_id=kept.pk, gone_id=gone.pk, take=["custom_note"], by=ksenia, now=NOW)
        version = get_customer(kept.pk, by=ksenia).version
        update_customer(customer_id=kept.pk, version=version, typed={"custom_note": ""}, by=ksenia, now=NOW)

        undone = undo_merge(merge_id=made.pk, by=ksenia, now=NOW)

        assert get_customer(kept.pk, by=ksenia).custom == {"limit": "1", "used": "1"}
        assert get_customer(gone.pk, by=ksenia).custom["note"] == "Evenings"
        assert {"field": "custom"} in undone.left


class TestRegister:
    def test_asks_for_what_must_be_there(self, browse, add, olga):
        add("income", "number", "Income", required=True)
        add("note", "text", "Note")
        client = browse(olga)
        form = client.get("/customers/new/").content.decode()
        assert "custom_income" in form
        assert "custom_note" not in form

        answer = client.post("/customers/new/", NEW)
        assert answer.status_code == 422
        assert "This must be filled in." in text_of(answer)

        assert client.post("/customers/new/", NEW | {"custom_income": "50000"}).status_code == 302

    def test_of_a_company_asks_for_its_own(self, add, olga):
        add("ogrn", "text", "OGRN", options={"check": "ogrn"}, variants=("company",), required=True)
        typed = {"kind": "company", "company_name": "ООО «Вега»", "email": "a@vega.example"}

        with pytest.raises(FieldsWrong):
            register_potential(typed=typed | {"custom_ogrn": "1027700132196"}, by=olga, now=NOW)
        customer = register_potential(typed=typed | {"custom_ogrn": "1027700132195"}, by=olga, now=NOW)

        assert customer.custom == {"ogrn": "1027700132195"}


def _fields(actor) -> dict[str, object]:
    return {name: getattr(actor, name) for name in ("rights", "projects", "id", "name", "team_id", "language", "role")}
