from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from perezvon.foundation.access import Actor
from perezvon.kernel.errors import NotFound
from perezvon.modules.customers.keys import is_code_word
from perezvon.modules.customers.models import Customer, Kind, ProductHeld


class NoSuchCustomer(NotFound):
    code = "customers.no_such_customer"


def get_customer(customer_id: UUID, *, by: Actor) -> Customer:
    """Raises NoSuchCustomer, also when the actor may not know of him."""
    customer = Customer.objects.visible_to(by).filter(pk=customer_id).first()
    if customer is None:
        raise NoSuchCustomer(customer=customer_id)
    return customer


def find_quasi(project_id: int) -> Customer | None:
    """The project's record for callers nobody knows, once there is one."""
    return Customer.objects.filter(kind=Kind.QUASI, project=project_id, deleted_at=None).first()


def code_word_fits(customer: Customer, said: str) -> bool:
    """Whether the caller said the customer's code word. The word itself nobody can see."""
    return is_code_word(customer.pk, said, customer.code_word)


def list_products(customer_id: UUID, *, by: Actor) -> QuerySet[ProductHeld]:
    """Cards, accounts and loans. Commercial data: whoever shows it asks the gate of the contact first."""
    by.must("customers.view_commercial")
    return ProductHeld.objects.filter(customer=customer_id).order_by("kind", "id")
