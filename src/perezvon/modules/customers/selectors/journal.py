"""The change journal of a card: who changed what, when and why (F01.17, F01.40)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.fields.values import shown
from perezvon.foundation.history.models import Change
from perezvon.foundation.people.models import User
from perezvon.modules.customers.models import Address, ContactPoint, Customer, Document
from perezvon.modules.customers.selectors.masks import mask

type Belonging = ContactPoint | Document | Address

LINES = 100
CREATED = "created"
_OWN = Customer._meta.db_table
_BELONGING = {model._meta.db_table: model for model in (ContactPoint, Document, Address)}
# Columns that say nothing to people, or say again what another one says.
_SILENT = {"id", "number", "customer_id", "kind", "use", "is_main", "digits", "created_at", "created_by_id", "zone"}
_SILENT |= {"custom"}  # told field by field, to those who see the field
_CONTACTS = ("contactpoint.", "address.")
# What is said of a row when it came; the rest of it is in that, or is as it always is.
_AT_FIRST = {"raw", "extension", "note", "text", "series", "number", "issued_on", "issuer", "issuer_code"}
_PARTS = {"region", "town", "line", "postcode"}  # an address is told as a whole
_MASKED = {(_OWN, "inn"): "inn", (_OWN, "snils"): "snils", (Document._meta.db_table, "number"): "passport"}
_SPEAKING = {(Document._meta.db_table, "number")}


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One value that changed. field: "last_name", "contactpoint.raw", "document.number", …, or CREATED.

    Numbers of identity are masked. by: a name, or the part of the product that did it. label: what an administrator
    calls the field, if it is one of his. of: the telephone, e-mail, document or address that changed, as it is now.
    """

    at: datetime
    by: str
    field: str
    before: str
    after: str
    why: str
    label: str = ""
    of: Belonging | None = None


def list_journal(customer: Customer, *, by: Actor, limit: int = LINES) -> list[JournalEntry]:
    """What changed on the card, newest first. Seven queries, however many lines."""
    by.must("customers.view_journal")
    mine = Q(table=_OWN, row=str(customer.pk))
    his: dict[tuple[str, str], Belonging] = {}
    for table, model in _BELONGING.items():
        rows = {str(row.pk): row for row in model._default_manager.filter(customer=customer)}
        mine |= Q(table=table, row__in=list(rows))
        his |= {(table, key): row for key, row in rows.items()}
    changes = list(Change.objects.filter(mine).order_by("-id")[:limit])
    commands = CommandRecord.objects.in_bulk({change.command for change in changes if change.command})
    names = _names(commands.values())
    own = {field.key: field for field in visible_fields(by, customer)}
    entries = (
        replace(entry, of=his.get((change.table, change.row)))
        for change in changes
        for entry in _entries(change, commands, names, own)
    )
    return list(itertools.islice(entries, limit))


def list_contact_changes(customer: Customer, *, by: Actor) -> list[JournalEntry]:
    """Of that, what changed of telephones, e-mails and addresses (F01.40). Seven queries."""
    return [one for one in list_journal(customer, by=by, limit=LINES * 2) if one.field.startswith(_CONTACTS)]


def _names(commands: Iterable[CommandRecord]) -> dict[str, str]:
    kinds = (command.actor.partition(":") for command in commands)
    users = User.objects.filter(pk__in={int(key) for kind, _, key in kinds if kind == "user"})
    return {f"user:{user.pk}": user.short_name for user in users}


def _entries(
    change: Change, commands: Mapping[UUID, CommandRecord], names: Mapping[str, str], own: Mapping[str, Field]
) -> Iterator[JournalEntry]:
    command = commands.get(change.command) if change.command else None
    actor = command.actor if command else ""
    at, why = (command.at, command.why) if command else (change.at, "")
    for field, before, after in _values(change):
        yield JournalEntry(at, names.get(actor, actor), field, before, after, why)
    for mine, before, after in _own_values(change, own):
        yield JournalEntry(at, names.get(actor, actor), f"custom.{mine.key}", before, after, why, mine.label)


def _own_values(change: Change, own: Mapping[str, Field]) -> Iterator[tuple[Field, str, str]]:
    """Of an administrator's fields, those that the reader may see."""
    if change.table != _OWN or change.act == "I" or "custom" not in (change.after or {}):
        return
    before, after = ((row or {}).get("custom") or {} for row in (change.before, change.after))
    for key in sorted({*before, *after} & own.keys()):
        if before.get(key) != after.get(key):
            yield own[key], shown(own[key], before.get(key)), shown(own[key], after.get(key))


def _values(change: Change) -> Iterator[tuple[str, str, str]]:
    if change.table == _OWN and change.act == "I":
        yield CREATED, "", ""
        return
    is_new = change.act == "I"
    for column, value in (change.after or {}).items():
        if column in _SILENT and (change.table, column) not in _SPEAKING:
            continue
        if (is_new and column not in _AT_FIRST) or (column in _PARTS and "text" in (change.after or {})):
            continue
        old, new = (_shown(change.table, column, each) for each in ((change.before or {}).get(column), value))
        if old != new:
            yield _name(change.table, column), old, new


def _name(table: str, column: str) -> str:
    return column if table == _OWN else f"{table.removeprefix('customers_')}.{column}"


def _shown(table: str, column: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    masked = _MASKED.get((table, column))
    return mask(masked, str(value)) if masked else str(value)
