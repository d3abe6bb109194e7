"""What a conversation knows from outside: of the customer, the contact, the project and whoever leads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.cores.conditions import Type, Value
from perezvon.cores.scripting import Access
from perezvon.foundation.access import Actor, Person
from perezvon.foundation.conditions.terms import Term
from perezvon.foundation.fields.field import PREFIX, Field, Level
from perezvon.foundation.fields.models import Type as FieldType
from perezvon.foundation.fields.selectors import fields_of
from perezvon.foundation.fields.values import value_of
from perezvon.foundation.people.models import Project
from perezvon.modules.customers.models import CardType, Customer, Kind, Sex, Status
from perezvon.modules.customers.selectors import (
    NoSuchCustomer,
    ending_contract,
    get_customer_with_details,
    main_mailbox,
)
from perezvon.modules.interactions.models import Channel, Interaction
from perezvon.modules.interactions.selectors import visible
from perezvon.modules.interactions.services import GateState, gate
from perezvon.modules.scripting.knowledge import register_term

RECORD = "customer"
OF_CARD = "customer."  # what follows in a code is the name of a field of the card
# Fields of the card that a step may ask for and write.
FIELDS: Mapping[str, Type] = {
    "last_name": Type.TEXT,
    "first_name": Type.TEXT,
    "middle_name": Type.TEXT,
    "company_name": Type.TEXT,
    "sex": Type.CHOICE,
    "birth_date": Type.DAY,
    "region": Type.TEXT,
    "town": Type.TEXT,
    "workplace": Type.TEXT,
    "position": Type.TEXT,
}
OWN = f"{OF_CARD}{PREFIX}"  # so begin the codes of an administrator's own fields
_TYPES: Mapping[str, Type] = {
    FieldType.TEXT: Type.TEXT,
    FieldType.NUMBER: Type.NUMBER,
    FieldType.MONEY: Type.NUMBER,
    FieldType.COMPUTED: Type.NUMBER,
    FieldType.DATE: Type.DAY,
    FieldType.CHOICE: Type.CHOICE,
    FieldType.TREE: Type.CHOICE,
    FieldType.CHOICES: Type.MANY,
    FieldType.PHONE: Type.PHONE,
    FieldType.EMAIL: Type.TEXT,
    FieldType.LINK: Type.TEXT,
}
_DIRECTIONS = (
    ("inbound", pgettext_lazy("direction", "Incoming")),
    ("outbound", pgettext_lazy("direction", "Outgoing")),
)


def _projects(_by: Actor) -> list[tuple[str, str]]:
    return [(one.code, str(one)) for one in Project.objects.order_by("code")]


TERMS: tuple[Term, ...] = (
    Term("customer.known", lazy("Customer is known"), Type.FLAG),
    Term("customer.name", lazy("Customer's full name"), Type.TEXT),
    Term("customer.address", lazy("How to address him: name and patronymic"), Type.TEXT),
    Term("customer.last_name", lazy("Surname"), Type.TEXT),
    Term("customer.first_name", lazy("First name"), Type.TEXT),
    Term("customer.middle_name", lazy("Patronymic"), Type.TEXT),
    Term("customer.company_name", lazy("Name of the company"), Type.TEXT),
    Term("customer.sex", lazy("Sex"), Type.CHOICE, Sex.choices),
    Term("customer.birth_date", lazy("Date of birth"), Type.DAY),
    Term("customer.age", lazy("Age"), Type.NUMBER),
    Term("customer.region", lazy("Region"), Type.TEXT),
    Term("customer.town", lazy("Town"), Type.TEXT),
    Term("customer.workplace", lazy("Place of work"), Type.TEXT),
    Term("customer.position", lazy("Position"), Type.TEXT),
    Term("customer.kind", lazy("Kind of customer"), Type.CHOICE, Kind.choices),
    Term("customer.status", lazy("Status"), Type.CHOICE, Status.choices),
    Term("customer.card_type", lazy("Type of the card"), Type.CHOICE, CardType.choices),
    Term("customer.segment", lazy("Customer level"), Type.TEXT),
    Term("customer.email", lazy("E-mail"), Type.TEXT),
    Term("contract.number", lazy("Contract that ends next: number"), Type.TEXT),
    Term("contract.product", lazy("Contract that ends next: product"), Type.TEXT),
    Term("contract.ends", lazy("Contract that ends next: its last day"), Type.DAY),
    Term("contract.days", lazy("Contract that ends next: days until then"), Type.NUMBER),
    Term("contact.direction", lazy("Direction"), Type.CHOICE, _DIRECTIONS),
    Term("contact.channel", lazy("Channel"), Type.CHOICE, Channel.choices),
    Term("contact.line", lazy("Line"), Type.TEXT),
    Term("contact.number", lazy("Customer's number"), Type.PHONE),
    Term("contact.topics", lazy("Topics"), Type.TEXT),
    Term("contact.wants_identification", lazy("A topic needs identification"), Type.FLAG),
    Term("contact.identified", lazy("Customer is identified"), Type.FLAG),
    Term("contact.previous", lazy("Previous contacts"), Type.NUMBER),
    Term("contact.last_result", lazy("Result of the last contact"), Type.TEXT),
    Term("project", lazy("Project"), Type.CHOICE, _projects),
    Term("project.name", lazy("Name of the project"), Type.TEXT),
    Term("operator.name", lazy("Operator's name"), Type.TEXT),
    Term("today", lazy("Today"), Type.DAY),
)


def register_terms() -> None:
    for term in TERMS:
        register_term(term)


def own_terms(by: Actor) -> dict[str, Term]:
    """An administrator's own fields of the card, those that `by` may see in full. One query."""
    return {code: Term(code, one.label, _TYPES[one.type], one.choices or ()) for code, one in _own_fields(by).items()}


