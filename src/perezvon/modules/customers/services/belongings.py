"""Documents of identity and addresses, each a row of its own, and remarks on telephones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound
from perezvon.modules.customers.addresses import LONGEST, cleaned_parts, in_one_line
from perezvon.modules.customers.models import Address, ContactPoint, Customer, Document
from perezvon.modules.customers.selectors.review import is_locked, today
from perezvon.modules.customers.services.changing import LockedByType, NoSuchPoint
from perezvon.modules.customers.services.writing import FieldsWrong, lock, save_changed
from perezvon.modules.customers.values import Problem

LONGEST_NUMBER = 32


class NoSuchBelonging(NotFound):
    code = "customers.no_such_belonging"


@command("customers.add_document", needs="customers.edit")
def add_document(*, customer_id: UUID, kind: str, typed: Mapping[str, str], by: Actor, now: datetime) -> Document:
    """A document of identity. typed: number, issued_on, issuer, issuer_code. Raises FieldsWrong, LockedByType.

    A second passport makes the first one outdated.
    """
    values = _document_or_refused(kind, typed, today(now))
    customer = _lock_open(customer_id, by)
    if kind == Document.Kind.PASSPORT:
        _outdate(list(customer.documents.filter(kind=kind, is_current=True)))
    document = Document.objects.create(customer=customer, kind=kind, **values)
    save_changed(customer, ["documents"], now)
    return document


@command("customers.outdate_document", needs="customers.edit")
def outdate_document(*, customer_id: UUID, document_id: int, by: Actor, now: datetime) -> Document:
    """It is no longer current, and is found all the same. Raises NoSuchBelonging, LockedByType."""
    customer = _lock_open(customer_id, by)
    document = customer.documents.filter(pk=document_id).first()
    if document is None:
        raise NoSuchBelonging(document=document_id)
    _outdate([document])
    save_changed(customer, ["documents"], now)
    return document


@command("customers.put_address", needs="customers.edit_contacts")
def put_address(
    *, customer_id: UUID, typed: Mapping[str, str], by: Actor, now: datetime, address_id: int | None = None
) -> Address:
    """A new address, or another text for one (F29.05). typed: use, country, postcode, region, town, line, note.

    Raises FieldsWrong with all that is wrong, NoSuchBelonging.
    """
    use, country = typed.get("use", ""), typed.get("country", "")
    parts, wrong = cleaned_parts(country, typed)
    problems = {f"address_{name}": Problem(one.code, one.facts) for name, one in wrong.items()}
    if use not in Address.Use.values:
        problems["address_use"] = Problem("choice.unknown")
    if problems:
        raise FieldsWrong(problems=problems)
    customer = lock(customer_id, by)
    address = _address(customer, address_id) if address_id is not None else Address(customer=customer)
    for name, value in {**parts, "use": use, "country": country, "text": in_one_line(country, parts)[:400]}.items():
        setattr(address, name, value)
    address.save()
    save_changed(customer, ["addresses"], now)
    return address


@command("customers.outdate_address", needs="customers.edit_contacts")
def outdate_address(*, customer_id: UUID, address_id: int, by: Actor, now: datetime) -> Address:
    """He is no longer there; the history keeps it. Raises NoSuchBelonging."""
    customer = lock(customer_id, by)
    address = _address(customer, address_id)
    address.is_current = False
    address.save(update_fields=["is_current"])
    save_changed(customer, ["addresses"], now)
    return address


@command("customers.note_point", needs="customers.edit_contacts")
def note_point(*, customer_id: UUID, point_id: int, note: str, by: Actor, now: datetime) -> ContactPoint:
    """A remark on a telephone or e-mail: third floor, ask for Anna (F01.26). Raises NoSuchPoint."""
    note = " ".join(note.split())
    if len(note) > LONGEST["note"]:
        raise FieldsWrong(problems={"note": Problem("text.long", {"most": LONGEST["note"]})})
    customer = lock(customer_id, by)
    point = customer.points.filter(pk=point_id).first()
    if point is None:
        raise NoSuchPoint(point=point_id)
    point.note = note
    point.save(update_fields=["note"])
    save_changed(customer, ["contacts"], now)
    return point


def _lock_open(customer_id: UUID, by: Actor) -> Customer:
    """The customer, unless his personal data are closed to `by`."""
    customer = lock(customer_id, by)
    if is_locked(customer, by):
        raise LockedByType(customer=customer_id, card_type=customer.card_type)
    return customer


def _address(customer: Customer, address_id: int) -> Address:
    found = customer.addresses.filter(pk=address_id).first()
    if found is None:
        raise NoSuchBelonging(address=address_id)
    return found


def _outdate(documents: list[Document]) -> None:
    for document in documents:
        document.is_current = False
        document.save(update_fields=["is_current"])


def _document_or_refused(kind: str, typed: Mapping[str, str], today: date) -> dict[str, Any]:
    if kind not in Document.Kind.values:
        raise FieldsWrong(problems={"document": Problem("choice.unknown")})
    values: dict[str, Any] = {"issuer": " ".join(typed.get("issuer", "").split())[:255], "issued_on": None}
    problems = {}
    for name in ("number", "issued_on", "issuer_code"):
        try:
            values[name] = _read(kind, name, typed.get(name, "").strip())
        except Wrong as wrong:
            problems[f"document_{name}"] = Problem(wrong.code, wrong.facts)
    if values["issued_on"] and values["issued_on"] > today:
        problems["document_issued_on"] = Problem("birth_date.future")
    if problems:
        raise FieldsWrong(problems=problems)
    return values


def _read(kind: str, name: str, text: str) -> Any:
    """A number as we keep it: signs without blanks, series first."""
    if name == "issued_on":
        return checks.day(text) if text else None
    if name == "issuer_code":
        return checks.issuer_code(text) if text else ""
    return document_number(kind, text)


def document_number(kind: str, text: str) -> str:
    """As it is kept. Raises Wrong."""
    if kind == Document.Kind.PASSPORT:
        return checks.passport(text)
    number = "".join(sign for sign in text.upper() if sign.isalnum())
    if not number:
        raise Wrong("field.required")
    if len(number) > LONGEST_NUMBER:
        raise Wrong("text.long", most=LONGEST_NUMBER)
    return number
