"""What contacts add to a customer's page: their history, a visit to be registered, products behind the gate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Project
from perezvon.foundation.ui.templatetags.ui import money
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.registry import Section
from perezvon.modules.interactions import services
from perezvon.modules.interactions.messaging import sms
from perezvon.modules.interactions.selectors import list_account_timeline, list_offered
from perezvon.modules.interactions.services import GateState

_CURRENCIES = {"RUB": "\u20bd", "USD": "$", "EUR": "\u20ac"}


def sections() -> list[Section]:
    commercial, writing, viewing = "customers.view_commercial", "interactions.write", "interactions.view"
    return [
        Section("products", "interactions/_products.html", products, commercial, 25, "side", lazy("Products")),
        Section("visit", "interactions/_visit.html", visit, writing, 10, label=lazy("Visit to the office")),
        Section("sms", "interactions/_sms.html", sms, "messages.send", 15, label=lazy("Sending SMS to the customer")),
        Section("offers", "interactions/_offered.html", offers, viewing, 26, "side", lazy("Offered products")),
        Section("history", "interactions/_history.html", history, viewing, 20, label=lazy("Contacts with him")),
    ]


def history(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any]:
    """All contacts with the customer on all channels, by everybody, newest first; a company's with those of its
    business contacts. Five queries, six for a company."""
    return {"entries": list_account_timeline(customer, by=by)}


def offers(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """What was ever offered to him, and what he said (F19.01). One query."""
    rows = list_offered(customer.pk, by=by)
    return {"rows": rows} if rows else None


def products(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any]:
    """Open in the contact in hand, once he is identified in it; else closed, and why. Up to five queries."""
    contact = services.contact_in_hand(customer.pk, by=by)
    if contact is None:
        return {"rows": [], "locked": _("Opens in a contact with the customer, once he is identified.")}
    if services.may_see_products(contact, by=by):
        return {"rows": [_product(product) for product in services.visible_products(contact, by=by)], "locked": ""}
    if services.gate(contact).state is GateState.LOCKED:
        return {"rows": [], "locked": _("Not identified: the attempts of this contact are spent.")}
    return {"rows": [], "locked": _("Opens after identification")}


def _product(product: Any) -> dict[str, Any]:
    """As ui/fact.html takes it."""
    end = f" \u2022\u2022\u2022\u2022 {product.last4}" if product.last4 else ""
    currency = _CURRENCIES.get(product.currency, product.currency)
    return {"label": f"{product.name}{end}", "value": money(product.balance, currency), "kind": "number"}


def visit(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any]:
    """The form of a personal visit: for which of the actor's projects. One query."""
    projects = Project.objects.order_by("number")
    return {"projects": list(projects if by.projects is None else projects.filter(pk__in=by.projects))}
