"""What would come of rows: whose they are, what would change, why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower
from django.utils.formats import date_format

from perezvon.foundation.access import Actor
from perezvon.foundation.fields import values as custom_values
from perezvon.foundation.fields.field import PREFIX, Field
from perezvon.foundation.imports.registry import Act, OnMatch, OnNew, Policy, Problem, Row, Verdict
from perezvon.modules.customers.importing.drafts import PHONE, Draft, custom_key, draft_of, fill
from perezvon.modules.customers.importing.targets import FROM_SOURCE, NUMBER, importable_fields, may_bring
from perezvon.modules.customers.models import LOCKED_TYPES, CardType, ContactPoint, Customer, Document, Kind, Status
from perezvon.modules.customers.selectors.masks import MASKED_FIELDS, mask
from perezvon.modules.customers.selectors.review import editable_values, today
from perezvon.modules.customers.selectors.sources import list_sources
from perezvon.modules.customers.values import EDITABLE


@dataclass(slots=True)
class Judged:
    """A row, whose it is, and what would be written: values that differ, points and documents that are new."""

    draft: Draft
    act: Act
    customer: Customer | None = None
    changed: dict[str, Any] = field(default_factory=dict)
    points: list[ContactPoint] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def look(rows: Sequence[Row], policy: Policy, by: Actor, now: datetime) -> list[Verdict]:
    """Nothing is written."""
    fields = importable_fields(by)
    return [verdict_of(one, fields, by) for one in judge(rows, policy, by, now, lock=False)]


def judge(rows: Sequence[Row], policy: Policy, by: Actor, now: datetime, *, lock: bool) -> list[Judged]:
    """Some ten queries, however many rows. lock: the customers found are held, in the order of their keys."""
    fields, day = _by_kind(importable_fields(by)), today(now)
    drafts = [draft_of(row, policy) for row in rows]
    owners = _owners(drafts, by)
    wanted = {key for draft in drafts for key in _matched(draft, owners)}
    customers = _load(wanted, by, lock=lock)
    offered = list_sources(by=by)
    for draft in drafts if offered else ():
        wrong = [text for text in draft.row.values.get("source", ()) if text not in offered]
        draft.problems += [Problem("source", "choice.unknown") for _ in wrong]
    return [_judge(draft, owners, customers, policy, fields, day, by) for draft in drafts]


# --- whose row ---

type Owners = dict[tuple[str, str], set[UUID]]


def _owners(drafts: Iterable[Draft], by: Actor) -> Owners:
    """Of each key in these rows, the customers whom the actor sees that have it. One query a class of keys."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for draft in drafts:
        for name, value in draft.keys:
            wanted[name].add(value)
    found: Owners = defaultdict(set)
    visible = Customer.objects.visible_to(by).exclude(kind=Kind.QUASI)
    for name, values in wanted.items():
        for value, key in _pairs(name, values, visible):
            found[name, str(value)].add(key)
    return found


def _pairs(name: str, values: set[str], visible: QuerySet[Customer]) -> QuerySet[Any, Any]:
    of_visible = Q(customer__in=visible)
    if name == PHONE:
        points = ContactPoint.objects.filter(
            of_visible, kind=ContactPoint.Kind.PHONE, digits__in=values, struck_reason=""
        )
        return points.order_by().values_list("digits", "customer_id")
    if name == "email":
        points = ContactPoint.objects.filter(of_visible, kind=ContactPoint.Kind.EMAIL, struck_reason="")
        folded = points.annotate(folded=Lower("raw")).filter(folded__in=values)
        return folded.order_by().values_list("folded", "customer_id")
    if name == "passport":
        passports = Document.objects.filter(of_visible, kind=Document.PASSPORT, number__in=values)
        return passports.order_by().values_list("number", "customer_id")
    if name == NUMBER:
        return visible.filter(number__in=[int(value) for value in values]).order_by().values_list("number", "pk")
    if name.startswith(PREFIX):
        kept = visible.annotate(kept=KeyTextTransform(custom_key(name), "custom"))
        return kept.filter(kept__in=values).order_by().values_list("kept", "pk")
    return visible.filter(~Q(**{name: ""}), **{f"{name}__in": values}).order_by().values_list(name, "pk")


def _matched(draft: Draft, owners: Owners) -> set[UUID]:
    """Whom all keys agree on, else whom any of them names."""
    named = [owners[key] for key in draft.keys if owners.get(key)]
    if not named:
        return set()
    return set.intersection(*named) or set.union(*named)


def _load(keys: set[UUID], by: Actor, *, lock: bool) -> dict[UUID, Customer]:
    found = Customer.objects.visible_to(by).filter(pk__in=keys).order_by("pk")
    if lock:
        found = found.select_for_update(of=("self",))
    found = found.prefetch_related("points", "documents", "addresses")
    return {customer.pk: customer for customer in found}


# --- what comes of it ---


def _judge(
    draft: Draft, owners: Owners, customers: dict[UUID, Customer], policy: Policy, fields: ByKind, day: date, by: Actor
) -> Judged:
    matched = [customers[key] for key in _matched(draft, owners) if key in customers]
    if len(matched) > 1:
        numbers = ", ".join(str(one.number) for one in sorted(matched, key=lambda one: one.number)[:5])
        return Judged(draft, Act.SEVERAL, problems=(Problem("", "imports.several", {"numbers": numbers}),))
    customer = matched[0] if matched else None
    if (policy.on_match if customer else policy.on_new) in {OnMatch.SKIP, OnNew.SKIP}:
        return Judged(draft, Act.SKIP, customer)
    applicable = fields[
        Kind.COMPANY if (customer.kind == Kind.COMPANY if customer else draft.is_company) else Kind.PERSON
    ]
    fill(draft, customer, applicable, day)
    judged = _change(draft, customer, policy, applicable, by) if customer else _create(draft, applicable)
    refused = (*draft.problems, *_not_allowed(judged, by))
    return Judged(draft, Act.REFUSE, customer, problems=refused) if refused else judged