def access_of(by: Actor) -> Callable[[str], Access]:
    """What `by` may do with a field of the card in a conversation. One query."""
    own = _own_fields(by)

    def access(binds: str) -> Access:
        if not binds.startswith(OWN):
            return Access.WRITES
        if binds not in own:
            return Access.NONE
        return Access.WRITES if own[binds].is_editable else Access.SEES

    return access


def _own_fields(by: Actor) -> dict[str, Field]:
    seen = (one for one in fields_of(RECORD, by) if one.type in _TYPES and one.level != Level.MASKED)
    return {f"{OF_CARD}{one.name}": one for one in seen}


def news(known: Mapping[str, Value], context: Mapping[str, Value]) -> dict[str, Value]:
    """What of the context a run does not know yet. Own fields that are not in it are not for this person to know."""
    gone = dict.fromkeys(code for code, value in known.items() if code.startswith(OWN) and value is not None)
    return {code: value for code, value in (gone | dict(context)).items() if known.get(code) != value}


def context_of(contact: Interaction, *, by: Person, now: datetime) -> dict[str, Value]:
    """All of TERMS as they are now, as far as `by` may see them; None where nothing is known. Twelve queries."""
    nothing: dict[str, Value] = {term.code: None for term in TERMS}
    known = _of_customer(contact, by, timezone.localtime(now).date())
    return (
        nothing
        | known
        | _of_contact(contact, by)
        | {
            "operator.name": by.name,
            "today": timezone.localtime(now).date(),
        }
    )


def _of_customer(contact: Interaction, by: Person, today: date) -> dict[str, Value]:
    customer = _linked(contact, by)
    if customer is None:
        return {"customer.known": False}
    values: dict[str, Any] = {name: getattr(customer, name) or None for name in FIELDS}
    values |= {name: getattr(customer, name) or None for name in ("kind", "status", "card_type", "segment")}
    values |= {
        "known": True,
        "name": customer.full_name,
        "address": " ".join(filter(None, (customer.first_name, customer.middle_name))) or customer.full_name,
        "age": _age(customer.birth_date, today),
        "email": main_mailbox(customer) or None,
    }
    own = {code: _own_value(one, customer.custom) for code, one in _own_fields(by).items()}
    return {OF_CARD + name: value for name, value in values.items()} | own | _of_contract(customer, by, today)


def _own_value(field: Field, custom: Mapping[str, Any]) -> Value:
    """As it compares; what is not of its type is nothing."""
    kept = value_of(field, custom)
    if kept in (None, "", []):
        return None
    try:
        match _TYPES[field.type]:
            case Type.NUMBER:
                return Decimal(str(kept))
            case Type.DAY:
                return date.fromisoformat(str(kept))
            case Type.MANY:
                return frozenset(kept or ())
    except (ValueError, ArithmeticError):
        return None
    return str(kept)


def _of_contract(customer: Customer, by: Person, today: date) -> dict[str, Value]:
    found = ending_contract(customer, on=today, by=by)
    if found is None or found.ends_on is None:
        return {}
    return {
        "contract.number": found.number,
        "contract.product": str(found.product) if found.product else None,
        "contract.ends": found.ends_on,
        "contract.days": (found.ends_on - today).days,
    }


def _linked(contact: Interaction, by: Person) -> Customer | None:
    """Whom the contact is linked to; somebody whom nobody knows is none."""
    if contact.customer_id is None:
        return None
    try:
        customer = get_customer_with_details(contact.customer_id, by=by)
    except NoSuchCustomer:
        return None
    return None if customer.kind == Kind.QUASI else customer


def _age(born: date | None, today: date) -> int | None:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None


def _of_contact(contact: Interaction, by: Person) -> dict[str, Value]:
    topics = [row.topic for row in contact.topics.select_related("topic")]
    count, last = _previous(contact, by)
    return {
        "contact.direction": contact.direction,
        "contact.channel": contact.channel,
        "contact.line": contact.line_name or None,
        "contact.number": contact.clarified or contact.address or None,
        "contact.topics": ", ".join(str(one) for one in topics) or None,
        "contact.wants_identification": any(one.needs_identification for one in topics),
        "contact.identified": contact.customer_id is not None and gate(contact).state is GateState.PASSED,
        "contact.previous": count,
        "contact.last_result": last or None,
        "project": contact.project.code,
        "project.name": str(contact.project),
    }


def previous_contacts(contact: Interaction, by: Person) -> Any:
    """Of the same customer, the newest first, without this one."""
    mine = visible(by).filter(customer=contact.customer_id, began_at__lt=contact.began_at)
    return mine.exclude(pk=contact.pk).order_by("-began_at", "-id")


def _previous(contact: Interaction, by: Person) -> tuple[int, str]:
    """How many there were (F02.05), and what came of the last."""
    if contact.customer_id is None:
        return 0, ""
    found = previous_contacts(contact, by)
    last = found.first()
    return (found.count(), str(last.result or "")) if last else (0, "")
