from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.kernel.errors import NotFound, Refused
from perezvon.modules.customers.keys import code_word_key, value_mark
from perezvon.modules.customers.models import ContactPoint, Customer, Kind
from perezvon.modules.customers.selectors.masks import MASKED_FIELDS, shown, value_of
from perezvon.modules.customers.selectors.reading import get_customer
from perezvon.modules.customers.selectors.review import editable_values, is_locked
from perezvon.modules.customers.services.sources import source_problem
from perezvon.modules.customers.services.writing import (
    FieldsWrong,
    cleaned_or_refused,
    lock,
    point_of,
    save_changed,
    set_own,
    set_related,
)
from perezvon.modules.customers.values import EDITABLE, Problem


class Outdated(Refused):
    """Somebody else changed the card meanwhile. facts: version, differences {field: (theirs, mine)}."""

    code = "customers.outdated"


class LockedByType(Refused):
    """Personal data of cards of this type come from their source alone (F01.33). facts: card_type."""

    code = "customers.locked_by_type"


class NoSuchPoint(NotFound):
    code = "customers.no_such_point"


@command("customers.update_customer", needs="customers.edit")
def update_customer(
    *,
    customer_id: UUID,
    version: int,
    typed: Mapping[str, str],
    by: Actor,
    now: datetime,
    read: Mapping[str, str] | None = None,
) -> Customer:
    """Change the fields given. version: the one they were read in. read: marks of their values then (`read_marks`).

    Raises FieldsWrong with every problem at its field, and Outdated, with what now differs, when the card has
    another version, unless the marks say that none of the changed fields is another one since: a comment meanwhile
    is in nobody's way. The caller shows both and asks again with the new version. Nothing changed, nothing happens.
    Raises LockedByType for personal data that only their source may change.
    """
    customer = lock(customer_id, by)
    fields = visible_fields(by, customer)
    known = {*EDITABLE, *(field.name for field in fields)}
    typed = {name: text for name, text in typed.items() if name in known}
    unknown = source_problem(typed.get("source"), customer.source, by=by, project_id=customer.project_id)
    cleaned = cleaned_or_refused(typed, now, unknown, fields=fields, kept=customer.custom)
    before = editable_values(customer, fields)
    changed = {name: value for name, value in cleaned.values.items() if value != before[name]}
    if is_locked(customer, by) and changed.keys() & {*EDITABLE}:
        raise LockedByType(customer=customer_id, card_type=customer.card_type)
    if customer.version != version and not _are_as_read(customer, {name: before[name] for name in changed}, read or {}):
        raise Outdated(
            version=customer.version, differences={name: (before[name], value) for name, value in changed.items()}
        )
    if changed:
        set_own(customer, changed)
        if changed.keys() & {"last_name", "first_name", "company_name"}:
            customer.made_by_number = False
        _refuse_nameless(customer)
        set_related(customer, changed)
        save_changed(customer, changed, now)
    return customer


def read_marks(customer: Customer, fields: Sequence[Field]) -> dict[str, str]:
    """Of each field that can be changed, for `update_customer`. Of values that are masked nothing can be learned."""
    return {name: value_mark(customer.pk, name, value) for name, value in editable_values(customer, fields).items()}


def _are_as_read(customer: Customer, values: Mapping[str, object], read: Mapping[str, str]) -> bool:
    return all(read.get(name) == value_mark(customer.pk, name, value) for name, value in values.items())


def _refuse_nameless(customer: Customer) -> None:
    if not customer.full_name:
        field = "company_name" if customer.kind == Kind.COMPANY else "last_name"
        raise FieldsWrong(problems={field: Problem("name.missing")})


# --- contact points ---


