"""Writing and taking back many customers at once, by the rules of the card."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Model

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.copying import copy_in
from perezvon.foundation.fields.field import PREFIX
from perezvon.foundation.fields.values import merged
from perezvon.foundation.imports.registry import Act, Done, Policy, Row, Verdict
from perezvon.foundation.numbering import reserve_numbers
from perezvon.foundation.outbox.services import publish
from perezvon.foundation.search import services as index
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.events import CustomersImported
from perezvon.modules.customers.importing.drafts import custom_key
from perezvon.modules.customers.importing.judging import Judged, judge, verdict_of
from perezvon.modules.customers.importing.targets import importable_fields
from perezvon.modules.customers.models import Address, ContactPoint, Customer, Document, Kind, Status
from perezvon.modules.customers.selectors.review import current_passport
from perezvon.modules.customers.services.writing import entry_of, set_own
from perezvon.modules.customers.values import ADDRESSES, OWN, PASSPORT

_WRITTEN = (*OWN, "status", "card_type", "custom", "sort_key", "version")
_PARTS = ("postcode", "region", "town", "line")


@command("customers.import_rows", needs="customers.import")
def import_rows(*, rows: Sequence[Row], policy: Policy, by: Actor, now: datetime) -> list[Verdict]:
    """Make and change customers as these rows say; one that cannot be stops none of the others."""
    judged = judge(rows, policy, by, now, lock=True)
    made = _create([one for one in judged if one.act == Act.CREATE], policy, by, now)
    changed = _change([one for one in judged if one.act == Act.CHANGE])
    if made or changed:
        publish(CustomersImported(made=len(made), changed=len(changed)), now=now)
    fields, undo = importable_fields(by), made | changed
    return [_told(verdict_of(one, fields, by), one, undo.get(id(one))) for one in judged]


def _told(verdict: Verdict, judged: Judged, undo: dict[str, Any] | None) -> Verdict:
    if undo is None or judged.customer is None:
        return verdict
    return Verdict(
        verdict.row, verdict.act, judged.customer.pk, judged.customer.full_name, undo=undo,
        version=judged.customer.version,
    )  # fmt: skip


# --- new ones ---


def _create(judged: Sequence[Judged], policy: Policy, by: Actor, now: datetime) -> dict[int, dict[str, Any]]:
    if not judged:
        return {}
    numbers = reserve_numbers("customer", len(judged))
    for one, number in zip(judged, numbers, strict=True):
        one.customer = Customer(
            id=uuid7(now),
            number=number,
            kind=Kind.COMPANY if one.draft.is_company else Kind.PERSON,
            status=one.changed.get("status") or Status.POTENTIAL,
            card_type=one.changed.get("card_type") or "",
            project_id=policy.project_id,
            created_at=now,
            created_by_id=by.user_id,
        )
        set_own(one.customer, one.changed)
    customers = [one.customer for one in judged if one.customer]
    for one in judged:
        for point in one.points[:1]:
            point.is_main = point.kind == ContactPoint.Kind.PHONE
    related = [row for one in judged for row in _related(one)[0]]
    copy_in(customers)
    copy_in(_owned(judged))
    copy_in(row for row in related if isinstance(row, Document))
    copy_in(row for row in related if isinstance(row, Address))
    index.put_many([entry_of(customer) for customer in customers])
    return {id(one): {} for one in judged}


def _owned(judged: Iterable[Judged]) -> list[ContactPoint]:
    """The new points of these customers, who are known by now."""
    points = []
    for one in judged:
        for point in one.points:
            point.customer_id = one.customer.pk  # type: ignore[union-attr]
            points.append(point)
    return points


def _related(one: Judged) -> tuple[list[Document | Address], list[Document | Address]]:
    """Passport and addresses that are new, and those that become others."""
    customer, new, changed = one.customer, list[Document | Address](), list[Document | Address]()
    if customer is None:
        return new, changed
    passport = {column: one.changed[name] for name, column in PASSPORT.items() if name in one.changed}
    if passport:
        known = current_passport(customer) if one.act == Act.CHANGE else None
        (changed if known else new).append(_set(known or Document(customer=customer), passport))
    current = (
        {row.use: row for row in reversed(customer.addresses.all()) if row.is_current} if one.act == Act.CHANGE else {}
    )
    for name, use in ADDRESSES.items():
        if one.changed.get(name):
            text = {"text": one.changed[name], **dict.fromkeys(_PARTS, ""), **one.draft.parts.get(name, {})}
            (changed if use in current else new).append(
                _set(current.get(use) or Address(customer=customer, use=use), text)
            )
    new += [_set(document, {"customer": customer}) for document in one.documents]
    return new, changed


def _set[R: Model](row: R, values: dict[str, Any]) -> R:
    for name, value in values.items():
        setattr(row, name, value)
    return row


# --- those that are there ---


def _change(judged: Sequence[Judged]) -> dict[int, dict[str, Any]]:
    if not judged:
        return {}
    undo = {id(one): _undo_of(one) for one in judged}
    renamed = []
    for one in judged:
        customer = one.customer
        if customer is None:
            continue
        name = customer.full_name
        set_own(customer, one.changed)
        customer.status = one.changed.get("status") or customer.status
        customer.card_type = one.changed.get("card_type") or customer.card_type
        customer.version += 1
        renamed += [customer] if customer.full_name != name else []
    _upsert([one.customer for one in judged if one.customer])
    ContactPoint.objects.bulk_create(_owned(judged))
    _put_related(judged, undo)
    index.put_many([entry_of(customer) for customer in renamed])
    for one in judged:
        undo[id(one)]["points"] = [point.pk for point in one.points]
    return undo


def _upsert(customers: Sequence[Customer]) -> None:
    """One statement for all: much faster than a CASE for each column."""
    Customer.objects.bulk_create(customers, update_conflicts=True, unique_fields=["id"], update_fields=_WRITTEN)


def _undo_of(one: Judged) -> dict[str, Any]:
    """What stood there before, as JSON."""
    related = {*PASSPORT, *ADDRESSES}
    own = {
        name: _plain(value) for name, value in one.before.items() if not name.startswith(PREFIX) and name not in related
    }
    custom = {custom_key(name): value for name, value in one.before.items() if name.startswith(PREFIX)}
    return {"own": own, "custom": custom}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _put_related(judged: Sequence[Judged], undo: dict[int, dict[str, Any]]) -> None:
    new: dict[int, list[Document | Address]] = {}
    for one in judged:
        old = {(type(row).__name__, row.pk): _columns(row) for row in _rows_of(one)}
        new[id(one)], changed = _related(one)
        undo[id(one)]["related"] = [
            [kind, pk, old[kind, pk]] for kind, pk in ((type(row).__name__, row.pk) for row in changed)
        ]
        for row in changed:
            row.save()
    rows = [row for found in new.values() for row in found]
    Document.objects.bulk_create([row for row in rows if isinstance(row, Document)])
    Address.objects.bulk_create([row for row in rows if isinstance(row, Address)])
    for key, found in new.items():
        undo[key]["added"] = [[type(row).__name__, row.pk] for row in found]


def _rows_of(one: Judged) -> list[Document | Address]:
    return [*one.customer.documents.all(), *one.customer.addresses.all()] if one.customer else []


_RELATED: dict[str, type[Document] | type[Address]] = {"Document": Document, "Address": Address}
_COLUMNS = {"Document": tuple(PASSPORT.values()), "Address": ("text", *_PARTS)}


def _columns(row: Document | Address) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in _COLUMNS[type(row).__name__]}


# --- back ---


@command("customers.take_back_rows", needs="customers.import")
def take_back_rows(*, done: Sequence[Done], by: Actor, now: datetime) -> list[UUID]:
    """Undo these rows, the last of a customer first. Customers changed or used since are left: their keys."""
    rows: dict[UUID, list[Done]] = defaultdict(list)
    for one in done:
        rows[one.record].append(one)
    there = Customer.objects.visible_to(by).filter(pk__in=rows).order_by("pk").select_for_update(of=("self",))
    customers = {customer.pk: customer for customer in there}
    made = {key for key, found in rows.items() if found[-1].act == Act.CREATE}
    used = _used(made & customers.keys())
    back, gone, left = list[Customer](), list[UUID](), list[UUID]()
    for key, found in rows.items():
        customer = customers.get(key)
        if customer is None or customer.version != found[0].version or key in used:
            left.append(key)
            continue
        if found[-1].act == Act.CREATE:
            gone.append(key)
            continue
        for one in found:
            _take_back(customer, one)
        customer.version += 1
        back.append(customer)
    if gone:
        Customer.objects.filter(pk__in=gone).update(deleted_at=now, version=F("version") + 1)
        index.remove_many(gone)
    if back:
        _upsert(back)
        index.put_many([entry_of(customer) for customer in back])
    publish(CustomersImported(made=0, changed=len(back) + len(gone)), now=now)
    return left


def _take_back(customer: Customer, one: Done) -> None:
    own = dict(one.undo.get("own", {}))
    for name in {"status", "card_type"} & own.keys():
        setattr(customer, name, own.pop(name))
    if own.get("birth_date"):
        own["birth_date"] = date.fromisoformat(own["birth_date"])
    set_own(customer, own)
    customer.custom = merged(customer.custom, one.undo.get("custom", {}))
    customer.points.filter(pk__in=one.undo.get("points", ())).delete()
    for kind, key, columns in one.undo.get("related", ()):
        _RELATED[kind].objects.filter(pk=key, customer=customer).update(**columns)
    for kind, key in one.undo.get("added", ()):
        _RELATED[kind].objects.filter(pk=key, customer=customer).delete()


def _used(keys: set[UUID]) -> set[UUID]:
    """Of these customers those whom anything outside this module points at: a call, a case, a consent."""
    used: set[UUID] = set()
    for relation in Customer._meta.get_fields(include_hidden=True):
        model = relation.related_model if relation.auto_created and not relation.concrete else None
        if not isinstance(model, type) or model._meta.app_label == Customer._meta.app_label or relation.many_to_many:
            continue
        column = relation.field.attname  # type: ignore[union-attr]  # of a foreign key
        rows = model._base_manager.filter(**{f"{relation.field.name}__in": keys})  # type: ignore[union-attr]
        used |= set(rows.values_list(column, flat=True).distinct())
    return used
