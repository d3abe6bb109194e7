"""What documents may say of a customer, whatever record they are about, as far as whoever makes one sees it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.messages.registry import About
from perezvon.foundation.ui.templatetags.ui import phone
from perezvon.modules.customers.models import ContactPoint, Customer
from perezvon.modules.customers.placeholders import dear
from perezvon.modules.customers.registry import commercial_is_open
from perezvon.modules.customers.selectors.contracts import contracts_of, shows_sums
from perezvon.modules.customers.selectors.masks import mask
from perezvon.modules.customers.selectors.reading import NoSuchCustomer, get_customer_with_details, list_products
from perezvon.modules.customers.selectors.review import current_passport
from perezvon.modules.customers.values import RECORD
from perezvon.modules.documents.registry import FieldOf, Group, own_fields, own_values

VIEW, CONTRACTS, COMMERCIAL = "customers.view", "customers.view_contracts", "customers.view_commercial"
_ADDRESSES = ("registered", "actual", "postal")


def customer_group() -> Group:
    """What a template may say of a customer, whatever record it is for."""
    return Group(
        "customer",
        lazy("Customer"),
        (
            FieldOf("name", lazy("Full name"), lazy("Smirnova Elena Pavlovna")),
            FieldOf("dear", lazy("Dear …, by sex and name"), lazy("Dear Elena Pavlovna")),
            FieldOf("short_name", lazy("Surname and initials"), lazy("Smirnova E. P.")),
            FieldOf("last_name", lazy("Last name"), lazy("Smirnova")),
            FieldOf("first_name", lazy("First name"), lazy("Elena")),
            FieldOf("middle_name", lazy("Middle name"), lazy("Pavlovna")),
            FieldOf("company", lazy("Company"), lazy("Daisy LLC")),
            FieldOf("number", lazy("CRM ID"), "10041"),
            FieldOf("birth_date", lazy("Date of birth"), date(1981, 5, 14)),
            FieldOf("phone", lazy("Phone"), "+7 916 123-45-67"),
            FieldOf("email", lazy("E-mail"), "elena@example.com"),
            FieldOf("address_registered", lazy("Address: registered"), lazy("Moscow, Lesnaya st., 5")),
            FieldOf("address_actual", lazy("Address: actual"), lazy("Moscow, Lesnaya st., 5")),
            FieldOf("address_postal", lazy("Address: postal"), lazy("Moscow, Lesnaya st., 5")),
            FieldOf("region", lazy("Region"), lazy("Moscow")),
            FieldOf("town", lazy("Town"), lazy("Moscow")),
            FieldOf("passport", lazy("Passport, masked"), "•••••••••23"),
            FieldOf("inn", lazy("INN, masked"), "••••••••••42"),
            FieldOf("contracts", lazy("Contracts"), rows=_CONTRACT),
            FieldOf("products", lazy("Products, once he is identified"), rows=_PRODUCT),
            *own_fields(RECORD),
        ),
    )


_CONTRACT = (
    FieldOf("number", lazy("Number"), "17-042"),
    FieldOf("product", lazy("Product"), lazy("Cash loan")),
    FieldOf("state", lazy("State"), lazy("In force")),
    FieldOf("signed_on", lazy("Signed on"), date(2025, 3, 1)),
    FieldOf("ends_on", lazy("Last day"), date(2028, 3, 1)),
    FieldOf("sum", lazy("Sum"), Decimal(300000), closed=True),
    FieldOf("currency", lazy("Currency"), "RUB"),
)
_PRODUCT = (
    FieldOf("name", lazy("Title"), lazy("Debit card"), closed=True),
    FieldOf("last4", lazy("Last digits"), "4417", closed=True),
    FieldOf("balance", lazy("Balance"), Decimal(15200), closed=True),
    FieldOf("currency", lazy("Currency"), "RUB"),
)


def opens_commercial(customer_id: UUID, by: Actor) -> bool:
    """Whether commercial data of a customer are open to somebody: by his right, and once the customer is identified."""
    if not by.may(COMMERCIAL):
        return False
    customer = Customer.objects.visible_to(by).filter(pk=customer_id).first()
    return customer is not None and commercial_is_open(customer, by)


def letter_language(customer: Customer | None) -> str:
    return customer.language if customer is not None and customer.language in {"ru", "en"} else "ru"


def main_mailbox(customer: Customer) -> str:
    """His main mailbox, "" without one. One query."""
    boxes = ContactPoint.objects.filter(customer=customer.pk, kind=ContactPoint.Kind.EMAIL, struck_reason="")
    return boxes.order_by("-is_main", "id").values_list("raw", flat=True).first() or ""


def customer_values(customer_id: UUID | None, by: Actor, now: datetime) -> dict[str, Any]:
    """What the actor sees on his card: numbers of identity masked, commercial data once he is identified. Nothing
    without a customer, or of one who is not open to the actor."""
    if customer_id is None or not by.may(VIEW):
        return {}
    try:
        return _values_of(get_customer_with_details(customer_id, by=by), by, now)
    except NoSuchCustomer:
        return {}


def _values_of(customer: Customer, by: Actor, now: datetime) -> dict[str, Any]:
    points = [one for one in customer.points.all() if not one.struck_reason]
    language = get_language() or "ru"
    return {
        "name": customer.full_name,
        "short_name": customer.short_name,
        "dear": dear(About(by, now, language, customer.project, customer)),
        "last_name": customer.last_name,
        "first_name": customer.first_name,
        "middle_name": customer.middle_name,
        "company": customer.company_name,
        "number": str(customer.number),
        "birth_date": customer.birth_date,
        "phone": next((phone(f"+{one.digits}") for one in points if one.digits and not one.extension), ""),
        "email": next((one.raw for one in points if one.kind == ContactPoint.Kind.EMAIL), ""),
        **{f"address_{use}": _address(customer, use) for use in _ADDRESSES},
        "region": customer.region,
        "town": customer.town,
        "passport": _masked("passport", getattr(current_passport(customer), "number", "")),
        "inn": _masked("inn", customer.inn),
        "contracts": _contracts(customer, by),
        "products": _products(customer, by),
        **own_values(customer, by),
    }


def _masked(field: str, value: str) -> str:
    return mask(field, value) if value else ""


def _address(customer: Customer, use: str) -> str:
    return next((one.text for one in customer.addresses.all() if one.use == use), "")


def _contracts(customer: Customer, by: Actor) -> list[dict[str, Any]]:
    if not by.may(CONTRACTS):
        return []
    sums = shows_sums(customer, by=by)
    return [
        {
            "number": one.number,
            "product": str(one.product or ""),
            "state": str(one.get_state_display()),
            "signed_on": one.signed_on,
            "ends_on": one.ends_on,
            "sum": one.sum if sums else gettext("closed"),
            "currency": one.currency if sums else "",
        }
        for one in contracts_of(customer, by=by)
    ]


def _products(customer: Customer, by: Actor) -> list[dict[str, Any]]:
    if not by.may(COMMERCIAL) or not commercial_is_open(customer, by):
        return []
    return [
        {"name": one.name, "last4": one.last4, "balance": one.balance, "currency": one.currency}
        for one in list_products(customer.pk, by=by)
    ]
