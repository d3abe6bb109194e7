from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import connection

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.selectors import fields_of
from perezvon.foundation.fields.values import missing
from perezvon.foundation.numbering import next_number
from perezvon.foundation.outbox.services import publish
from perezvon.foundation.people.models import Project
from perezvon.kernel.errors import NotFound
from perezvon.kernel.ids import uuid7
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers.events import CustomerRegistered
from perezvon.modules.customers.keys import code_word_key
from perezvon.modules.customers.models import ContactPoint, Customer, Kind, Status
from perezvon.modules.customers.selectors.phones import find_only_customer, owners_of_number
from perezvon.modules.customers.selectors.reading import find_quasi
from perezvon.modules.customers.services.sources import source_problem
from perezvon.modules.customers.services.writing import (
    FieldsWrong,
    cleaned_or_refused,
    lock,
    point_of,
    put_in_index,
    save_changed,
    set_own,
    set_related,
)
from perezvon.modules.customers.values import CONTACTS, PHONES, RECORD, Cleaned, Problem

_QUASI_LOCK, _CALLER_LOCK = 7021003, 7021004


@command("customers.register_potential", needs="customers.register")
def register_potential(
    *, typed: Mapping[str, str], by: Actor, now: datetime, project_id: int | None = None
) -> Customer:
    """Make a card of somebody who is not in the base yet (F01.27). He is found by name and number at once.

    typed: fields of `values.ALL` as people type them. A name and a way to reach him must be there. project_id: only
    those who see the project shall know of him. Raises FieldsWrong with every problem at its field.
    """
    if project_id is not None and not by.sees_project(project_id):
        raise NotFound(project=project_id)
    fields = fields_of(RECORD, by, variant=typed.get("kind") or Kind.PERSON)
    problems = _missing(typed, fields) | source_problem(typed.get("source"), "", by=by, project_id=project_id)
    cleaned = cleaned_or_refused(typed, now, problems, fields=fields)
    customer = Customer(
        id=uuid7(now),
        number=next_number("customer"),
        kind=cleaned.values.get("kind") or Kind.PERSON,
        status=Status.POTENTIAL,
        card_type=cleaned.values.get("card_type") or "",
        project_id=project_id,
        created_at=now,
        created_by_id=by.user_id,
    )
    set_own(customer, cleaned.values)
    if word := cleaned.values.get("code_word"):
        customer.code_word = code_word_key(customer.pk, word)
    customer.save(force_insert=True)
    set_related(customer, cleaned.values)
    _add_points(customer, cleaned)
    put_in_index(customer)
    publish(CustomerRegistered(customer_id=customer.pk), now=now)
    return customer


def _missing(typed: Mapping[str, str], fields: Sequence[Field]) -> dict[str, Problem]:
    def given(*names: str) -> bool:
        return any(typed.get(name, "").strip() for name in names)

    problems = {}
    if typed.get("kind") == Kind.COMPANY and not given("company_name"):
        problems["company_name"] = Problem("company_name.missing")
    elif typed.get("kind") != Kind.COMPANY and not given("last_name", "first_name"):
        problems["last_name"] = Problem("name.missing")
    if not given(*CONTACTS):
        problems["phone_contact"] = Problem("contact.missing")
    return problems | {field.name: Problem("field.required") for field in missing(fields, typed)}


def _add_points(customer: Customer, cleaned: Cleaned) -> None:
    """The first telephone is the main one."""
    kinds = dict.fromkeys(PHONES, ContactPoint.Kind.PHONE) | {name: ContactPoint.Kind(name) for name in _OTHERS}
    points = [
        point_of(customer, kinds[name], PHONES.get(name, ContactPoint.Use.CONTACT), cleaned.values[name])
        for name in CONTACTS
        if cleaned.values.get(name)
    ]
    for point in points[:1]:
        point.is_main = point.kind == ContactPoint.Kind.PHONE
    ContactPoint.objects.bulk_create(points)


