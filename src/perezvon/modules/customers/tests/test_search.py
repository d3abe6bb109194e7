from __future__ import annotations

from datetime import date

import pytest
from django.utils.translation import override

from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.selectors import DEFAULT_FIELDS, FIELDS, Asked, search, search_fields
from perezvon.modules.customers.services import strike_point
from perezvon.modules.customers.tests.conftest import NOW, hold

CARD, OTHER_CARD = "2200700112345672", "4111111111111111"
ACCOUNT = "40817810099910004312"


@pytest.fixture
def smirnova(make):
    customer = make(
        "Смирнова Елена Павловна",
        phone_mobile="8 916 123-45-67",
        passport="4509 123456",
        birth_date="14.05.1981",
        sex="f",
        inn="500100732259",
        email="E.Smirnova@mail.example",
    )
    hold(customer, "card", CARD)
    hold(customer, "account", ACCOUNT)
    return customer


@pytest.fixture
def others(make):
    return [make("Смирнов Олег Викторович", phone_home="8 916 123-45-67"), make("Орлова Елена Павловна")]


def found(by, offered=FIELDS, **asked) -> list[str]:
    return [row.last_name for row in search(Asked(**asked), by=by, offered=offered).rows]


@pytest.mark.usefixtures("others")
class TestSearch:
    @pytest.mark.parametrize(
        "asked",
        [
            {"passport": "4509 123456"},
            {"passport": "45 09 №123456"},
            {"card": "2200 7001 1234 5672"},
            {"account": ACCOUNT},
            {"inn": "500100732259"},
            {"email": "e.smirnova@MAIL.example"},
            {"name": "Смирнова Елена"},
            {"name": "елена смирн"},
            {"name": "Cvbhyjdf"},
            {"name": "Смирнва"},
            {"phone": "123-45-67", "name": "Елена"},
            {"phone": "8 916 123-45-67", "passport": "4509123456"},
        ],
        ids=lambda asked: "+".join(asked),
    )
    def test_each_criterion_finds_and_several_must_all_fit(self, smirnova, olga, asked):
        assert found(olga, **asked) == ["Смирнова"]

    def test_a_phone_finds_all_cards_that_hold_it(self, smirnova, olga):
        assert found(olga, phone="9161234567") == ["Смирнов", "Смирнова"]

    @pytest.mark.parametrize(
        "asked",
        [
            {"card": OTHER_CARD},
            {"card": "5672"},
            {"passport": "4509123457"},
            {"phone": "8 916 123-45-67", "passport": "4509123457"},
            {"name": "Смирнова", "card": OTHER_CARD},
            {"phone": "12"},
        ],
        ids=["another card", "the end of a card", "another passport", "one fits", "the name fits", "too short"],
    )
    def test_nobody_fits(self, smirnova, olga, asked):
        assert found(olga, **asked) == []

    def test_nothing_asked_finds_nobody(self, smirnova, olga):
        result = search(Asked(phone=" "), by=olga)

        assert (result.rows, result.total) == ((), 0)

    def test_criteria_not_offered_are_not_looked_at(self, smirnova, olga):
        assert found(olga, DEFAULT_FIELDS, inn="500100732259") == []
        assert found(olga, DEFAULT_FIELDS, inn="500100732259", name="Орлова") == ["Орлова"]

    def test_a_row_has_the_seven_columns_and_a_masked_passport(self, smirnova, olga):
        (row,) = search(Asked(passport="4509123456"), by=olga).rows

        assert (row.last_name, row.first_name, row.middle_name) == ("Смирнова", "Елена", "Павловна")
        with override("en"):
            (row,) = search(Asked(passport="4509123456"), by=olga).rows
        assert (row.status, row.birth_date, row.sex) == ("Potential", date(1981, 5, 14), "Female")
        assert row.passport == "•• •• ••••56"

    def test_a_struck_number_is_marked(self, smirnova, olga, system):
        point = smirnova.points.get(kind="phone")
        strike_point(point_id=point.pk, reason="unused", by=system, now=NOW)

        rows = search(Asked(phone="9161234567"), by=olga).rows

        assert {row.last_name: row.struck_reason for row in rows} == {"Смирнов": "", "Смирнова": "unused"}


