"""A bank with a few customers, as small as the demo's history can be made from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import ContactPoint, Customer
from perezvon.project import blueprint
from perezvon.project.demo.history import History, read_centre

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)  # a Friday evening in Moscow
SHARED_NUMBER = "79035550000"


def make_few_customers(count: int) -> list[Customer]:
    """Customers with a number each; the last two share one."""
    people = [
        Customer(
            id=uuid7(NOW - timedelta(days=count - at), at.to_bytes(10)),
            number=at,
            last_name=f"\u041f\u0435\u0442\u0440\u043e\u0432 {at}",
            created_at=NOW,
        )
        for at in range(1, count + 1)
    ]
    Customer.objects.bulk_create(people)
    numbers = [f"7916{at:07}" for at in range(count - 2)] + [SHARED_NUMBER] * 2
    points = [
        ContactPoint(customer=person, kind="phone", digits=digits, raw=f"+{digits}")
        for person, digits in zip(people, numbers, strict=True)
    ]
    ContactPoint.objects.bulk_create(points)
    return people


@pytest.fixture
def bank(db):
    """The bank's blueprint and forty customers."""
    blueprint.load(blueprint.read("bank"), now=NOW)
    return make_few_customers(40)


@pytest.fixture
def centre(bank):
    return read_centre("bank")


@pytest.fixture
def history():
    return History(now=NOW, days=3, contacts=120)
