"""Customers who do not exist must pass every check that real ones do."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from perezvon.foundation.search.models import SearchEntry
from perezvon.modules.customers import checks
from perezvon.modules.customers.models import ContactPoint, Customer, Document
from perezvon.project.people_data import make_customers

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    make_customers(200, 7, NOW)
    return list(Customer.objects.prefetch_related("documents"))


class TestMakeCustomers:
    def test_numbers_of_identity_pass_their_checks(self, people):
        for person in people:
            assert checks.inn(person.inn) == person.inn
            assert checks.snils(person.snils) == person.snils
            assert checks.birth_date(f"{person.birth_date:%d.%m.%Y}", today=date(2026, 11, 20))
            assert all(checks.passport(document.number) for document in person.documents.all())

    def test_a_patronymic_fits_the_sex(self, people):
        women = [person for person in people if person.sex == "f" and person.middle_name]
        assert women
        assert all(person.middle_name.endswith("\u043d\u0430") for person in women)

    def test_some_share_a_telephone_and_all_can_be_found(self, people):
        held = Counter(ContactPoint.objects.exclude(digits="").values_list("digits", flat=True))
        assert max(held.values()) > 1
        assert SearchEntry.objects.count() == len(people)

    def test_the_same_seed_makes_the_same_people(self, people):
        names = [person.full_name for person in people]
        Document.objects.all().delete()
        Customer.objects.all().delete()
        make_customers(200, 7, NOW)

        assert sorted(names) == sorted(person.full_name for person in Customer.objects.all())