@pytest.mark.usefixtures("others")
class TestOneLine:
    @pytest.mark.parametrize(
        ("text", "last_names"),
        [
            ("Смирнова", ["Смирнова"]),
            ("+7 916 123-45-67", ["Смирнов", "Смирнова"]),
            ("1234567", ["Смирнов", "Смирнова"]),
            ("4509 123456", ["Смирнова"]),
            ("2200 7001 1234 5672", ["Смирнова"]),
            (ACCOUNT, ["Смирнова"]),
            ("500100732259", ["Смирнова"]),
            ("e.smirnova@mail.example", ["Смирнова"]),
            ("Елена 8(916)123-45-67", ["Смирнова"]),
            ("Орлова 4509 123456", []),
            ("99999999999999", []),
        ],
    )
    def test_says_by_itself_what_it_is(self, smirnova, olga, text, last_names):
        assert found(olga, text=text) == last_names

    def test_the_customers_own_number_finds_him(self, smirnova, olga):
        assert found(olga, text=str(smirnova.number)) == ["Смирнова"]

    def test_ten_digits_are_all_that_they_can_be(self, smirnova, make, olga):
        make("Паспортов Ян", passport="9161234567")

        assert found(olga, text="9161234567") == ["Паспортов", "Смирнов", "Смирнова"]


class TestPages:
    def test_the_count_is_exact_and_pages_follow(self, make, olga):
        for letter in "абвгдежзик":
            make(f"Однофамильцев {letter.upper()}", phone_home="84951234567")

        for asked in (Asked(name="Однофамильцев"), Asked(phone="84951234567")):
            first = search(asked, by=olga, limit=6)
            second = search(asked, by=olga, limit=6, offset=6)

            assert (first.total, first.is_exact, first.next_offset, second.next_offset) == (10, True, 6, None)
            names = [row.first_name for row in (*first.rows, *second.rows)]
            assert names == list("АБВГДЕЖЗИК")

    @pytest.mark.parametrize(
        ("asked", "queries"),
        [
            (Asked(name="Однофамильцев"), 5),
            (Asked(passport="4509123456"), 5),
            (Asked(phone="84951234567"), 6),
            (Asked(text="Однофамильцев 84951234567"), 6),
        ],
        ids=["name", "passport", "phone", "one line"],
    )
    def test_queries_do_not_grow_with_the_rows(self, make, olga, asked, queries, django_assert_num_queries):
        for letter in "абвгдежзик":
            make(f"Однофамильцев {letter}", phone_home="84951234567", passport="4509123456")

        with django_assert_num_queries(queries):
            assert len(search(asked, by=olga).rows) == 10


class TestRights:
    def test_customers_of_other_projects_are_not_found(self, make, olga, loans, cards):
        make("Чужой Ян", project=cards, phone_mobile="89161234567", passport="4509123456")
        make("Свой Ян", project=loans, phone_mobile="89161234567", passport="4509123456")
        make("Общий Ян", phone_mobile="89161234567", passport="4509123456")

        for asked in ({"name": "Ян"}, {"phone": "89161234567"}, {"passport": "4509123456"}):
            assert found(olga, **asked) == ["Общий", "Свой"]

    def test_deleted_customers_are_not_found(self, smirnova, olga):
        Customer.objects.update(deleted_at=NOW)

        assert found(olga, passport="4509123456") == []
        assert found(olga, name="Смирнова") == []


class TestFields:
    def test_an_administrator_chooses_what_is_offered(self, loans, cards, olga, system):
        assert search_fields(by=olga) == DEFAULT_FIELDS
        loans.settings = {"search": {"fields": ["name", "inn", "shoe_size"]}}
        loans.save()

        assert search_fields(by=olga) == ("name", "inn")
        assert search_fields(by=system, project_id=cards.pk) == DEFAULT_FIELDS
        assert search_fields(by=system) == ("name", "inn", "phone", "passport", "card", "account")