_OTHERS = [name for name in CONTACTS if name not in PHONES]


@command("customers.quasi_customer", needs="customers.register")
def quasi_customer(*, project_id: int, by: Actor, now: datetime) -> Customer:
    """The project's record for people nobody knows, made on first use (F01.30). It is in no search."""
    if not by.sees_project(project_id):
        raise NotFound(project=project_id)
    if known := find_quasi(project_id):
        return known
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_QUASI_LOCK, project_id])
    return find_quasi(project_id) or Customer.objects.create(
        id=uuid7(now), number=next_number("customer"), kind=Kind.QUASI, project_id=project_id, created_at=now
    )


class UnknownCallers(StrEnum):
    """When a caller whom nobody knows gets a card of his own (F01.23, X.23). Never while it rings."""

    OFF = "off"
    ANSWER = "answer"
    END = "end"

    @classmethod
    def of(cls, project: Project) -> UnknownCallers:
        """As the project wants it."""
        return cls(project.settings.get("unknown_callers") or cls.OFF)


@command("customers.set_unknown_callers", needs="people.projects")
def set_unknown_callers(*, project_id: int, when: str, by: Actor, now: datetime) -> Project:
    """When unknown callers of the project get cards. Raises FieldsWrong, NotFound."""
    if when not in list(UnknownCallers):
        raise FieldsWrong(problems={"unknown_callers": Problem("choice.unknown")})
    project = Project.objects.select_for_update().filter(pk=project_id).first()
    if project is None or not by.sees_project(project_id):
        raise NotFound(project=project_id)
    if project.settings.get("unknown_callers") != when:
        project.settings["unknown_callers"] = when
        project.version += 1
        project.save(update_fields=["settings", "version"])
    return project


@command("customers.card_of_caller", needs="customers.register")
def card_of_caller(*, number: str, project_id: int, by: Actor, now: datetime) -> Customer | None:
    """The card of whoever calls from this number; made when nobody has one, with the number for a name.

    None for what is no telephone number, and where several cards hold it. Two calls from one number at once make one
    card: the second waits for the first.
    """
    phone = parse_phone(f"+{number.lstrip('+')}")
    if phone is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_CALLER_LOCK, phone.digits])
    if owners_of_number(phone.digits):
        return find_only_customer(phone.digits)
    customer = Customer(
        id=uuid7(now),
        number=next_number("customer"),
        project_id=project_id,
        last_name=str(phone),
        made_by_number=True,
        created_at=now,
        created_by_id=by.user_id,
    )
    set_own(customer, {})
    customer.save(force_insert=True)
    use = ContactPoint.Use.CONTACT
    ContactPoint.objects.create(
        customer=customer, kind=ContactPoint.Kind.PHONE, use=use, digits=phone.digits, raw=phone.e164, is_main=True
    )
    put_in_index(customer)
    publish(CustomerRegistered(customer_id=customer.pk), now=now)
    return customer


@command("customers.add_point", needs="customers.edit_contacts")
def add_point(
    *, customer_id: UUID, use: str, text: str, by: Actor, now: datetime, kind: str = ContactPoint.Kind.PHONE
) -> ContactPoint:
    """Add a telephone, e-mail or site. The same number a second time is the first one."""
    name = f"phone_{use}" if kind == ContactPoint.Kind.PHONE else kind
    cleaned = cleaned_or_refused({name: text}, now)
    if not cleaned.values.get(name):
        raise FieldsWrong(problems={name: Problem("contact.missing")})
    customer = lock(customer_id, by)
    point = point_of(customer, kind, use, cleaned.values[name])
    for known in customer.points.filter(kind=kind):
        if (known.digits or known.raw.lower()) == (point.digits or point.raw.lower()):
            return known
    point.is_main = kind == ContactPoint.Kind.PHONE and not customer.points.filter(kind=kind, is_main=True).exists()
    point.save()
    save_changed(customer, ["contacts"], now)
    return point
