"""Customers as a list."""

from __future__ import annotations

from django.db.models import QuerySet

from perezvon.foundation.access import Actor
from perezvon.modules.customers.models import Customer, Kind


def list_customers(*, by: Actor, deleted: bool = False) -> QuerySet[Customer]:
    """Those whom the actor sees, without the records that stand for unknown callers; or the deleted ones instead.

    A card that was merged into another one is not deleted: it is brought back by taking the merge apart. One that
    was erased is nobody's any more.
    """
    there = Customer.objects.of_projects(by).exclude(kind=Kind.QUASI)
    return (
        there.filter(deleted_at__isnull=False, merged_into=None, erased_at=None)
        if deleted
        else there.filter(deleted_at=None)
    )
