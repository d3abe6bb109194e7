from __future__ import annotations

from uuid import UUID

from perezvon.foundation.access import Actor
from perezvon.kernel.errors import NotFound
from perezvon.modules.customers.models import ContactPoint, Customer


class NoSuchCustomer(NotFound):
    code = "customers.no_such_customer"


def get_customer(customer_id: UUID, *, by: Actor) -> Customer:
    """Raises NoSuchCustomer, also when the actor may not know of him."""
    customer = Customer.objects.filter(pk=customer_id, deleted_at=None).first()
    if customer is None or not (customer.project_id is None or by.sees_project(customer.project_id)):
        raise NoSuchCustomer(customer=customer_id)
    return customer


def find_only_customer(digits: str) -> Customer | None:
    """The customer whose phone this is, when it is exactly one's and not struck out."""
    found = Customer.objects.filter(
        deleted_at=None,
        points__digits=digits,
        points__struck_reason="",
        points__kind=ContactPoint.Kind.PHONE,
    ).distinct()[:2]
    return found[0] if len(found) == 1 else None
