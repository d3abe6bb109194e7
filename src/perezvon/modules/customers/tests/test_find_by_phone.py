from __future__ import annotations

import pytest

from perezvon.modules.customers.models import ContactPoint, Customer
from perezvon.modules.customers.selectors import find_by_phone, find_only_customer
from perezvon.modules.customers.services import add_point, quasi_customer, strike_point
from perezvon.modules.customers.tests.conftest import NOW


def names(matches) -> list[str]:
    return [match.customer.last_name for match in matches.matches]


class TestFindByPhone:
    @pytest.mark.parametrize(
        "written",
        ["+7 916 123-45-67", "8 (916) 123-45-67", "89161234567", "9161234567", "7 916 123 45 67", "+79161234567"],
    )
    def test_a_number_in_any_format_finds_the_card(self, make, olga, written):
        smirnova = make("Смирнова Елена", phone_mobile="8-916-123-45-67")

        found = find_by_phone(written, by=olga)

        assert (found.kind, found.only, found.is_guess) == ("one", smirnova, False)
        assert found.matches[0].use == ContactPoint.Use.MOBILE

    def test_several_cards_are_all_given_and_none_is_picked(self, make, olga):
        make("Смирнова Елена", phone_mobile="89161234567")
        make("Смирнов Олег", phone_home="89161234567")

        found = find_by_phone("89161234567", by=olga)

        assert (found.kind, found.only, set(names(found))) == ("several", None, {"Смирнова", "Смирнов"})

    def test_more_than_five_are_for_searching(self, make, olga):
        for number in range(6):
            make(f"Жилец {chr(0x410 + number)}", phone_home="84951234567")

        assert find_by_phone("84951234567", by=olga).kind == "many"

    def test_nobody_has_it(self, make, olga):
        assert find_by_phone("89161234567", by=olga).kind == "none"
        assert find_by_phone("", by=olga).kind == "none"
        assert find_by_phone("anonymous", by=olga).kind == "none"

    def test_main_numbers_stand_before_others_and_struck_ones_last(self, make, olga, system):
        wrong = make("Архипов Ян", phone_mobile="89161234567")
        strike_point(point_id=wrong.points.get(digits="79161234567").pk, reason="wrong", by=system, now=NOW)
        other = make("Белов Лев", phone_mobile="89031112233")
        add_point(customer_id=other.pk, use="work", text="89161234567", by=system, now=NOW)
        make("Яшина Ия", phone_mobile="89161234567")

        found = find_by_phone("89161234567", by=olga)

        assert names(found) == ["Яшина", "Белов", "Архипов"]
        assert [match.struck_reason for match in found.matches] == ["", "", "wrong"]

    def test_a_struck_number_links_nobody(self, make, olga, system):
        smirnova = make("Смирнова Елена", phone_mobile="89161234567")
        strike_point(point_id=smirnova.points.get(kind="phone").pk, reason="changed", by=system, now=NOW)

        found = find_by_phone("89161234567", by=olga)

        assert (found.kind, found.only) == ("several", None)
        assert find_only_customer("79161234567") is None

    def test_beside_a_struck_one_the_other_is_the_only_one(self, make, olga, system):
        wrong, right = (make(name, phone_mobile="89161234567") for name in ("Архипов Ян", "Яшина Ия"))
        strike_point(point_id=wrong.points.get(kind="phone").pk, reason="wrong", by=system, now=NOW)

        assert find_by_phone("89161234567", by=olga).only == right == find_only_customer("79161234567")

    @pytest.mark.parametrize("written", ["1234567", "123-45-67", "8 495 123-45-67"])
    def test_the_last_seven_digits_are_a_guess_that_links_nobody(self, make, olga, written):
        make("Смирнова Елена", phone_home="84951234567")
        Customer.objects.update(deleted_at=None)

        found = find_by_phone(written, by=olga)

        assert names(found) == ["Смирнова"]
        assert found.is_guess == (written != "8 495 123-45-67")
        assert (found.only is None) == found.is_guess

    def test_more_digits_than_seven_must_agree_too(self, make, olga):
        make("Смирнова Елена", phone_home="84951234567")

        assert find_by_phone("8 812 123-45-67", by=olga).kind == "none"

    def test_a_card_that_holds_it_twice_stands_there_once(self, make, olga):
        make("Смирнова Елена", phone_mobile="89161234567", phone_work="+7 916 123 45 67")

        found = find_by_phone("89161234567", by=olga)

        assert (found.kind, len(found.matches)) == ("one", 1)
        assert find_only_customer("79161234567") is not None

    def test_cards_of_other_projects_are_not_known(self, make, olga, cards):
        make("Смирнова Елена", project=cards, phone_mobile="89161234567")

        assert find_by_phone("89161234567", by=olga).kind == "none"

    def test_deleted_cards_and_the_unknown_caller_are_not_found(self, make, olga, loans, system):
        make("Смирнова Елена", phone_mobile="89161234567")
        Customer.objects.update(deleted_at=NOW)
        quasi_customer(project_id=loans.pk, by=system, now=NOW)

        assert find_by_phone("89161234567", by=olga).kind == "none"
        assert find_only_customer("79161234567") is None

    def test_costs_three_queries(self, make, olga, django_assert_max_num_queries):
        make("Смирнова Елена", phone_mobile="89161234567")
        make("Смирнов Олег", phone_home="89161234567")

        with django_assert_max_num_queries(3):  # the cards, and what contacts and cases know of them
            found = find_by_phone("89161234567", by=olga)
            assert [match.customer.full_name for match in found.matches]
