"""Registering a case (F09.02): by anybody, or only once the customer is identified, as its kind says (X.21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields import values as own_values
from perezvon.foundation.fields.field import PREFIX, Field
from perezvon.foundation.fields.selectors import fields_of
from perezvon.foundation.numbering import next_number
from perezvon.foundation.outbox.services import publish
from perezvon.foundation.people.models import Project
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotAllowed, NotFound, Refused
from perezvon.kernel.ids import uuid7
from perezvon.kernel.texts import text_in
from perezvon.modules.cases import flow
from perezvon.modules.cases.events import CaseRegistered
from perezvon.modules.cases.models import Act, Case, CaseFollower, CaseKind, CheckPoint, Source
from perezvon.modules.cases.selectors import (
    KIND,
    REGISTER,
    NoSuchCaseKind,
    category_rows,
    flow_of,
    kinds_for,
    products_for,
)
from perezvon.modules.cases.services.writing import add_entry, cause, put_in_index, refuse, told
from perezvon.modules.cases.terms import reckon
from perezvon.modules.cases.values import Choices, clean
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.registry import commercial_is_open
from perezvon.modules.customers.selectors import get_customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.topics.selectors import topic_tree

_LANGUAGES = ("ru", "en")


class NotIdentifiedYet(NotAllowed):
    """This kind is registered only for a customer who is identified in the contact in hand. facts: kind."""

    code = "cases.not_identified"


class CannotBegin(Refused):
    """The kind has no state in which a case could begin. facts: kind."""

    code = "cases.cannot_begin"


@command("cases.register", needs=REGISTER)
def register_case(  # noqa: PLR0913  (what a case is about, who brings it, and where it came in)
    *,
    kind_id: int,
    project_id: int,
    typed: Mapping[str, str],
    customer_id: UUID | None = None,
    contact_id: UUID | None = None,
    source: str = "",
    by: Actor,
    now: datetime,
) -> Case:
    """A new case in the first state of its kind, with the kind's checklist, priority and team. source: where it came
    in, where the contact and the customer do not say it.

    Raises NoSuchCaseKind, FieldsWrong, NotIdentifiedYet, CannotBegin.
    """
    if not by.sees_project(project_id):
        raise NotFound(project=project_id)
    project = Project.objects.get(pk=project_id)
    kind = next((one for one in kinds_for(project_id) if one.pk == kind_id), None)
    if kind is None:
        raise NoSuchCaseKind(kind=kind_id)
    contact = get_interaction(contact_id, by=by) if contact_id else None
    customer = _customer(customer_id, contact, by)
    must_be_open(kind, customer, by)
    values = _values(kind, project, typed, by, now)
    case = _made(kind, project, values, by, now)
    case.customer, case.contact = customer, contact
    case.source = source or (Source.CONTACT if contact else Source.CARD if customer else Source.STAFF)
    case.save(force_insert=True)
    _with_points(case, by)
    add_entry(case, Act.REGISTERED, by, now, text=case.text, contact=contact)
    if by.user_id:
        CaseFollower.objects.create(case=case, user_id=by.user_id)
    reckon(case, now)
    case.save(update_fields=["due"])
    put_in_index(case)
    told(case, now)
    publish(CaseRegistered(case_id=case.pk, cause=cause(now)), now=now)
    return case


def may_begin(kind: CaseKind, customer: Customer | None, by: Actor) -> bool:
    """Whether somebody may register this kind for this customer now."""
    if not kind.after_identification or not isinstance(by, Person):
        return True
    return customer is not None and commercial_is_open(customer, by)


def must_be_open(kind: CaseKind, customer: Customer | None, by: Actor) -> None:
    if not may_begin(kind, customer, by):
        raise NotIdentifiedYet(kind=str(kind))


def choices_for(kind: CaseKind, project_id: int, now: datetime) -> Choices:
    """What may be chosen in a case. Three queries."""
    topics = (node.topic.pk for root in topic_tree(project_id) for node in root.walk())
    return Choices(
        category=frozenset(row.category.pk for row in category_rows(kind.pk)),
        topic=frozenset(topics),
        product=frozenset(one.pk for one in products_for(project_id, now)),
    )


def _customer(customer_id: UUID | None, contact: Interaction | None, by: Actor) -> Customer | None:
    if customer_id:
        return get_customer(customer_id, by=by)
    return contact.customer if contact else None


def own_fields(kind: CaseKind, by: Actor) -> list[Field]:
    return fields_of(KIND, by, variant=kind.code)


def _values(kind: CaseKind, project: Project, typed: Mapping[str, str], by: Actor, now: datetime) -> dict[str, Any]:
    fields = own_fields(kind, by)
    given = {"subject": "", "priority": str(kind.priority), **typed}
    cleaned = clean(given, choices_for(kind, project.pk, now), fields, {}, zone=project.zone)
    problems = {one.name: Wrong("field.required") for one in own_values.missing(fields, typed)} | cleaned.problems
    refuse(problems)
    return cleaned.values


def _made(kind: CaseKind, project: Project, values: Mapping[str, Any], by: Actor, now: datetime) -> Case:
    found = flow_of(kind.pk)
    first = flow.first_place(found.places)
    if first is None:
        raise CannotBegin(kind=str(kind))
    case = Case(
        id=uuid7(now),
        number=next_number("case"),
        kind=kind,
        project=project,
        state=found.states[first.key],
        stage=first.stage.value,
        team=kind.team,
        registered_by_id=by.user_id,
        created_at=now,
        changed_at=now,
        moved_at=now,
    )
    set_values(case, values)
    return case


def set_values(case: Case, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if not name.startswith(PREFIX):
            setattr(case, f"{name}_id" if name in {"category", "topic", "product"} else name, value)
    own = {name.removeprefix(PREFIX): value for name, value in values.items() if name.startswith(PREFIX)}
    case.custom = own_values.merged(case.custom, own)


def _with_points(case: Case, by: Actor) -> None:
    language = by.language if isinstance(by, Person) else _LANGUAGES[0]
    texts: Sequence[Mapping[str, str]] = case.kind.checklist
    CheckPoint.objects.bulk_create(
        CheckPoint(case=case, text=text_in(text, language), position=place) for place, text in enumerate(texts)
    )
