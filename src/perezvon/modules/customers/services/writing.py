"""What every change of a customer has in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from perezvon.foundation.access import Actor
from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.values import merged
from perezvon.foundation.outbox.services import publish, tell
from perezvon.foundation.search import services as index
from perezvon.foundation.search.registry import Entry
from perezvon.kernel.errors import Refused
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers.addresses import PARTS
from perezvon.modules.customers.events import CustomerChanged
from perezvon.modules.customers.models import Address, ContactPoint, Customer, Document, Kind
from perezvon.modules.customers.selectors.reading import NoSuchCustomer
from perezvon.modules.customers.selectors.review import today
from perezvon.modules.customers.selectors.search import KIND
from perezvon.modules.customers.values import ADDRESSES, OWN, PASSPORT, Cleaned, Problem, clean, custom_of


class FieldsWrong(Refused):
    """Something typed cannot be taken. facts: problems, {field: Problem}."""

    code = "customers.fields_wrong"
    http_status = 422


def cleaned_or_refused(
    typed: Mapping[str, str],
    now: datetime,
    extra: Mapping[str, Problem] | None = None,
    *,
    fields: Sequence[Field] = (),
    kept: Mapping[str, Any] | None = None,
) -> Cleaned:
    """What was typed as we keep it. Raises FieldsWrong with all that is wrong at once."""
    cleaned = clean(typed, today=today(now), fields=fields, kept=kept)
    problems = {**(extra or {}), **cleaned.problems}
    if problems:
        raise FieldsWrong(problems=problems)
    return cleaned


def lock(customer_id: UUID, by: Actor) -> Customer:
    """The customer, held for this transaction. A customer is locked before anything that belongs to him."""
    customer = Customer.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=customer_id).first()
    if customer is None or customer.kind == Kind.QUASI:
        raise NoSuchCustomer(customer=customer_id)
    return customer


def set_own(customer: Customer, values: Mapping[str, Any]) -> None:
    for name in OWN:
        if name in values:
            setattr(customer, name, values[name])
    if values.get("no_middle_name"):
        customer.middle_name = ""
    customer.custom = merged(customer.custom, custom_of(values))
    customer.sort_key = index.text_for(customer.full_name)[:320]


def set_related(customer: Customer, values: Mapping[str, Any]) -> None:
    """Passport and addresses. What is taken away stays as an empty row, so that its history hangs on something."""
    passport = {column: values[name] for name, column in PASSPORT.items() if name in values}
    known = customer.documents.filter(kind=Document.PASSPORT, is_current=True).first()
    if passport and (known or any(passport.values())):
        _put(known or Document(customer=customer), passport)
    for name, use in ADDRESSES.items():
        first = customer.addresses.filter(use=use, is_current=True).first() if name in values else None
        if values.get(name) or first:
            _put(first or Address(customer=customer, use=use), {"text": values[name], **dict.fromkeys(PARTS, "")})


def _put(row: Document | Address, values: Mapping[str, Any]) -> None:
    """What is typed as one line has no parts any more."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def point_of(customer: Customer, kind: str, use: str, text: str) -> ContactPoint:
    """A contact point not yet saved."""
    point = ContactPoint(customer=customer, kind=kind, use=use, raw=text)
    if kind == ContactPoint.Kind.PHONE and (phone := parse_phone(text)):
        point.digits, point.extension = phone.digits, phone.extension
    return point


def save_changed(customer: Customer, fields: Iterable[str], now: datetime) -> None:
    """Save with the next version, index, tell those who look at the card and whom it may concern."""
    customer.version += 1
    customer.save()
    put_in_index(customer)
    publish(CustomerChanged(customer_id=customer.pk, fields=tuple(fields)), now=now)
    tell("customer", customer.pk, customer.version, to=[f"record:customer:{customer.pk}"], now=now)


def put_in_index(customer: Customer) -> None:
    index.put(entry_of(customer))


def entry_of(customer: Customer) -> Entry:
    """What a customer is found by: the name first, then his number."""
    words = (customer.full_name, str(customer.number), customer.company_name if customer.kind == Kind.PERSON else "")
    return Entry(KIND, customer.pk, customer.full_name, " ".join(words), customer.project_id)
