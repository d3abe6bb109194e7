"""Filled questionnaires, on the card of a customer and on the page of a contact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.registry import Section
from perezvon.modules.customers.selectors import list_account
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.registry import ContactSection
from perezvon.modules.scripting.selectors import filled_for, filled_in

_TEMPLATE, _NEEDS = "scripting/_questionnaires.html", "interactions.view"


def section() -> Section:
    return Section("questionnaires", _TEMPLATE, of_customer, _NEEDS, 40, "main", lazy("Filled questionnaires"))


def contact_section() -> ContactSection:
    return ContactSection("questionnaires", _TEMPLATE, of_contact, _NEEDS)


def of_customer(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """F01.11; nothing where none was filled. One query, one more for a company."""
    found = filled_for(list_account(customer, by=by), by=by)
    return {"runs": found, "now": now} if found else None


def of_contact(contact: Interaction, by: Actor, now: datetime) -> Mapping[str, Any]:
    """F02.10. One query."""
    return {"runs": filled_in(contact.pk, by=by), "now": now}
