"""A customer's card takes sections and entries of modules above it; of those that are not there nothing is shown.

What each of them will put there comes with its module, hence the halves.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.people.models import Role, User
from perezvon.modules.customers import registry as sections
from perezvon.modules.customers.registry import Section, register_section
from perezvon.modules.interactions import registry as entries
from perezvon.modules.interactions.registry import register_entries
from perezvon.modules.interactions.tests.conftest import NOW, talk
from perezvon.modules.interactions.tests.test_sections import text_of

ABOVE = ("Filled questionnaires", "Requests", "Campaigns")


@pytest.fixture
def above(monkeypatch):
    """Registers what a module above would, for this test only."""
    monkeypatch.setattr(sections, "_sections", dict(sections._sections))
    monkeypatch.setattr(entries, "_entries", list(entries._entries))

    def register(code: str, label: str, told: str) -> None:
        def context(_customer, _by, _now):
            return {"text": told, "tone": "good"}

        register_section(Section(code, "ui/notice.html", context, "customers.view", 90, label=lazy(label)))

    return register


@pytest.mark.feature("F01.13", partly="campaigns (campaigns)")
def test_sections_of_absent_modules_are_absent_and_others_stand_where_they_are_put(browse, olga, elena, above):
    before = text_of(browse(olga).get(f"/customers/{elena.pk}/"))
    assert [label for label in ABOVE if label in before] == []

    above("requests", "Requests", "Call back tomorrow at ten")

    assert "Call back tomorrow at ten" in text_of(browse(olga).get(f"/customers/{elena.pk}/"))
    User.objects.filter(pk=olga.id).update(role=Role.objects.get(code="information_administrator"))
    assert "Requests" in text_of(browse(olga).get("/layouts/new/?kind=customer"))


@pytest.mark.feature("F02.19", partly="opportunities and orders (sales, orders)")
@pytest.mark.feature("F01.48", partly="invoices, orders, equipment and what to offer beside it (orders, service)")
@pytest.mark.feature("F01.49", partly="opportunities and orders (sales)")
def test_the_history_holds_what_is_no_contact_in_its_place(browse, olga, elena, loans, above):
    talk(loans, olga, elena, NOW - timedelta(days=1))
    sold = {"at": NOW - timedelta(days=2), "icon": "check", "title": "Order 17 signed", "by": "Petr S.", "text": ""}
    register_entries(lambda customer, _by: [sold] if customer == elena.pk else [])

    words = text_of(browse(olga).get(f"/customers/{elena.pk}/"))

    assert words.index("Incoming") < words.index("Order 17 signed")
