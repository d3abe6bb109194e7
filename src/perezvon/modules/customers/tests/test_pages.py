"""The pages, as a browser asks for them. Words are looked for in English: the people of these tests read English."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse

from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.people.models import User
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.services import add_comment, update_customer
from perezvon.modules.customers.tests.conftest import NOW, hold

PHONE = "+7 916 123-45-67"
NEW = {
    "kind": "person",
    "last_name": "Орлов",
    "first_name": "Пётр",
    "no_middle_name": "on",
    "phone_contact": "8 903 111-22-33",
}


# Ids and form tokens, which may hold any digits by chance.
CHANCE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[A-Za-z0-9]{64}\b")


@pytest.fixture
def smirnova(make):
    return make(
        "Смирнова Елена Павловна",
        phone_mobile="8 916 123-45-67",
        passport="4509 123456",
        snils="112-233-445 95",
        birth_date="14.05.1981",
        sex="f",
        address_registered="г Москва, ул Лесная, д 5",
    )


def text_of(response) -> str:
    """What a person reads: no tags, blanks as one."""
    body = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\xa0", " ").split())


def rows_of(response) -> list[list[str]]:
    body = response.content.decode().partition('id="candidate-rows"')[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body, flags=re.DOTALL)
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL)]
        for row in rows
    ]


class TestOffice:
    @pytest.mark.feature("F05.04")
    @pytest.mark.feature("X.11")
    def test_offers_the_criteria_an_administrator_chose(self, browse, olga, loans):
        page = browse(olga).get("/office/").content.decode()
        assert re.findall(r'name="(phone|name|passport|card|account|inn|email)"', page) == [
            "phone",
            "name",
            "passport",
            "card",
            "account",
        ]

        loans.settings = {"search": {"fields": ["inn", "name"]}}
        loans.save()
        page = browse(olga).get("/office/").content.decode()
        assert re.findall(r'name="(phone|name|passport|card|account|inn|email)"', page) == ["inn", "name"]

    @pytest.mark.feature("F05.05")
    @pytest.mark.feature("F26.07")
    @pytest.mark.parametrize("copied", ["+7 916 123-45-67", "89161234567", "9161234567", "8(916)1234567", "123-45-67"])
    def test_a_copied_number_in_any_form_finds_all_cards_that_hold_it(self, browse, olga, make, smirnova, copied):
        make("Смирнов Олег Викторович", phone_home=PHONE)

        page = browse(olga).get("/office/", {"phone": copied})

        assert [row[0] for row in rows_of(page)] == ["Смирнов", "Смирнова"]
        assert "Found: 2" in text_of(page)
        assert reverse("customers:card", args=[smirnova.pk]) in page.content.decode()

    @pytest.mark.feature("F05.09", partly="the step of a scenario: scripting")
    @pytest.mark.feature("X.26")
    def test_candidates_have_seven_columns_and_masked_documents(self, browse, olga, smirnova):
        page = browse(olga).get("/office/", {"name": "смирн елена"})

        assert rows_of(page) == [["Смирнова", "Елена", "Павловна", "Potential", "14.05.1981", "•• •• ••••56", "Female"]]
        assert "Found: 1" in text_of(page)
        assert "123456" not in page.content.decode()

    @pytest.mark.feature("F05.03")
    @pytest.mark.parametrize(
        "asked",
        [
            {"phone": PHONE, "name": "Смирнова"},
            {"passport": "4509 123456"},
            {"card": "4111 1111 1111 1111"},
            {"account": "40817810099910004312", "name": "Елена"},
        ],
        ids=lambda asked: "+".join(asked),
    )
    def test_any_combination_of_criteria_finds_him(self, browse, olga, smirnova, make, asked):
        hold(smirnova, "card", "4111111111111111")
        hold(smirnova, "account", "40817810099910004312")
        make("Смирнов Олег", phone_home=PHONE)

        assert [row[0] for row in rows_of(browse(olga).get("/office/", asked))] == ["Смирнова"]

    def test_a_guess_is_said_to_be_one(self, browse, olga, smirnova):
        page = browse(olga).get("/office/", {"q": "Cvbhyjdf"})

        assert [row[0] for row in rows_of(page)] == ["Смирнова"]
        assert "Shown for “смирнова”, read in the other keyboard layout." in text_of(page)

    def test_nobody_found_says_what_next(self, browse, olga):
        page = browse(olga).get("/office/", {"phone": PHONE})

        assert "Nobody was found." in text_of(page)
        assert "/customers/new/?phone=%2B7+916+123-45-67" in page.content.decode()

    def test_pages_lead_on_and_back(self, browse, olga, make):
        for number in range(30):
            make(f"Иванов {chr(0x410 + number % 30)}", phone_home="84951234567")

        first = browse(olga).get("/office/", {"name": "Иванов"})
        assert "Found: 30" in text_of(first)
        assert len(rows_of(first)) == 25
        second = browse(olga).get("/office/", {"name": "Иванов", "offset": "25"})
        assert len(rows_of(second)) == 5
        assert "offset=0" in second.content.decode()

    def test_a_swap_gets_the_workspace_only(self, browse, olga):
        part = browse(olga).get("/office/", headers={"HX-Request": "true"}).content.decode()

        assert "<html" not in part
        assert 'class="candidates"' in part

    def test_needs_the_right(self, browse, olga, client):
        assert client.get("/office/").status_code == 302
        user = User.objects.get(pk=olga.id)
        user.role.rights = []
        user.role.save()
        assert browse(olga).get("/office/").status_code == 403

    def test_costs_eight_queries_at_most(self, browse, olga, make, django_assert_max_num_queries):
        for letter in "абвгдежзик":
            make(f"Иванов {letter}", phone_home="84951234567", passport="4509123456")
        browser = browse(olga)

        with django_assert_max_num_queries(5 + 8):  # session, user, role, projects, …
            browser.get("/office/", {"name": "Иванов", "phone": "84951234567"})


class TestCard:
    @pytest.mark.feature("F01.04")
    @pytest.mark.feature("F01.05")
    @pytest.mark.feature("F01.20")
    def test_shows_all_that_is_known_of_him(self, browse, ksenia, make):
        known = make(
            "Смирнова Елена Павловна",
            phone_contact="+7 495 111-22-33",
            phone_mobile=PHONE,
            phone_home="+7 495 222-33-44",
            phone_work="+7 495 333-44-55",
            phone_fax="+7 495 444-55-66",
            email="e.smirnova@mail.example",
            site="smirnova.example",
            sex="f",
            birth_date="14.05.1981",
            birth_country="Россия",
            birth_place="Тула",
            passport="4509 123456",
            inn="500100732259",
            workplace="ООО «Вега»",
            position="бухгалтер",
            address_postal="101000, г Москва, а/я 5",
            address_actual="г Москва, ул Лесная, д 5",
            code_word="ромашка",
        )

        words = text_of(browse(ksenia).get(f"/customers/{known.pk}/"))

        for expected in (
            "Смирнова Елена Павловна", "Female", "14.05.1981", "Россия", "Тула", "•• •• ••••56", "••••••••••59",
            "+7 495 111-22-33", PHONE, "+7 495 222-33-44", "+7 495 333-44-55", "+7 495 444-55-66",
            "e.smirnova@mail.example", "smirnova.example", "ООО «Вега»", "бухгалтер", "101000, г Москва, а/я 5",
            "г Москва, ул Лесная, д 5", "There is one; it is checked, never shown.",
        ):  # fmt: skip
            assert expected in words, expected
        assert "ромашка" not in words

    def test_a_masked_value_is_shown_to_those_who_may_and_written_down(self, browse, ksenia, olga, smirnova):
        url = reverse("customers:reveal", args=[smirnova.pk, "passport"])
        assert url in browse(ksenia).get(f"/customers/{smirnova.pk}/").content.decode()

        shown = browse(ksenia).get(url)
        assert "45 09 123456" in text_of(shown)
        assert "delay:30s" in shown.content.decode()
        assert text_of(browse(ksenia).get(f"{url}?hide")) == "•• •• ••••56 show"
        assert CommandRecord.objects.filter(name="customers.unmask", actor=ksenia.key).count() == 1

        assert url not in browse(olga).get(f"/customers/{smirnova.pk}/").content.decode()
        assert browse(olga).get(url).status_code == 403

    @pytest.mark.parametrize("field", ["code_word", "pk", "zzz", "delete"])
    @pytest.mark.parametrize("end", ["", "?hide"])
    def test_only_masked_values_can_be_asked_for_by_name(self, browse, ksenia, smirnova, field, end):
        url = reverse("customers:reveal", args=[smirnova.pk, field])

        assert browse(ksenia).get(f"{url}{end}").status_code == 404

    @pytest.mark.feature("F01.39")
    def test_a_number_is_struck_through_with_one_of_four_reasons(self, browse, olga, smirnova):
        point = smirnova.points.get(kind="phone")
        page = browse(olga).get(f"/customers/{smirnova.pk}/").content.decode()
        assert re.findall(r'<option value="(\w+)">', page.partition('name="reason"')[2].partition("</select>")[0]) == [
            "do_not_contact",
            "changed",
            "unused",
            "wrong",
        ]
        url = reverse("customers:point", args=[smirnova.pk, point.pk, "strike"])
        assert browse(olga).post(url, {"reason": ""}).status_code == 422

        page = browse(olga).post(url, {"reason": "wrong"}, follow=True)
        assert "The data are saved." in text_of(page)
        assert re.search(
            r'<s class="num">\+7\s916\s123-45-67</s> <span class="second">Wrong</span>', page.content.decode()
        )

    @pytest.mark.feature("F01.38")
    def test_a_number_is_corrected_and_another_one_added(self, browse, olga, smirnova):
        point = smirnova.points.get(kind="phone")
        url = reverse("customers:point", args=[smirnova.pk, point.pk, "correct"])
        look = browse(olga).post(url, {"text": "8 916 765-43-21"})
        assert f"{point.get_use_display()} {point.raw} 8 916 765-43-21" in text_of(look)
        assert smirnova.points.get(kind="phone").raw == point.raw

        browse(olga).post(url, {"text": "8 916 765-43-21", "confirmed": "1", "why": "a new SIM"})
        page = browse(olga).post(
            reverse("customers:point_add", args=[smirnova.pk]), {"use": "work", "text": "84951234567"}, follow=True
        )

        assert "+7 916 765-43-21" in text_of(page)
        assert "+7 495 123-45-67" in text_of(page)
        refused = browse(olga).post(reverse("customers:point_add", args=[smirnova.pk]), {"use": "email", "text": "x"})
        assert "This is no e-mail address" in text_of(refused)

    @pytest.mark.feature("F01.17")
    @pytest.mark.feature("F01.40")
    def test_the_journal_says_who_changed_what_and_when(self, browse, ksenia, olga, smirnova):
        update_customer(customer_id=smirnova.pk, version=1, typed={"last_name": "Орлова"}, by=ksenia, now=NOW)
        point = smirnova.points.get(kind="phone")
        url = reverse("customers:point", args=[smirnova.pk, point.pk, "strike"])
        browse(ksenia).post(url, {"reason": "changed", "why": "звонил сын"})

        words = text_of(browse(ksenia).get(f"/customers/{smirnova.pk}/journal/"))

        assert "Last name Смирнова Орлова Белова К." in words
        assert f"{point.get_use_display()} {point.raw} struck out Белова К. Has changed, звонил сын" in words
        assert browse(olga).get(f"/customers/{smirnova.pk}/journal/").status_code == 403

    def test_customers_of_other_projects_are_not_there(self, browse, olga, make, cards):
        stranger = make("Чужой Ян", project=cards)

        assert browse(olga).get(f"/customers/{stranger.pk}/").status_code == 404

    def test_a_code_word_is_set_and_never_shown(self, browse, ksenia, smirnova):
        page = browse(ksenia).post(
            reverse("customers:code_word", args=[smirnova.pk]), {"word": "черёмуха"}, follow=True
        )

        assert "There is one; it is checked, never shown." in text_of(page)
        assert "черёмуха" not in page.content.decode()


class TestNew:
    @pytest.mark.feature("F01.27")
    @pytest.mark.feature("F01.43")
    def test_a_potential_customer_is_registered_by_the_form(self, browse, olga):
        form = browse(olga).get("/customers/new/", {"phone": "79031112233"})
        assert 'value="+79031112233"' in form.content.decode()

        card = browse(olga).post("/customers/new/", NEW, follow=True)

        assert "Орлов Пётр Potential" in text_of(card)
        assert Customer.objects.get().no_middle_name
        assert [row[0] for row in rows_of(browse(olga).get("/office/", {"name": "Орлов"}))] == ["Орлов"]

    def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(self, browse, olga):
        page = browse(olga).post("/customers/new/", NEW | {"inn": "7707083894", "birth_date": "32.01.1990"})

        assert page.status_code == 422
        words = text_of(page)
        assert "Not saved. Look again at: Date of birth , Tax number" in words
        assert "The check digits do not agree; look at the last ones again." in words
        assert 'value="32.01.1990"' in page.content.decode()
        assert 'value="Орлов"' in page.content.decode()
        assert not Customer.objects.exists()

    def test_a_known_telephone_and_doubts_are_shown_once_before_saving(self, browse, olga, smirnova):
        given = NEW | {"phone_contact": PHONE, "passport": "4509123456", "passport_issued_on": "01.01.2030"}

        page = browse(olga).post("/customers/new/", given)
        words = text_of(page)
        assert "There may be a card already: Смирнова Елена Павловна (same passport, same telephone)" in words
        assert "The passport was issued on a day still to come." in words
        assert Customer.objects.count() == 1

        browse(olga).post("/customers/new/", given | {"sure": "1"})
        assert Customer.objects.count() == 2

    def test_the_same_form_sent_twice_makes_one_customer(self, browse, olga):
        page = browse(olga).get("/customers/new/").content.decode()
        command_id = re.search(r'name="command_id" value="([0-9a-f-]{36})"', page)[1]

        for _ in range(2):
            browse(olga).post("/customers/new/", NEW | {"command_id": command_id})

        assert Customer.objects.count() == 1

    def test_a_company_has_a_name_of_its_own(self, browse, olga):
        form = browse(olga).get("/customers/new/", {"kind": "company"}).content.decode()
        assert 'name="company_name"' in form
        assert 'name="last_name"' not in form

        card = browse(olga).post(
            "/customers/new/",
            {"kind": "company", "company_name": "ООО «Вега»", "phone_work": "84951234567"},
            follow=True,
        )
        assert "ООО «Вега»" in text_of(card)


class TestEdit:
    @pytest.mark.feature("F01.36")
    def test_a_comment_meanwhile_is_in_nobodys_way_but_a_change_of_the_field_is(self, browse, ksenia, olga, smirnova):
        url, editor = f"/customers/{smirnova.pk}/edit/", browse(ksenia)
        read = editor.get(url).context["read"]
        add_comment(customer_id=smirnova.pk, text="звонила", by=olga, now=NOW)
        looked = editor.post(url, {"version": "1", "read": read, "town": "Тула"})

        assert dict(looked.context["kept"])["read"] == read
        sent = {"version": "1", "read": read, "confirmed": "1"}
        assert editor.post(url, sent | {"town": "Тула"}).status_code == 302
        assert editor.post(url, sent | {"town": "Омск"}).status_code == 409
        assert editor.post(url, sent | {"region": "Омская обл"}).status_code == 302
        assert editor.post(url, sent | {"sex": "m", "read": "{rubbish"}).status_code == 409

    def test_a_change_is_looked_at_confirmed_and_saved(self, browse, ksenia, smirnova):
        url = f"/customers/{smirnova.pk}/edit/"
        form = CHANCE.sub("", browse(ksenia).get(url).content.decode())
        assert 'value="Смирнова"' in form
        assert "4509" not in form

        given = {"version": "1", "last_name": "Орлова", "first_name": "Елена", "middle_name": "Павловна", "sex": "f"}
        look = browse(ksenia).post(url, given | {"whole_form": "1"})
        assert "Last name Смирнова Орлова" in text_of(look)
        smirnova.refresh_from_db()
        assert smirnova.last_name == "Смирнова"

        confirmed = {"version": "1", "last_name": "Орлова", "confirmed": "1", "why": "вышла замуж"}
        card = browse(ksenia).post(url, confirmed, follow=True)
        assert "The data are saved." in text_of(card)
        assert "Орлова Елена Павловна" in text_of(card)

    def test_masked_numbers_stay_unless_typed_anew(self, browse, ksenia, smirnova):
        url = f"/customers/{smirnova.pk}/edit/"
        browse(ksenia).post(url, {"version": "1", "passport": "", "snils": "-", "town": "Тула", "confirmed": "1"})

        smirnova.refresh_from_db()
        assert (smirnova.documents.get().number, smirnova.snils, smirnova.town) == ("4509123456", "", "Тула")

    def test_two_who_edit_at_once_are_shown_what_differs(self, browse, ksenia, smirnova):
        typed = {"town": "Тула", "passport": "4526 654321"}
        update_customer(customer_id=smirnova.pk, version=1, typed=typed, by=ksenia, now=NOW)
        url = f"/customers/{smirnova.pk}/edit/"

        page = browse(ksenia).post(url, {"version": "1", "town": "Орёл", "passport": "4526 111111", "confirmed": "1"})
        assert page.status_code == 409
        words = text_of(page)
        assert "Town Тула Орёл" in words
        assert "Passport •• •• ••••21 45 26 111111" in words
        assert "654321" not in page.content.decode()
        swap = browse(ksenia).post(
            url, {"version": "1", "town": "Орёл", "confirmed": "1"}, headers={"HX-Request": "true"}
        )
        assert swap.status_code == 422

        browse(ksenia).post(url, {"version": "2", "town": "Орёл", "passport": "", "confirmed": "1"})
        smirnova.refresh_from_db()
        assert (smirnova.town, smirnova.documents.get().number) == ("Орёл", "4526654321")

    def test_nothing_changed_goes_back_to_the_card(self, browse, ksenia, smirnova):
        answer = browse(ksenia).post(f"/customers/{smirnova.pk}/edit/", {"version": "1", "last_name": "Смирнова"})

        assert answer["Location"] == f"/customers/{smirnova.pk}/"

    def test_a_plain_operator_may_not(self, browse, olga, smirnova):
        assert browse(olga).get(f"/customers/{smirnova.pk}/edit/").status_code == 403
        assert "/edit/" not in browse(olga).get(f"/customers/{smirnova.pk}/").content.decode()


MARKERS = ("4509123456", "4509", "09 123456", "11223344595", "233-445", "4111111111111111")


def test_no_page_gives_a_plain_operator_what_is_masked(browse, olga, smirnova):
    """Marker values of a card, looked for in all that an operator can open."""
    hold(smirnova, "card", "4111111111111111", balance="777555.31")
    pages = ["/office/?name=смирнова", f"/customers/{smirnova.pk}/", "/customers/new/"]

    for page in pages:
        body = CHANCE.sub("", browse(olga).get(page).content.decode())
        for marker in (
            "4509123456",
            "4509",
            "09 123456",
            "11223344595",
            "233-445",
            "4111111111111111",
            "777\xa0555",
            "777,555",
            "777555",
        ):
            assert marker not in body, (page, marker)
