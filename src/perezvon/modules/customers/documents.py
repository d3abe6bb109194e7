"""Customers as documents know them, and documents on the card of a customer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.modules.customers.models import Customer, Kind
from perezvon.modules.customers.registry import Section
from perezvon.modules.customers.selectors import (
    Asked,
    customer_group,
    customer_values,
    get_customer,
    letter_language,
    main_mailbox,
    opens_commercial,
    search_keys,
)
from perezvon.modules.customers.values import RECORD
from perezvon.modules.documents.registry import Source, Subject
from perezvon.modules.documents.selectors import TEMPLATE, section_of_customer
from perezvon.modules.documents.selectors import VIEW as DOCUMENTS


def source() -> Source:
    needs = "customers.view"
    return Source(
        RECORD, lazy("Customers"), needs, lambda: [customer_group()], _find, _load, _search, _keys,
        opens=opens_commercial,
    )  # fmt: skip


def section() -> Section:
    return Section("made_documents", TEMPLATE, _section, DOCUMENTS, 22, "main", lazy("Made documents"))


def _section(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """Those about him and about all of his. One query."""
    return None if customer.kind == Kind.QUASI else section_of_customer(RECORD, customer.pk, by=by, now=now)


def _find(key: UUID, by: Actor) -> Subject:
    """Raises NoSuchCustomer."""
    return _subject(get_customer(key, by=by))


def _subject(customer: Customer) -> Subject:
    return Subject(
        kind=RECORD,
        key=customer.pk,
        title=customer.full_name,
        url=reverse("customers:card", args=[customer.pk]),
        client=customer.full_name,
        project_id=customer.project_id,
        customer=customer.pk,
        language=letter_language(customer),
        email=main_mailbox(customer),
    )


def _load(key: UUID, by: Actor, now: datetime) -> dict[str, dict[str, Any]]:
    return {"customer": customer_values(key, by, now)}


def _search(text: str, by: Actor, limit: int) -> list[Subject]:
    seen = Customer.objects.visible_to(by).exclude(kind=Kind.QUASI)
    if not text.strip():
        return [_subject(one) for one in seen.order_by("-created_at", "-id")[:limit]]
    found = search_keys(Asked(text=text), by=by, limit=limit)
    return [_subject(one) for one in seen.filter(pk__in=found.keys)[:limit]] if found else []


def _keys(by: Actor) -> QuerySet[Any]:
    return Customer.objects.visible_to(by).values("pk")
