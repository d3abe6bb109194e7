"""What rules can ask of a case: its facts by the codes of blueprints, so that a rule means the same elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.cores.conditions import Type, Value
from perezvon.foundation.access import Actor
from perezvon.foundation.conditions.terms import Term, Terms
from perezvon.foundation.fields.field import PREFIX
from perezvon.foundation.fields.models import Type as FieldType
from perezvon.foundation.fields.selectors import fields_of
from perezvon.foundation.people.models import Project, Team, User
from perezvon.modules.cases.models import (
    Act,
    Case,
    CaseCategory,
    CaseKind,
    CaseState,
    Priority,
    Promise,
    Source,
    Stage,
)
from perezvon.modules.catalogue.models import Product

KIND = "case"
_OWN: Mapping[str, Type] = {
    FieldType.TEXT: Type.TEXT,
    FieldType.NUMBER: Type.NUMBER,
    FieldType.MONEY: Type.NUMBER,
    FieldType.DATE: Type.DAY,
    FieldType.PHONE: Type.PHONE,
    FieldType.EMAIL: Type.TEXT,
    FieldType.CHOICE: Type.CHOICE,
    FieldType.TREE: Type.CHOICE,
    FieldType.CHOICES: Type.MANY,
}

type Picks = Sequence[tuple[Any, Any]]


def priority_code(priority: int) -> str:
    return Priority(priority).name.lower()


def _kinds(_by: Actor) -> Picks:
    return [(one.code, str(one)) for one in CaseKind.objects.order_by("position", "id")]


def _states(_by: Actor) -> Picks:
    rows = CaseState.objects.select_related("kind").order_by("kind__position", "position", "id")
    return [(f"{one.kind.code}/{one.code}", f"{one.kind}: {one}") for one in rows]


def categories(_by: Actor) -> Picks:
    rows = CaseCategory.objects.select_related("kind").order_by("kind__position", "position", "id")
    return [(f"{one.kind.code}/{one.code}", f"{one.kind}: {one}") for one in rows]


def priorities(_by: Actor) -> Picks:
    return [(priority_code(code), label) for code, label in Priority.choices]


def teams(_by: Actor) -> Picks:
    return [(one.code, str(one)) for one in Team.objects.order_by("code")]


def people(_by: Actor) -> Picks:
    return [(one.login, one.short_name) for one in User.objects.filter(is_active=True).order_by("last_name", "id")]


def _projects(_by: Actor) -> Picks:
    return [(one.code, str(one)) for one in Project.objects.order_by("code")]


def _products(_by: Actor) -> Picks:
    return [(str(one.pk), str(one)) for one in Product.objects.order_by("id")[:500]]


_TOLD = [(act.value, act.label) for act in (Act.COMMENT, Act.LETTER, Act.CONTACT)]

TERMS: tuple[Term, ...] = (
    Term("kind", lazy("Kind"), Type.CHOICE, _kinds),
    Term("state", lazy("State"), Type.CHOICE, _states),
    Term("stage", pgettext_lazy("case", "Stage"), Type.CHOICE, Stage.choices),
    Term("category", lazy("Category"), Type.CHOICE, categories),
    Term("priority", lazy("Priority"), Type.CHOICE, priorities),
    Term("subject", pgettext_lazy("case", "Subject"), Type.TEXT),
    Term("text", lazy("What it is about"), Type.TEXT),
    Term("person", lazy("Responsible"), Type.CHOICE, people),
    Term("team", lazy("Team"), Type.CHOICE, teams),
    Term("project", lazy("Project"), Type.CHOICE, _projects),
    Term("product", lazy("Product"), Type.CHOICE, _products),
    Term("source", lazy("Came in"), Type.CHOICE, Source.choices),
    Term("customer", lazy("Customer is known"), Type.FLAG),
    Term("level", lazy("Customer level"), Type.TEXT),
    Term("registered", lazy("Registered"), Type.MOMENT),
    Term("due", lazy("Due"), Type.MOMENT),
    Term("overdue", lazy("Overdue"), Type.FLAG),
    Term("answered", lazy("The customer has had an answer"), Type.FLAG),
    Term("incident", lazy("Mass incident"), Type.FLAG),
    Term("reopened", lazy("How often it was reopened"), Type.NUMBER),
    Term("mark", lazy("Customer's mark"), Type.NUMBER),
    Term("hours", lazy("Hours in its state"), Type.NUMBER),
    Term("said", lazy("What was written"), Type.CHOICE, _TOLD),
    Term("public", lazy("Written to the customer"), Type.FLAG),
    Term("promise", pgettext_lazy("rule", "Which promise"), Type.CHOICE, Promise.choices),
)


def vocabulary(by: Actor) -> Terms:
    """Everything that can be asked, an administrator's own fields among it. Two queries."""
    own = [
        Term(f"{PREFIX}{one.key}", one.label, _OWN[one.type], one.choices)
        for one in fields_of(KIND, by)
        if one.type in _OWN
    ]
    return {term.code: term for term in (*TERMS, *own)}


RELATED = ("kind", "state", "category__kind", "project", "product", "person", "team", "customer")


def values_of(case: Case, terms: Terms, now: datetime, more: Mapping[str, Value] | None = None) -> dict[str, Value]:
    """A case as rules see it, read with RELATED. more: what the event says."""
    customer = case.customer
    found: dict[str, Value] = {
        "kind": case.kind.code,
        "state": f"{case.kind.code}/{case.state.code}",
        "stage": case.stage,
        "category": f"{case.category.kind.code}/{case.category.code}" if case.category else None,
        "priority": priority_code(case.priority),
        "subject": case.subject,
        "text": case.text,
        "person": case.person.login if case.person else None,
        "team": case.team.code if case.team else None,
        "project": case.project.code,
        "product": str(case.product_id) if case.product_id else None,
        "source": case.source,
        "customer": customer is not None,
        "level": customer.segment if customer else None,
        "registered": case.created_at,
        "due": case.due,
        "overdue": case.due is not None and case.due <= now,
        "answered": case.answered_at is not None,
        "incident": case.incident,
        "reopened": Decimal(case.reopened),
        "mark": None if case.mark is None else Decimal(case.mark),
        "hours": Decimal(int((now - (case.moved_at or case.created_at)).total_seconds() // 3600)),
    }
    own = {code: _own(case.custom.get(code.removeprefix(PREFIX)), term) for code, term in terms.items()
           if code.startswith(PREFIX)}  # fmt: skip
    return found | own | dict(more or {})


def _own(value: Any, term: Term) -> Value:
    """A kept value of an administrator's field; what is not of its type is nothing."""
    if value in (None, "", []):
        return None
    try:
        match term.type:
            case Type.NUMBER:
                return Decimal(str(value))
            case Type.DAY:
                return datetime.fromisoformat(str(value)).date()
            case Type.MANY:
                return frozenset(str(one) for one in value)
    except (ValueError, ArithmeticError, TypeError):
        return None
    return str(value)