@command("customers.change_point", needs="customers.edit_contacts")
def change_point(*, point_id: int, text: str, by: Actor, now: datetime) -> ContactPoint:
    """Correct a number or an address (F01.38). The old one stays in the history."""
    customer, point = _lock_point(point_id, by)
    fresh = point_as_corrected(point, text, now=now)
    point.raw, point.digits, point.extension = fresh.raw, fresh.digits, fresh.extension
    point.save(update_fields=["raw", "digits", "extension"])
    save_changed(customer, ["contacts"], now)
    return point


def point_as_corrected(point: ContactPoint, text: str, *, now: datetime) -> ContactPoint:
    """What it would be; nothing is saved. Raises FieldsWrong."""
    name = f"phone_{point.use}" if point.kind == ContactPoint.Kind.PHONE else point.kind
    value = cleaned_or_refused({name: text}, now).values[name]
    if not value:
        raise FieldsWrong(problems={name: Problem("contact.missing")})
    return point_of(point.customer, point.kind, point.use, value)


@command("customers.strike_point", needs="customers.edit_contacts")
def strike_point(*, point_id: int, reason: str, by: Actor, now: datetime) -> ContactPoint:
    """Mark a number as not to be used, for one of four reasons (F01.39). It no longer identifies a caller."""
    if reason not in ContactPoint.Strike.values:
        raise FieldsWrong(problems={"reason": Problem("reason.missing")})
    customer, point = _lock_point(point_id, by)
    point.struck_reason = reason
    point.is_main = False
    point.save(update_fields=["struck_reason", "is_main"])
    save_changed(customer, ["contacts"], now)
    return point


@command("customers.restore_point", needs="customers.edit_contacts")
def restore_point(*, point_id: int, by: Actor, now: datetime) -> ContactPoint:
    """Take a strike back."""
    customer, point = _lock_point(point_id, by)
    point.struck_reason = ""
    point.save(update_fields=["struck_reason"])
    save_changed(customer, ["contacts"], now)
    return point


@command("customers.set_main_point", needs="customers.edit_contacts")
def set_main_point(*, point_id: int, by: Actor, now: datetime) -> ContactPoint:
    """Make it the first number to call."""
    customer, point = _lock_point(point_id, by)
    if point.is_struck:
        raise FieldsWrong(problems={"point": Problem("point.struck")})
    customer.points.filter(kind=point.kind, is_main=True).exclude(pk=point.pk).update(is_main=False)
    point.is_main = True
    point.save(update_fields=["is_main"])
    save_changed(customer, ["contacts"], now)
    return point


def _lock_point(point_id: int, by: Actor) -> tuple[Customer, ContactPoint]:
    """Both, the customer locked first, as everywhere."""
    owner = ContactPoint.objects.filter(pk=point_id).values_list("customer_id", flat=True).first()
    if owner is None:
        raise NoSuchPoint(point=point_id)
    customer = lock(owner, by)
    return customer, customer.points.get(pk=point_id)


# --- secrets ---


@command("customers.set_code_word", needs="customers.edit")
def set_code_word(*, customer_id: UUID, word: str, by: Actor, now: datetime) -> Customer:
    """Agree on a code word; an empty one takes it away. Only a keyed hash is kept: it is checked, never shown."""
    value = cleaned_or_refused({"code_word": word}, now).values["code_word"]
    customer = lock(customer_id, by)
    customer.code_word = code_word_key(customer.pk, value) if value else ""
    save_changed(customer, ["code_word"], now)
    return customer


@dataclass(frozen=True, slots=True)
class Revealed:
    """A masked value in full. A dataclass, because the log of commands keeps plain results, and must not keep this."""

    text: str


@command("customers.unmask", needs="customers.reveal", reads=True)
def unmask(*, customer_id: UUID, field_id: str, by: Actor, now: datetime) -> Revealed:
    """Show a masked value in full: passport, inn or snils. Who saw what of whom stands in the log of commands."""
    if field_id not in MASKED_FIELDS:
        raise NotFound(field=field_id)
    customer = get_customer(customer_id, by=by)
    return Revealed(shown(field_id, value_of(customer, field_id)))
