"""Taking customers out of sight, and back. Nothing is erased: contacts, history and numbers stay."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.outbox.services import publish, tell
from perezvon.foundation.search import services as index
from perezvon.modules.customers.events import CustomerChanged
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.selectors.listing import list_customers
from perezvon.modules.customers.services.writing import put_in_index


@command("customers.delete_customers", needs="customers.delete")
def delete_customers(*, customer_ids: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    """Let nobody find them any more. Those who are gone already, or are not open to the actor, are passed over."""
    customers = _locked(customer_ids, by, deleted=False)
    for customer in customers:
        customer.deleted_at = now
        _save(customer, now)
        index.remove(customer.pk)
    return [customer.pk for customer in customers]


@command("customers.restore_customers", needs="customers.delete")
def restore_customers(*, customer_ids: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    customers = _locked(customer_ids, by, deleted=True)
    for customer in customers:
        customer.deleted_at = None
        _save(customer, now)
        put_in_index(customer)
    return [customer.pk for customer in customers]


def _locked(customer_ids: Collection[UUID], by: Actor, *, deleted: bool) -> list[Customer]:
    """In the order of their keys, as everybody locks several of them."""
    there = list_customers(by=by, deleted=deleted).filter(pk__in=customer_ids)
    return list(there.select_for_update(of=("self",)).order_by("pk"))


def _save(customer: Customer, now: datetime) -> None:
    customer.version += 1
    customer.save(update_fields=["deleted_at", "version"])
    publish(CustomerChanged(customer_id=customer.pk, fields=("deleted_at",)), now=now)
    tell("customer", customer.pk, customer.version, to=[f"record:customer:{customer.pk}"], now=now)
