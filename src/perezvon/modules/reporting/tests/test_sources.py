"""The report on sources of information: how many customers each brought, and what they did since."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from django.test import Client

from perezvon.foundation.access import System
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.services import register_potential
from perezvon.modules.reporting.tests.contacts import make_call, make_project, make_queue, make_user

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
WEEK = {"from": "2026-11-16", "until": "2026-11-22"}


@pytest.fixture
def loans(db):
    return make_project("loans", 1)


@pytest.fixture
def viktor(loans):
    return make_user("viktor", "supervisor", loans)


@pytest.fixture
def browser(viktor):
    client = Client()
    client.force_login(viktor)
    return client


@pytest.fixture
def customers(loans):
    """Two by recommendation and one without a source this week, one by the site the week before."""
    queue = make_queue(loans, "loans")
    by = System(name="test")
    given = [("Friends", 0), ("Friends", 1), ("", 2), ("Site", -3), ("Site", -40)]
    for number, (source, days) in enumerate(given):
        at = MONDAY + timedelta(days=days)
        typed = {"last_name": f"Orlov{'abcde'[number]}", "phone_mobile": f"+7916700000{number}", "source": source}
        customer = register_potential(typed=typed, by=by, now=at)
        for _call in range(number):
            make_call(queue, MONDAY, customer=customer)
    Customer.objects.filter(last_name="Orlove").update(deleted_at=MONDAY)


@pytest.mark.feature("F01.21")
class TestReport:
    def test_says_what_each_source_brought_beside_the_week_before(self, browser, customers):
        context = browser.get("/reports/sources/", WEEK).context

        lines = [
            (line["source"].name, line["source"].came, line["source"].percent, line["source"].before, line["bar"])
            for line in context["lines"]
        ]
        assert lines == [("Friends", 2, 67, 0, "100.0"), ("Site", 0, 0, 1, "0.0"), ("", 1, 33, 0, "50.0")]
        assert [(line["source"].total, line["source"].contacts) for line in context["lines"]] == [
            (2, 1),
            (1, 3),
            (1, 2),
        ]
        total = context["report"].total
        assert (total.came, total.total, total.contacts, total.growth_percent) == (3, 4, 6, 200)

    def test_leads_to_the_customers_behind_a_number(self, browser, customers):
        lines = browser.get("/reports/sources/", WEEK).context["lines"]
        found = [len(browser.get(line["url"]).context["rows"]) for line in lines]
        assert found == [2, 1, 1]

    def test_leaves_as_a_file_with_the_same_numbers(self, browser, customers):
        book = openpyxl.load_workbook(io.BytesIO(browser.get("/reports/sources/sources.xlsx", WEEK).content))
        rows = list(book.worksheets[0].values)
        assert rows[0][:3] == ("Source of information", "Customers", "Came")
        assert [row[:3] for row in rows[1:]] == [
            ("Friends", 2, 2),
            ("Site", 1, 0),
            ("not given", 1, 1),
            ("Total", 4, 3),
        ]
        text = browser.get("/reports/sources/sources.csv", WEEK).content.decode("utf-8-sig")
        assert [row[0] for row in csv.reader(io.StringIO(text))][1:] == ["Friends", "Site", "not given", "Total"]

    def test_of_a_project_counts_its_own_customers_only(self, browser, customers, loans):
        Customer.objects.filter(last_name="Orlova").update(project=loans)
        context = browser.get("/reports/sources/", WEEK | {"project": "loans"}).context
        assert [(line["source"].name, line["source"].came) for line in context["lines"]] == [("Friends", 1)]

    def test_of_no_period_says_what_is_wrong(self, browser):
        answer = browser.get("/reports/sources/", {"from": "2026-11-22", "until": "2026-11-16"})
        assert answer.status_code == 422

    def test_is_closed_to_operators(self, loans):
        client = Client()
        client.force_login(make_user("olga", "operator", loans))
        assert client.get("/reports/sources/").status_code == 403
