"""Who belongs to whom: families, employers, business contacts, recommendations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.kernel.errors import NotFound, Refused
from perezvon.modules.customers.models import CardType, Customer, Relation
from perezvon.modules.customers.selectors.notes import may_recommend
from perezvon.modules.customers.selectors.reading import get_customer
from perezvon.modules.customers.services.registering import register_potential
from perezvon.modules.customers.services.writing import FieldsWrong, lock, save_changed
from perezvon.modules.customers.values import Problem

LONGEST_NOTE = 200


class NotForYou(Refused):
    """Recommendations are entered by office staff only (F01.42)."""

    code = "customers.office_only"
    http_status = 403


class NoSuchRelation(NotFound):
    code = "customers.no_such_relation"


@command("customers.relate", needs="customers.edit_contacts")
def relate(
    *, customer_id: UUID, other_id: UUID, kind: str, by: Actor, now: datetime, note: str = "", influence: str = ""
) -> Relation:
    """`other` is `kind` of the customer. The same again gives the first one its new note and influence.

    Raises FieldsWrong, NoSuchCustomer. A recommendation is not entered here but by `recommend`.
    """
    if kind not in Relation.Kind.values or kind == Relation.Kind.RECOMMENDED:
        raise FieldsWrong(problems={"relation": Problem("choice.unknown")})
    if influence not in Relation.Influence.values:
        raise FieldsWrong(problems={"influence": Problem("choice.unknown")})
    if other_id == customer_id:
        raise FieldsWrong(problems={"relation": Problem("relation.self")})
    customer, other = lock(customer_id, by), get_customer(other_id, by=by)
    return _put(customer, other, kind, {"note": note.strip()[:LONGEST_NOTE], "influence": influence}, by, now)


@command("customers.recommend", needs="customers.recommend")
def recommend(
    *, customer_id: UUID, typed: Mapping[str, str], by: Actor, now: datetime, project_id: int | None = None
) -> Customer:
    """Enter somebody on the recommendation of this customer (F01.41, F01.42). He gets a card of that type.

    Raises NotForYou to people who are no office staff, and what register_potential raises.
    """
    if not may_recommend(by):
        raise NotForYou
    customer = lock(customer_id, by)
    given = {**typed, "card_type": CardType.RECOMMENDED.value}
    entered = register_potential(typed=given, by=by, now=now, project_id=project_id)
    _put(customer, entered, Relation.Kind.RECOMMENDED, {}, by, now)
    return entered


@command("customers.unrelate", needs="customers.edit_contacts")
def unrelate(*, relation_id: int, by: Actor, now: datetime) -> None:
    """Take the relation back. Raises NoSuchRelation."""
    owner = Relation.objects.filter(pk=relation_id).values_list("customer_id", flat=True).first()
    if owner is None:
        raise NoSuchRelation(relation=relation_id)
    customer = lock(owner, by)
    customer.relations.filter(pk=relation_id).delete()
    save_changed(customer, ["relations"], now)


def _put(
    customer: Customer, other: Customer, kind: str, values: Mapping[str, str], by: Actor, now: datetime
) -> Relation:
    made = {"by_id": by.user_id, "at": now, **values}
    relation, _ = Relation.objects.update_or_create(
        customer=customer, other=other, kind=kind, defaults=values, create_defaults=made
    )
    save_changed(customer, ["relations"], now)
    return relation
