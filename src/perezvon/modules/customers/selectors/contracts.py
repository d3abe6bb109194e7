"""Reading contracts. Sums and losses are commercial data: see `shows_sums`."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Upper

from perezvon.foundation.access import Actor
from perezvon.kernel.errors import NotFound
from perezvon.modules.customers.models import Contract, Customer
from perezvon.modules.customers.registry import commercial_is_open

VIEW, EDIT = "customers.view_contracts", "customers.edit_contracts"
MOST = 50


class NoSuchContract(NotFound):
    code = "customers.no_such_contract"


def list_contracts(*, by: Actor) -> QuerySet[Contract]:
    """Those of customers whom the actor sees."""
    by.must(VIEW)
    return Contract.objects.filter(customer__in=Customer.objects.visible_to(by))


def contracts_of(customer: Customer, *, by: Actor) -> list[Contract]:
    """Of one customer, the latest first. One query."""
    return list(list_contracts(by=by).filter(customer=customer).select_related("product", "partner")[:MOST])


def ending_contract(customer: Customer, *, on: date, by: Actor) -> Contract | None:
    """The one in force that ends first, from the day `on`; None also for those who see no contracts. One query."""
    if not by.may(VIEW):
        return None
    ending = list_contracts(by=by).filter(customer=customer, state=Contract.State.ACTIVE, ends_on__gte=on)
    return ending.select_related("product").order_by("ends_on", "id").first()


def get_contract(contract_id: UUID, *, by: Actor) -> Contract:
    """Raises NoSuchContract, also when the actor may not know of its customer."""
    found = list_contracts(by=by).select_related("customer", "partner", "product").filter(pk=contract_id).first()
    if found is None:
        raise NoSuchContract(contract=contract_id)
    return found


def find_contracts(text: str, *, by: Actor, limit: int) -> list[Contract]:
    """By the beginning of the number, case being nothing. One query."""
    wanted = text.strip().lstrip("\u2116#").strip().upper()
    if len(wanted) < 3 or not by.may(VIEW):
        return []
    found = list_contracts(by=by).alias(upper=Upper("number")).filter(upper__startswith=wanted)
    return list(found.select_related("customer", "product")[:limit])


def shows_sums(customer: Customer, *, by: Actor) -> bool:
    """Who keeps contracts sees sums; others once the customer is identified in the contact that they have with him."""
    return by.may(EDIT) or commercial_is_open(customer, by)