type ByKind = dict[str, dict[str, Field]]


def _by_kind(fields: Sequence[Field]) -> ByKind:
    """The fields that a person and a company have, by name."""
    return {kind: {one.name: one for one in fields if not one.variants or kind in one.variants} for kind in _KINDS}


_KINDS = (Kind.PERSON, Kind.COMPANY)


def _create(draft: Draft, fields: dict[str, Field]) -> Judged:
    """As on the form of a new customer: a name, a way to reach him, and what is required."""
    values = draft.values
    if draft.is_company and not values.get("company_name"):
        draft.problems.append(Problem("company_name", "company_name.missing"))
    elif not draft.is_company and not (values.get("last_name") or values.get("first_name")):
        draft.problems.append(Problem("last_name", "name.missing"))
    if not draft.points and not any(one.field in draft.row.values for one in draft.problems):
        draft.problems.append(Problem("phone_contact", "contact.missing"))
    draft.problems += [
        Problem(name, "field.required") for name, one in fields.items() if one.required and name not in values
    ]
    points = _apart(draft.points, ())
    return Judged(draft, Act.CREATE, changed=values, points=points, documents=draft.documents)


def _change(draft: Draft, customer: Customer, policy: Policy, fields: dict[str, Field], by: Actor) -> Judged:
    """An empty cell says nothing; what stands on the card is filled up, or overwritten."""
    before = editable_values(customer, [*fields.values()]) | {
        "status": customer.status,
        "card_type": customer.card_type,
    }
    changed = {name: value for name, value in draft.values.items() if _differs(value, before[name])}
    if policy.on_match == OnMatch.FILL:
        changed = {name: value for name, value in changed.items() if before[name] in (None, "", [])}
    points = _apart(draft.points, customer.points.all())
    there = {(one.kind, one.number) for one in customer.documents.all()}
    documents = [one for one in draft.documents if (one.kind, one.number) not in there]
    act = Act.CHANGE if changed or points or documents else Act.SAME
    return Judged(draft, act, customer, changed, points, documents, {name: before[name] for name in changed})


def _differs(value: Any, before: Any) -> bool:
    return value not in (None, "", []) and value != before


def _apart(points: Iterable[ContactPoint], known: Iterable[ContactPoint]) -> list[ContactPoint]:
    """Those that are not there yet, each once. One that is struck out is there, and stays struck out."""
    there = {_same(point) for point in known}
    apart = []
    for point in points:
        if _same(point) not in there:
            there.add(_same(point))
            apart.append(point)
    return apart


def _same(point: ContactPoint) -> tuple[str, str]:
    return point.kind, point.digits or point.raw.lower()


def _not_allowed(judged: Judged, by: Actor) -> list[Problem]:
    """What the card would not let this person do either."""
    card_type = judged.customer.card_type if judged.customer else ""
    becomes = judged.changed.get("card_type", card_type)
    if judged.act not in {Act.CREATE, Act.CHANGE} or by.may(FROM_SOURCE):
        return []
    if not may_bring(becomes, by) and becomes != card_type:
        return [Problem("card_type", "customers.locked_by_type", {"card_type": becomes})]
    if card_type in LOCKED_TYPES and (judged.documents or judged.changed.keys() & {*EDITABLE}):
        return [Problem("", "customers.locked_by_type", {"card_type": card_type})]
    return []


# --- in words ---


def verdict_of(judged: Judged, fields: Sequence[Field], by: Actor) -> Verdict:
    customer, known = judged.customer, {one.name: one for one in fields}
    values = judged.draft.values
    given = " ".join(str(values[name]) for name in ("last_name", "first_name", "middle_name") if values.get(name))
    title = customer.full_name if customer else str(values.get("company_name") or given)
    changes: dict[str, tuple[str, str]] = {}
    if judged.act == Act.CHANGE:
        for name, value in judged.changed.items():
            changes[name] = (_words(name, judged.before[name], known, by), _words(name, value, known, by))
        for point in judged.points:
            name = f"phone_{point.use}" if point.kind == ContactPoint.Kind.PHONE else point.kind
            earlier = changes.get(name, ("", ""))[1]
            changes[name] = ("", ", ".join(part for part in (earlier, point.raw) if part))
        for one in judged.documents:
            number = one.number if by.may("customers.reveal") else mask("passport", one.number)
            changes[f"document_{one.kind}"] = ("", number)
    return Verdict(judged.draft.row, judged.act, customer.pk if customer else None, title, changes, judged.problems)


def _words(name: str, value: Any, known: dict[str, Field], by: Actor) -> str:
    if value in (None, "", []):
        return ""
    if name in known:
        return custom_values.shown(known[name], value)
    if name in MASKED_FIELDS and not by.may("customers.reveal"):
        return mask(name, str(value))
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    labels = {"status": Status, "card_type": CardType}.get(name)
    return str(labels(value).label) if labels else str(value)
