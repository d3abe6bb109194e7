"""Cards that may be one person's: to one that is being typed or looked at, and all there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Lower

from perezvon.foundation.access import Actor
from perezvon.foundation.search.services import text_for
from perezvon.kernel.errors import NotFound
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers.models import ContactPoint, Customer, Document, Duplicate, Kind, Merge
from perezvon.modules.customers.values import PHONES

MOST = 5


class NoSuchMerge(NotFound):
    code = "customers.no_such_merge"


@dataclass(frozen=True, slots=True)
class LookAlike:
    """reasons: codes of what agrees, the strongest first: inn, snils, passport, name, phone, email."""

    customer: Customer
    reasons: tuple[str, ...]


def look_alikes(values: Mapping[str, Any], *, by: Actor, besides: UUID | None = None) -> list[LookAlike]:
    """Cards that agree with these cleaned values, those that agree in most first, at most MOST.

    One query for each thing that is given, by an index each, and one for the cards. A name alone says nothing; it
    does together with the date of birth.
    """
    found: dict[UUID, list[str]] = {}
    for reason, keys in _keys(values):
        for key in keys[: MOST * 2]:
            found.setdefault(key, []).append(reason)
    if besides is not None:
        found.pop(besides, None)
    customers = Customer.objects.visible_to(by).exclude(kind=Kind.QUASI).in_bulk(list(found)) if found else {}
    alike = [LookAlike(customers[key], tuple(reasons)) for key, reasons in found.items() if key in customers]
    return sorted(alike, key=lambda one: (-len(one.reasons), str(one.customer.pk)))[:MOST]


def _keys(values: Mapping[str, Any]) -> Iterable[tuple[str, QuerySet[Any, UUID]]]:
    owners = Customer.objects.filter(deleted_at=None).order_by("id").values_list("id", flat=True)
    if inn := values.get("inn"):
        yield "inn", owners.filter(inn=inn)
    if snils := values.get("snils"):
        yield "snils", owners.filter(snils=snils)
    if passport := values.get("passport"):
        documents = Document.objects.filter(number=passport).order_by("id")
        yield "passport", documents.values_list("customer_id", flat=True)
    names = " ".join(str(values.get(name) or "") for name in ("last_name", "first_name", "middle_name"))
    if values.get("birth_date") and (folded := text_for(names)):
        yield "name", owners.filter(sort_key=folded, birth_date=values["birth_date"])
    points = ContactPoint.objects.filter(struck_reason="").order_by("id")
    if numbers := [phone.digits for name in PHONES if (phone := parse_phone(str(values.get(name) or "")))]:
        yield "phone", points.filter(digits__in=numbers).values_list("customer_id", flat=True)
    if email := values.get("email"):
        lowered = points.filter(kind=ContactPoint.Kind.EMAIL).annotate(lowered=Lower("raw"))
        yield "email", lowered.filter(lowered=str(email).lower()).values_list("customer_id", flat=True)


def list_duplicates(*, by: Actor, limit: int = 100) -> list[Duplicate]:
    """Pairs that wait for somebody to look at them. One query."""
    by.must("customers.merge")
    pairs = Duplicate.objects.filter(dismissed_at=None).select_related("one", "other")
    return list(_open_to(pairs, by)[:limit])


def list_duplicates_of(customer: Customer, *, by: Actor) -> list[Duplicate]:
    """The pairs that a card is in. One query."""
    pairs = Duplicate.objects.filter(dismissed_at=None).filter(Q(one=customer) | Q(other=customer))
    return list(_open_to(pairs.select_related("one", "other"), by)[:MOST])


def _open_to(pairs: QuerySet[Duplicate], by: Actor) -> QuerySet[Duplicate]:
    """Those of two cards that are there, open to the actor and in one project: others cannot be merged."""
    there = Q(one__deleted_at=None, other__deleted_at=None)
    there &= Q(one__project=F("other__project")) | Q(one__project=None, other__project=None)
    if by.projects is None:
        return pairs.filter(there)
    mine = Q(one__project=None) | Q(one__project__in=by.projects)
    theirs = Q(other__project=None) | Q(other__project__in=by.projects)
    return pairs.filter(there & mine & theirs)


def list_merges(customer: Customer, *, by: Actor) -> list[Merge]:
    """Of cards that were merged into this one, the latest first. One query."""
    gone = Customer.objects.of_projects(by)
    return list(customer.merges.filter(undone_at=None, gone__in=gone).select_related("gone", "by"))


def get_merge(merge_id: int, *, by: Actor) -> Merge:
    """Raises NoSuchMerge, also when one of the cards is not open to the actor."""
    merge = Merge.objects.select_related("kept", "gone").filter(pk=merge_id).first()
    if merge is None or not all(
        one.project_id is None or by.sees_project(one.project_id) for one in (merge.kept, merge.gone)
    ):
        raise NoSuchMerge(merge=merge_id)
    return merge


def find_successor(customer_id: UUID, *, by: Actor) -> Customer | None:
    """The card that took the place of a merged one."""
    found = Customer.objects.filter(pk=customer_id, merged_into__isnull=False).first()
    for _step in range(20):
        if found is None or found.merged_into_id is None:
            break
        found = Customer.objects.filter(pk=found.merged_into_id).first()
    return Customer.objects.visible_to(by).filter(pk=found.pk).first() if found else None
