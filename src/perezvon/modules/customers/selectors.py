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


def find_by_phone(digits: str, *, by: Actor) -> list[Customer]:
    """All cards that hold the number, at most six: more is a shared line. Three queries."""
    found = Customer.objects.filter(deleted_at=None, points__digits=digits).distinct()
    return list(found.prefetch_related("points", "documents").order_by("sort_key", "id")[:6])


def get_customer_with_details(customer_id: UUID, *, by: Actor) -> Customer:
    """The customer with contact points, documents and addresses. Four queries. Raises NoSuchCustomer."""
    customer = (
        Customer.objects.filter(pk=customer_id, deleted_at=None)
        .prefetch_related("points", "documents", "addresses")
        .first()
    )
    if customer is None:
        raise NoSuchCustomer(customer=customer_id)
    return customer
