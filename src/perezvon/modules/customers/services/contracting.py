"""Keeping contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields.selectors import fields_of
from perezvon.foundation.fields.values import CURRENCIES, clean, merged
from perezvon.foundation.outbox.services import publish
from perezvon.kernel.errors import Refused
from perezvon.kernel.ids import uuid7
from perezvon.modules.catalogue.models import Product
from perezvon.modules.customers.events import ContractChanged
from perezvon.modules.customers.models import Contract, Customer, Loss, TariffChange
from perezvon.modules.customers.selectors.contracts import EDIT, NoSuchContract, list_contracts
from perezvon.modules.customers.selectors.reading import get_customer
from perezvon.modules.customers.services.writing import FieldsWrong, lock
from perezvon.modules.customers.values import CONTRACT, Problem, custom_name

_LARGEST = Decimal(10) ** 13


class ContractChangedMeanwhile(Refused):
    """Somebody else has changed it since it was read."""

    code = "customers.contract_changed"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says; see Contract. custom: an administrator's own fields as typed, by their names."""

    number: str
    product_id: int | None = None
    partner_id: UUID | None = None
    state: str = Contract.State.ACTIVE
    signed_on: date | None = None
    begins_on: date | None = None
    ends_on: date | None = None
    sum: Decimal | None = None
    currency: str = "RUB"
    tariff: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)


@command("customers.add_contract", needs=EDIT)
def add_contract(*, customer_id: UUID, terms: Terms, by: Actor, now: datetime) -> Contract:
    """Raises FieldsWrong, NoSuchCustomer."""
    customer = lock(customer_id, by)
    values = _values(terms, customer, None, by)
    contract = Contract.objects.create(
        id=uuid7(now), customer=customer, **values, tariff=terms.tariff.strip()[:200], created_at=now,
        created_by_id=by.user_id,
    )  # fmt: skip
    publish(ContractChanged(contract_id=contract.pk, customer_id=customer.pk), now=now)
    return contract


@command("customers.change_contract", needs=EDIT)
def change_contract(*, contract_id: UUID, version: int, terms: Terms, by: Actor, now: datetime) -> Contract:
    """All but the tariff, which `change_tariff` changes. Raises FieldsWrong, ContractChangedMeanwhile."""
    contract = _lock_contract(contract_id, by)
    if contract.version != version:
        raise ContractChangedMeanwhile(contract=contract_id)
    values = _values(terms, contract.customer, contract, by)
    if any(getattr(contract, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(contract, name, value)
        _save(contract, now)
    return contract


@command("customers.change_tariff", needs=EDIT)
def change_tariff(
    *, contract_id: UUID, tariff: str, on: date, by: Actor, now: datetime, reason: str = ""
) -> TariffChange | None:
    """Another tariff from that day on (F01.09). The same one is no change. Raises FieldsWrong."""
    text = tariff.strip()[:200]
    if not text:
        raise FieldsWrong(problems={"tariff": Problem("field.required")})
    contract = _lock_contract(contract_id, by)
    if contract.tariff == text:
        return None
    change = TariffChange.objects.create(
        contract=contract, on=on, before=contract.tariff, after=text, reason=reason.strip()[:300],
        by_id=by.user_id, at=now,
    )  # fmt: skip
    contract.tariff = text
    _save(contract, now)
    return change


@command("customers.add_loss", needs=EDIT)
def add_loss(*, contract_id: UUID, on: date, what: str, amount: Decimal | None, by: Actor, now: datetime) -> Loss:
    """A loss under the contract (F01.19). Raises FieldsWrong."""
    problems = {} if what.strip() else {"what": Problem("field.required")}
    if on > timezone.localtime(now).date():
        problems["on"] = Problem("day.future")
    problems |= _of_sum(amount)
    if problems:
        raise FieldsWrong(problems=problems)
    contract = _lock_contract(contract_id, by)
    loss = Loss.objects.create(contract=contract, on=on, what=what.strip()[:300], sum=amount, by_id=by.user_id, at=now)
    _save(contract, now)
    return loss


def _values(terms: Terms, customer: Customer, known: Contract | None, by: Actor) -> dict[str, Any]:
    """Columns of the contract. Raises FieldsWrong with all that is wrong at once."""
    fields = fields_of(CONTRACT, by)
    own = clean([one for one in fields if one.is_editable], terms.custom, known.custom if known else {})
    problems = {custom_name(key): Problem(wrong.code, wrong.facts) for key, wrong in own.wrong.items()}
    problems |= _problems_of(terms, customer, known)
    if problems:
        raise FieldsWrong(problems=problems)
    return {
        "number": terms.number.strip(),
        "product_id": terms.product_id,
        "partner_id": get_customer(terms.partner_id, by=by).pk if terms.partner_id else None,
        "state": terms.state,
        "signed_on": terms.signed_on,
        "begins_on": terms.begins_on,
        "ends_on": terms.ends_on,
        "sum": terms.sum,
        "currency": terms.currency,
        "custom": merged(known.custom if known else {}, own.values),
    }


def _problems_of(terms: Terms, customer: Customer, known: Contract | None) -> dict[str, Problem]:
    problems = _of_sum(terms.sum)
    number = terms.number.strip()
    same = Contract.objects.filter(customer=customer, number=number).exclude(pk__in=[known.pk] if known else [])
    if not number:
        problems["contract_number"] = Problem("field.required")
    elif len(number) > 64:
        problems["contract_number"] = Problem("text.long", {"most": 64})
    elif same.exists():
        problems["contract_number"] = Problem("contract.taken")
    if terms.product_id is not None and not Product.objects.filter(pk=terms.product_id).exists():
        problems["product"] = Problem("choice.unknown")
    if terms.state not in Contract.State.values:
        problems["contract_state"] = Problem("choice.unknown")
    if terms.currency not in CURRENCIES:
        problems["currency"] = Problem("choice.unknown")
    if terms.begins_on and terms.ends_on and terms.ends_on < terms.begins_on:
        problems["ends_on"] = Problem("last_day.before")
    return problems


def _of_sum(amount: Decimal | None) -> dict[str, Problem]:
    if amount is not None and amount < 0:
        return {"sum": Problem("number.small", {"least": 0})}
    return {"sum": Problem("number.big")} if amount is not None and amount >= _LARGEST else {}


def _lock_contract(contract_id: UUID, by: Actor) -> Contract:
    """The customer is locked before anything that belongs to him."""
    owner = list_contracts(by=by).filter(pk=contract_id).values_list("customer", flat=True).first()
    if owner is None:
        raise NoSuchContract(contract=contract_id)
    lock(owner, by)
    return Contract.objects.select_for_update(of=("self",)).select_related("customer").get(pk=contract_id)


def _save(contract: Contract, now: datetime) -> None:
    contract.version += 1
    contract.save()
    publish(ContractChanged(contract_id=contract.pk, customer_id=contract.customer_id), now=now)
