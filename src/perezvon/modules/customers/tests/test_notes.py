"""What is noted on a card, what belongs to it, and who may change what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from perezvon.foundation.commands.services import intent
from perezvon.foundation.people.models import Group, User
from perezvon.kernel.errors import NotAllowed
from perezvon.modules.customers import services
from perezvon.modules.customers.models import CardType, Customer, Relation
from perezvon.modules.customers.selectors import (
    get_customer,
    list_contact_changes,
    list_outlived_warnings,
    list_status_changes,
)
from perezvon.modules.customers.selectors.search import Asked, search
from perezvon.modules.customers.services import FieldsWrong, LockedByType
from perezvon.modules.customers.services.relating import NotForYou
from perezvon.modules.customers.tests.conftest import NOW
from perezvon.modules.customers.tests.test_pages import NEW, text_of
from perezvon.project import blueprint

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def smirnova(make):
    return make("Смирнова Елена Павловна", phone_mobile="8 916 123-45-67", passport="4509 123456")


def problems_of(error) -> dict[str, str]:
    return {field: problem.code for field, problem in error.value.facts["problems"].items()}


class TestComments:
    @pytest.mark.feature("F01.45")
    def test_stand_on_the_card_newest_first(self, browse, olga, smirnova):
        client = browse(olga)
        for text in ("Calls back on Friday", "Called back"):
            client.post(f"/customers/{smirnova.pk}/comments/", {"comment": text})

        page = text_of(client.get(f"/customers/{smirnova.pk}/"))
        assert 0 < page.index("Called back") < page.index("Calls back on Friday")
        assert client.post(f"/customers/{smirnova.pk}/comments/", {"comment": " "}).status_code == 422


class TestStatus:
    @pytest.mark.feature("F01.16")
    def test_has_a_history_with_reasons(self, browse, ksenia, smirnova):
        with intent(why="Signed a contract"):
            services.set_status(customer_id=smirnova.pk, status="existing", by=ksenia, now=LATER)

        assert [(one.before, one.status, one.why) for one in list_status_changes(smirnova)] == [
            ("potential", "existing", "Signed a contract"),
            ("", "potential", ""),
        ]
        page = text_of(browse(ksenia).get(f"/customers/{smirnova.pk}/"))
        assert "Changes of status" in page
        assert "Signed a contract" in page

    def test_is_one_of_three(self, ksenia, smirnova):
        with pytest.raises(FieldsWrong):
            services.set_status(customer_id=smirnova.pk, status="gone", by=ksenia, now=NOW)


class TestWarnings:
    def test_stand_on_the_card_until_their_last_day(self, browse, ksenia, smirnova, system):
        client = browse(ksenia)
        client.post(
            f"/customers/{smirnova.pk}/warnings/", {"kind": "fraud", "text": "Asks for codes", "last_day": "23.11.2099"}
        )
        warning = services.add_warning(
            customer_id=smirnova.pk, kind="vip", text="", last_day=date(2026, 11, 23), by=ksenia, now=NOW
        )

        page = text_of(client.get(f"/customers/{smirnova.pk}/"))
        assert "Suspected fraud Asks for codes Белова К." in page
        assert get_customer(smirnova.pk, by=ksenia).warnings == ["Asks for codes", "VIP"]

        assert list_outlived_warnings(NOW + timedelta(days=1)) == []
        assert list_outlived_warnings(NOW + timedelta(days=2)) == [warning.pk]
        services.lift_warning(warning_id=warning.pk, by=system, now=LATER)
        assert get_customer(smirnova.pk, by=ksenia).warnings == ["Asks for codes"]

    def test_are_not_for_operators_and_not_for_yesterday(self, olga, ksenia, smirnova):
        with pytest.raises(NotAllowed):
            services.add_warning(customer_id=smirnova.pk, kind="vip", text="", by=olga, now=NOW)
        with pytest.raises(FieldsWrong):
            services.add_warning(
                customer_id=smirnova.pk, kind="vip", text="", last_day=date(2026, 11, 21), by=ksenia, now=NOW
            )


class TestPreferences:
    @pytest.mark.feature("F01.50")
    def test_tell_how_he_wants_to_be_served(self, browse, olga, smirnova):
        client = browse(olga)
        typed = {"channel": "email", "time": "evening", "orders": "Leaves at the door", "service": "Technician Petrov"}

        client.post(f"/customers/{smirnova.pk}/preferences/", typed)

        page = text_of(client.get(f"/customers/{smirnova.pk}/"))
        assert "Prefers by e-mail Best time in the evening Of orders Leaves at the door Of service Technician" in page
        assert client.post(f"/customers/{smirnova.pk}/preferences/", {"channel": "owl"}).status_code == 422


class TestCard:
    @pytest.mark.feature("F01.02", partly="campaigns (campaigns)")
    @pytest.mark.feature("F01.06")
    @pytest.mark.feature("F01.37")
    def test_holds_all_that_is_known_of_a_person(self, browse, olga, make):
        customer = make(
            "Смирнова Елена Павловна",
            birth_date="14.05.1981",
            region="Тульская область",
            town="Тула",
            passport="4509 123456",
            passport_issuer="ОВД Тулы",
            address_postal="300041, Тула, Ленина, 1",
            phone_login="8 916 123-45-67",
            phone_home="8 487 212-34-56",
            card_type="internet",
        )

        page = text_of(browse(olga).get(f"/customers/{customer.pk}/"))

        for words in (
            f"CRM ID {customer.number}",
            "Internet",
            "Date of birth 14.05.1981",
            "Passport •• •• ••••56",
            "For sign-in",
            "+7 916 123-45-67",
            "+7 487 212-34-56",
            "Region Тульская область",
            "Town Тула",
            "Postal 300041, Тула, Ленина, 1",
        ):
            assert words in page, words
        assert "4509123456" not in page

    @pytest.mark.feature("F01.25")
    def test_of_an_organisation_holds_its_numbers(self, browse, ksenia, make):
        blueprint.load(blueprint.read("assistance"), now=NOW)
        clinic = make(
            "",
            kind="company",
            company_name="Клиника Вега",
            region="Киев",
            custom_edrpou="32855961",
            custom_role="clinic",
            custom_category="usual",
            custom_group="Excel",
            custom_specialisation="traumatology",
            phone_fax="+380 44 123-45-67",
            address_registered="01001, Киев, Крещатик, 1",
        )

        client = browse(ksenia)
        page = " ".join(text_of(client.get(f"/customers/{clinic.pk}/?tab={tab}")) for tab in ("main", "more"))

        for words in (
            "Role Medical institution Category Usual Group Excel Specialisation",
            "Traumatology EDRPOU / OKPO 32855961",
            "Region Киев",
            "+380 44 123 4567",
            "Киев, Крещатик, 1",
            "box0@mail.example",
        ):
            assert words in page, words


class TestCardTypes:
    @pytest.mark.feature("F01.32")
    @pytest.mark.feature("F01.33")
    def test_personal_data_of_clients_are_not_changed_by_people(self, browse, ksenia, smirnova, system):
        Customer.objects.filter(pk=smirnova.pk).update(card_type=CardType.CLIENT)
        change = {"customer_id": smirnova.pk, "version": 1, "typed": {"last_name": "Орлова"}, "now": NOW}

        with pytest.raises(LockedByType):
            services.update_customer(**change, by=ksenia)
        with pytest.raises(LockedByType):
            services.add_document(customer_id=smirnova.pk, kind="driver", typed={"number": "1"}, by=ksenia, now=NOW)
        page = browse(ksenia).get(f"/customers/{smirnova.pk}/")
        assert "block=personal" not in page.content.decode()
        assert "come from the system that registered it" in text_of(page)
        point = smirnova.points.get(kind="phone")
        services.change_point(point_id=point.pk, text="8 916 000-00-00", by=ksenia, now=NOW)
        assert services.update_customer(**change | {"version": 2}, by=system).last_name == "Орлова"

    @pytest.mark.feature("F01.34")
    @pytest.mark.parametrize("card_type", ["internet", "interested", "recommended", "chat"])
    def test_of_other_types_are(self, make, ksenia, card_type):
        customer = make("Смирнова Елена", card_type=card_type)
        typed = {"last_name": "Орлова", "birth_date": "14.05.1981", "region": "Тула"}

        changed = services.update_customer(customer_id=customer.pk, version=1, typed=typed, by=ksenia, now=NOW)

        assert (changed.card_type, changed.last_name, changed.region) == (card_type, "Орлова", "Тула")

    def test_nobody_registers_a_client_by_hand(self, make):
        with pytest.raises(FieldsWrong) as error:
            make("Смирнова Елена", card_type="client")
        assert problems_of(error) == {"card_type": "choice.unknown"}


class TestBlocks:
    @pytest.mark.feature("F01.35")
    @pytest.mark.feature("F01.18")
    def test_each_is_edited_by_itself(self, browse, ksenia, smirnova):
        client = browse(ksenia)
        card = client.get(f"/customers/{smirnova.pk}/").content.decode()
        assert {"block=personal", "block=life"} <= set(card.replace('"', " ").replace("?", " ").split())
        assert 'aria-label="Refresh"' in card

        form = client.get(f"/customers/{smirnova.pk}/edit/?block=life").content.decode()
        assert 'name="workplace"' in form
        assert 'name="last_name"' not in form
        assert "Cancel changes" in form

        typed = {"version": "1", "block": "life", "whole_form": "1", "workplace": "Вега"}
        assert "Save changes" in text_of(client.post(f"/customers/{smirnova.pk}/edit/", typed))
        client.post(f"/customers/{smirnova.pk}/edit/", {**typed, "confirmed": "1"})
        smirnova.refresh_from_db()
        assert (smirnova.workplace, smirnova.last_name) == ("Вега", "Смирнова")

    @pytest.mark.feature("F30.12")
    @pytest.mark.feature("F30.10")
    def test_each_opens_in_detail(self, browse, ksenia, smirnova):
        client = browse(ksenia)
        card = client.get(f"/customers/{smirnova.pk}/").content.decode()
        assert f"/customers/{smirnova.pk}/block/history/" in card

        page = client.get(f"/customers/{smirnova.pk}/block/contacts/")
        assert "Customers Смирнова Е. П. Contact data" in text_of(page)
        assert client.get(f"/customers/{smirnova.pk}/block/nothing/").status_code == 404


class TestDocuments:
    def test_of_several_kinds_are_found_and_masked(self, browse, ksenia, smirnova):
        client = browse(ksenia)
        typed = {"kind": "driver", "number": "77 16 123456", "issued_on": "01.02.2020", "issuer": "ГИБДД"}

        client.post(f"/customers/{smirnova.pk}/documents/", typed)

        page = text_of(client.get(f"/customers/{smirnova.pk}/"))
        assert "Driving licence ••••••••56 01.02.2020, ГИБДД" in page
        assert "7716123456" not in page

    def test_a_new_passport_outdates_the_old_one_which_still_finds_him(self, ksenia, smirnova):
        services.add_document(
            customer_id=smirnova.pk, kind="passport", typed={"number": "4510 654321"}, by=ksenia, now=NOW
        )

        assert list(smirnova.documents.values_list("number", "is_current")) == [
            ("4510654321", True),
            ("4509123456", False),
        ]
        assert [row.id for row in search(Asked(passport="4509 123456"), by=ksenia).rows] == [smirnova.pk]

    def test_are_checked(self, ksenia, smirnova):
        with pytest.raises(FieldsWrong) as error:
            services.add_document(
                customer_id=smirnova.pk,
                kind="passport",
                typed={"number": "12", "issued_on": "01.01.2030", "issuer_code": "7"},
                by=ksenia,
                now=NOW,
            )
        assert problems_of(error) == {
            "document_number": "passport.length",
            "document_issued_on": "birth_date.future",
            "document_issuer_code": "issuer_code.length",
        }


class TestAddresses:
    @pytest.mark.feature("F29.05")
    @pytest.mark.feature("F01.26")
    def test_have_the_form_of_their_country(self, browse, olga, ksenia, smirnova):
        client = browse(olga)
        url = f"/customers/{smirnova.pk}/addresses/"
        moscow = {"use": "office", "country": "RU", "postcode": "125009", "region": "Москва", "line": "Тверская, 1"}
        boston = {"use": "office", "country": "US", "postcode": "02108", "region": "MA", "town": "Boston"}

        client.post(url, moscow | {"note": "metro Okhotny Ryad"})
        client.post(url, boston | {"line": "1 Elm"})
        services.note_point(
            customer_id=smirnova.pk, point_id=smirnova.points.first().pk, note="third floor", by=olga, now=NOW
        )

        page = text_of(client.get(f"/customers/{smirnova.pk}/"))
        assert "125009, Москва, Тверская, 1" in page
        assert "1 Elm, Boston, MA, 02108" in page
        assert "metro Okhotny Ryad" in page
        assert "third floor" in page
        wrong = client.post(url, moscow | {"postcode": "12"})
        assert wrong.status_code == 422
        assert "one looks like 125009" in wrong.content.decode()
        changed = [one.field for one in list_contact_changes(smirnova, by=ksenia)]
        assert "contactpoint.note" in changed

    def test_that_are_no_longer_his_stay_in_sight(self, olga, smirnova):
        typed = {"use": "actual", "country": "RU", "town": "Тула"}
        address = services.put_address(customer_id=smirnova.pk, typed=typed, by=olga, now=NOW)

        services.outdate_address(customer_id=smirnova.pk, address_id=address.pk, by=olga, now=NOW)

        assert list(smirnova.addresses.values_list("text", "is_current")) == [("Тула", False)]


@pytest.mark.parametrize("place", ["documents", "addresses"])
def test_a_row_that_cannot_be_is_not_there(browse, ksenia, smirnova, place):
    for digits in ("9" * 19, "9" * 5000):
        assert browse(ksenia).post(f"/customers/{smirnova.pk}/{place}/", {"outdate": digits}).status_code == 404


class TestRelations:
    @pytest.mark.feature("F01.47")
    def test_a_company_has_contacts_who_influence_decisions(self, browse, olga, make, smirnova):
        company = make("", kind="company", company_name="ООО Вега")
        client = browse(olga)
        url = f"/customers/{company.pk}/relations/"
        assert "Смирнова Елена Павловна" in text_of(client.get(url, {"text": "Смирнова"}))

        client.post(url, {"other": smirnova.pk, "kind": "contact", "influence": "decides", "note": "since spring"})

        page = text_of(client.get(f"/customers/{company.pk}/"))
        assert "Business contact Смирнова Елена Павловна Decides since spring" in page
        assert "is this card for ООО Вега" in text_of(client.get(f"/customers/{smirnova.pk}/"))

    @pytest.mark.feature("F01.41")
    @pytest.mark.feature("F01.42")
    def test_a_recommended_client_is_linked_to_who_recommended_him(self, browse, ksenia, smirnova):
        client = browse(ksenia)
        assert "recommended_by" not in client.get(f"/customers/{smirnova.pk}/").content.decode()
        User.objects.get(pk=ksenia.id).groups.add(Group.objects.create(code="office", name={"en": "Office staff"}))
        assert "Enter a recommendation" in text_of(client.get(f"/customers/{smirnova.pk}/"))
        url = f"/customers/new/?recommended_by={smirnova.pk}"
        assert "On the recommendation of Смирнова Елена Павловна" in text_of(client.get(url))

        client.post("/customers/new/", NEW | {"recommended_by": str(smirnova.pk)})

        relation = Relation.objects.get(customer=smirnova)
        assert (relation.kind, relation.other.last_name) == ("recommended", "Орлов")
        assert relation.other.card_type == CardType.RECOMMENDED
        assert "Recommended client Орлов Пётр" in text_of(client.get(f"/customers/{smirnova.pk}/"))

    def test_a_recommendation_is_for_office_staff(self, olga, ksenia, smirnova):
        with pytest.raises(NotForYou):
            services.recommend(customer_id=smirnova.pk, typed=NEW, by=ksenia, now=NOW)
        with pytest.raises(FieldsWrong):
            services.relate(customer_id=smirnova.pk, other_id=smirnova.pk, kind="recommended", by=olga, now=NOW)

    def test_is_taken_back(self, olga, make, smirnova):
        other = make("Смирнов Пётр")
        relation = services.relate(customer_id=smirnova.pk, other_id=other.pk, kind="spouse", by=olga, now=NOW)

        services.unrelate(relation_id=relation.pk, by=olga, now=NOW)

        assert not Relation.objects.exists()


class TestMergingPages:
    def test_two_cards_become_one_and_two_again(self, browse, ksenia, make, smirnova, system):
        other = make("Смирнова Елена", phone_mobile="8 916 123-45-67", workplace="Вега", passport="4509 123456")
        services.find_duplicates(by=system, now=NOW)
        client = browse(ksenia)
        assert "same passport" in text_of(client.get("/customers/duplicates/"))
        assert "May be the same person: Смирнова Елена" in text_of(client.get(f"/customers/{smirnova.pk}/"))

        page = text_of(client.get(f"/customers/{smirnova.pk}/merge/{other.pk}/"))
        assert "Stays Is merged into it" in page
        assert "4509123456" not in page
        client.post(f"/customers/{smirnova.pk}/merge/{other.pk}/", {"workplace": "kept"})

        gone = client.get(f"/customers/{other.pk}/", follow=True)
        assert "was merged into this one" in text_of(gone)
        merge = smirnova.merges.get()
        client.post(f"/customers/{smirnova.pk}/merges/{merge.pk}/undo/")
        assert client.get(f"/customers/{other.pk}/").status_code == 200

    def test_two_people_stay_two(self, browse, ksenia, make, smirnova, system):
        other = make("Смирнова Елена", passport="4509 123456")
        services.find_duplicates(by=system, now=NOW)
        client = browse(ksenia)

        client.post(f"/customers/{smirnova.pk}/merge/{other.pk}/", {"two": "1"})

        assert "No pairs wait" in text_of(client.get("/customers/duplicates/"))
        assert not Customer.objects.filter(merged_into__isnull=False).exists()
