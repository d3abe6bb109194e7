"""What would come of it: looked at before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime

from perezvon.foundation.access import Actor, Integration, System
from perezvon.foundation.fields.field import Field
from perezvon.modules.customers.models import LOCKED_TYPES, Customer, Document
from perezvon.modules.customers.selectors.duplicates import LookAlike, look_alikes
from perezvon.modules.customers.values import ADDRESSES, OWN, PASSPORT, Problem, clean


@dataclass(frozen=True, slots=True)
class Review:
    """problems: what cannot be, by field. doubts: codes of what is odd. changes: field → (before, after).

    alike: cards that may be the same person's.
    """

    problems: Mapping[str, Problem]
    doubts: Mapping[str, list[str]]
    changes: Mapping[str, tuple[Any, Any]]
    alike: Sequence[LookAlike] = ()


def today(now: datetime) -> date:
    return localtime(now).date()


def editable_values(customer: Customer, fields: Sequence[Field] = ()) -> dict[str, Any]:
    """The fields of `values.EDITABLE` and an administrator's own as they are kept.

    Two queries, none when they are prefetched.
    """
    values = {name: getattr(customer, name) for name in OWN}
    passport = current_passport(customer) or Document()
    values |= {name: getattr(passport, column) for name, column in PASSPORT.items()}
    current = [address for address in customer.addresses.all() if address.is_current]
    addresses = {address.use: address.text for address in reversed(current)}
    values |= {name: addresses.get(use, "") for name, use in ADDRESSES.items()}
    return values | {field.name: customer.custom.get(field.key) for field in fields if field.is_editable}


def is_locked(customer: Customer, by: Actor) -> bool:
    """Whether personal data are closed to `by`: those of some card types only their source may change (F01.33)."""
    return customer.card_type in LOCKED_TYPES and not isinstance(by, System | Integration)


def current_passport(customer: Customer) -> Document | None:
    """One query, none when documents are prefetched."""
    passports = (row for row in customer.documents.all() if row.kind == Document.PASSPORT and row.is_current)
    return next(passports, None)


def review_registration(typed: Mapping[str, str], fields: Sequence[Field] = (), *, by: Actor, now: datetime) -> Review:
    """Of a new customer: what is odd about him, and who he may be already."""
    cleaned = clean(typed, today=today(now), fields=fields)
    return Review(cleaned.problems, cleaned.doubts, {}, look_alikes(cleaned.values, by=by))


def review_changes(
    customer: Customer, typed: Mapping[str, str], fields: Sequence[Field] = (), *, now: datetime
) -> Review:
    """Of a change of these fields: what would differ."""
    before = editable_values(customer, fields)
    given = {name: text for name, text in typed.items() if name in before}
    cleaned = clean(given, today=today(now), fields=fields, kept=customer.custom)
    changes = {name: (before[name], value) for name, value in cleaned.values.items() if value != before[name]}
    return Review(cleaned.problems, cleaned.doubts, changes)
