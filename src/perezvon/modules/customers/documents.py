"""Customers as documents know them: what templates may say of one, as far as whoever makes the document sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.messages.registry import About
from perezvon.foundation.ui.templatetags.ui import phone
from perezvon.modules.customers.models import ContactPoint, Customer, Kind
from perezvon.modules.customers.placeholders import dear
from perezvon.modules.customers.registry import Section, commercial_is_open
from perezvon.modules.customers.selectors import (
    Asked,
    contracts_of,
    current_passport,
    get_customer,
    get_customer_with_details,
    list_products,
    mask,
    search_keys,
    shows_sums,
)
from perezvon.modules.customers.values import RECORD
from perezvon.modules.documents.registry import FieldOf, Group, Source, Subject
from perezvon.modules.documents.sections import TEMPLATE, section_of_customer
from perezvon.modules.documents.selectors import VIEW as DOCUMENTS
from perezvon.modules.documents.values import own_fields, own_values

VIEW, CONTRACTS, COMMERCIAL = "customers.view", "customers.view_contracts", "customers.view_commercial"
_ADDRESSES = ("registered", "actual", "postal")


def source() -> Source:
    return Source(RECORD, lazy("Customers"), VIEW, lambda: [group()], find, load, search, keys)


def section() -> Section:
    return Section("made_documents", TEMPLATE, _section, DOCUMENTS, 22, "main", lazy("Made documents"))


def _section(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """Those about him and about all of his. One query."""
    return None if customer.kind == Kind.QUASI else section_of_customer(RECORD, customer.pk, by=by, now=now)


def group() -> Group:
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
    FieldOf("sum", lazy("Sum"), Decimal(300000)),
    FieldOf("currency", lazy("Currency"), "RUB"),
)
_PRODUCT = (
    FieldOf("name", lazy("Title"), lazy("Debit card")),
    FieldOf("last4", lazy("Last digits"), "4417"),
    FieldOf("balance", lazy("Balance"), Decimal(15200)),
    FieldOf("currency", lazy("Currency"), "RUB"),
)


def find(key: UUID, by: Actor) -> Subject:
    """Raises NoSuchCustomer."""
    return subject_of(get_customer(key, by=by))


def subject_of(customer: Customer) -> Subject:
    return Subject(
        kind=RECORD,
        key=customer.pk,
        title=customer.full_name,
        url=reverse("customers:card", args=[customer.pk]),
        client=customer.full_name,
        project_id=customer.project_id,
        customer=customer.pk,
        language=language_of(customer),
        email=email_of(customer),
    )


def language_of(customer: Customer | None) -> str:
    return customer.language if customer is not None and customer.language in {"ru", "en"} else "ru"


def email_of(customer: Customer) -> str:
    """His main mailbox, "" without one. One query."""
    boxes = ContactPoint.objects.filter(customer=customer.pk, kind=ContactPoint.Kind.EMAIL, struck_reason="")
    return boxes.order_by("-is_main", "id").values_list("raw", flat=True).first() or ""


def load(key: UUID, by: Actor, now: datetime) -> dict[str, dict[str, Any]]:
    return {"customer": values_of(get_customer_with_details(key, by=by), by, now)}


def values_of(customer: Customer, by: Actor, now: datetime) -> dict[str, Any]:
    """What the actor sees on his card: numbers of identity masked, commercial data once he is identified."""
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


def search(text: str, by: Actor, limit: int) -> list[Subject]:
    seen = Customer.objects.visible_to(by).exclude(kind=Kind.QUASI)
    if not text.strip():
        return [subject_of(one) for one in seen.order_by("-created_at", "-id")[:limit]]
    found = search_keys(Asked(text=text), by=by, limit=limit)
    return [subject_of(one) for one in seen.filter(pk__in=found.keys)[:limit]] if found else []


def keys(by: Actor) -> QuerySet[Any]:
    return Customer.objects.visible_to(by).values("pk")
