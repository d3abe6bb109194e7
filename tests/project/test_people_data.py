"""Invented customers must pass for real ones everywhere that real ones are looked at."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from perezvon.foundation.access import System
from perezvon.foundation.history.models import Change
from perezvon.kernel import checks
from perezvon.modules.customers.models import ContactPoint, Customer, Document, ProductHeld
from perezvon.modules.customers.selectors import Asked, code_word_fits, find_by_phone, search
from perezvon.project.people_data import account_of, card_of, code_word_of, make_customers

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SYSTEM = System(name="test")
COUNT = 600


@pytest.fixture
def people(db):
    make_customers(COUNT, seed=7, now=NOW)
    return list(Customer.objects.order_by("number").prefetch_related("points", "documents", "products"))


def fingerprint(people) -> list[tuple[object, ...]]:
    return [
        (
            one.number - people[0].number,
            one.full_name,
            one.birth_date,
            one.inn,
            [point.digits for point in one.points.all()],
        )
        for one in people
    ]


class TestPeople:
    def test_numbers_of_identity_are_valid(self, people):
        for one in people:
            assert not one.inn or checks.inn(one.inn)
            assert not one.snils or checks.snils(one.snils)
            for document in one.documents.all():
                number = checks.passport(document.number)
                doubts = set(
                    checks.passport_doubts(number, issued=document.issued_on, born=one.birth_date, today=NOW.date())
                )
                assert not doubts & {"passport.issued_early", "passport.form_year", "passport.issued_later"}

    def test_names_and_sexes_agree(self, people):
        for one in people:
            assert checks.name(one.full_name)
            assert not list(checks.name_doubts(one.full_name))
            if one.middle_name:
                assert one.middle_name.endswith("на") == (one.sex == "f")

    def test_frequent_names_are_frequent_and_rare_ones_occur(self, people):
        surnames = Counter(one.sort_key.split()[0][:5] for one in people)

        assert len(surnames) > 150
        assert surnames["ивано"] + surnames["смирн"] + surnames["кузне"] > 20

    def test_some_numbers_are_shared_some_struck_and_everybody_has_a_main_one(self, people):
        points = Counter(ContactPoint.objects.exclude(digits="").values_list("digits", flat=True))

        assert any(count > 1 for count in points.values())
        assert ContactPoint.objects.exclude(struck_reason="").exists()
        assert ContactPoint.objects.filter(is_main=True).count() == COUNT

    def test_they_are_found_by_all_that_finds_people(self, people):
        one = next(one for one in people if one.documents.all() and one.products.all())
        product = one.products.all()[0]
        whole = card_of(one.number) if product.kind == "card" else account_of(one.number)

        assert find_by_phone(one.points.get(is_main=True).raw, by=SYSTEM).matches[0].customer == one
        for asked in (
            Asked(name=one.full_name),
            Asked(passport=one.documents.all()[0].number),
            Asked(card=whole),
            Asked(text=str(one.number)),
        ):
            assert one.pk in [row.id for row in search(asked, by=SYSTEM).rows]

    def test_their_code_words_are_known_to_those_who_made_them(self, people):
        having = [one for one in people if one.code_word]

        assert having
        assert all(code_word_fits(one, code_word_of(one.number)) for one in having)

    def test_cards_and_accounts_look_like_such(self, people):
        kinds = Counter(ProductHeld.objects.values_list("kind", flat=True))

        assert set(kinds) == {"card", "account", "loan"}
        assert checks.is_card(card_of(10_001))
        assert len(account_of(10_001)) == 20
        assert not ProductHeld.objects.filter(balance__lt=0).exists()
        assert Document.objects.exclude(number__regex=r"^\d{10}$").count() == 0

    def test_registered_in_order_before_now(self, people):
        times = [one.created_at for one in people]

        assert times == sorted(times)
        assert times[-1] < NOW


def test_the_same_seed_makes_the_same_people(db):
    made = []
    for seed in (1, 1, 2):
        with transaction.atomic():
            make_customers(50, seed=seed, now=NOW)
            made.append(fingerprint(Customer.objects.order_by("number").prefetch_related("points")))
            transaction.set_rollback(True)

    assert made[0] == made[1] != made[2]


def test_the_next_number_is_free(people, db):
    make_customers(10, seed=8, now=NOW)

    assert Customer.objects.count() == COUNT + 10


def test_a_small_load_is_in_the_history(people):
    assert Change.objects.filter(table="customers_customer", act="I").count() == COUNT


def test_two_thousand_take_less_than_three_seconds_of_work(db):
    began = time.process_time()
    make_customers(2_000, seed=1, now=NOW)

    assert time.process_time() - began < 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM search_searchentry")
        assert cursor.fetchone()[0] == 2_000
