"""Finding customers by whatever is known of them: several criteria at once, or one line that may be anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import reduce
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Lower

from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Project
from perezvon.foundation.search.selectors import COUNTED_TO, Found, Guess, find
from perezvon.kernel import checks
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers.keys import product_key
from perezvon.modules.customers.models import ContactPoint, Customer, Document, Kind, ProductHeld
from perezvon.modules.customers.selectors.masks import mask
from perezvon.modules.customers.selectors.phones import ends_alike, phone_points

KIND = "customer"
FIELDS = ("phone", "name", "passport", "card", "account", "inn", "email")
DEFAULT_FIELDS = ("phone", "name", "passport", "card", "account")
PAGE = 25


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of the customer, as typed; empty is unknown. text: one line that may be any of the others.

    All that is given must fit.
    """

    phone: str = ""
    name: str = ""
    passport: str = ""
    card: str = ""
    account: str = ""
    inn: str = ""
    email: str = ""
    text: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, field.name).strip() for field in fields(self))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of the list of candidates. passport: masked. struck_reason: the number asked for is struck out there."""

    id: UUID
    number: int
    kind: str
    last_name: str
    first_name: str
    middle_name: str
    status: str
    birth_date: date | None
    passport: str
    sex: str
    struck_reason: str = ""


@dataclass(frozen=True, slots=True)
class Candidates:
    """A page of candidates. total: all that fit; not is_exact: more than were counted.

    read_as: what was looked for instead of the name typed, when that had to be guessed at.
    """

    rows: tuple[Candidate, ...] = ()
    total: int = 0
    is_exact: bool = True
    guess: Guess = Guess.NONE
    read_as: str = ""
    next_offset: int | None = None


def search_fields(*, by: Actor, project_id: int | None = None) -> tuple[str, ...]:
    """The criteria an administrator offers in this project, or in all those the actor sees. One query."""
    projects = Project.objects.order_by("number")
    if project_id is not None:
        projects = projects.filter(pk=project_id)
    elif by.projects is not None:
        projects = projects.filter(pk__in=by.projects)
    offered: dict[str, None] = {}
    for settings in projects.values_list("settings", flat=True):
        offered |= dict.fromkeys(settings.get("search", {}).get("fields", DEFAULT_FIELDS))
    return tuple(field for field in offered or DEFAULT_FIELDS if field in FIELDS)


def search(
    asked: Asked, *, by: Actor, offered: Sequence[str] = DEFAULT_FIELDS, limit: int = PAGE, offset: int = 0
) -> Candidates:
    """Customers who fit all that was asked, of those the actor may know of.

    offered: the criteria in use; others are not looked at. A name is found by beginnings of its words in any order,
    in the wrong keyboard layout and with a slip, everything else exactly. By name five queries, by anything else
    four to six.
    """
    found = search_keys(asked, by=by, offered=offered, limit=limit, offset=offset)
    return _page(found, by, offset, asked.phone or asked.text) if found else Candidates()


def search_keys(
    asked: Asked, *, by: Actor, offered: Sequence[str] = DEFAULT_FIELDS, limit: int = PAGE, offset: int = 0
) -> Found | None:
    """As search, but the keys alone; None when nothing was asked."""
    asked = _only(asked, offered)
    name, exact = asked.name, [_by(field, getattr(asked, field)) for field in _EXACT if getattr(asked, field).strip()]
    if asked.text.strip():
        words, alternatives = _read(asked.text, offered)
        name = f"{name} {words}".strip()
        exact += [alternatives] if alternatives is not None else []
    keys = None if not exact else list(_all_of(exact)[: COUNTED_TO + 1])
    if name.strip():
        return find(KIND, name, projects=by.projects, limit=limit, offset=offset, among=keys)
    return None if keys is None else _in_order(keys, by, limit, offset)


def owners_of_phone(text: str, *, ends: bool = False) -> Ids:
    """Customers with this number; with `ends` all whose numbers end with these digits."""
    if not ends:
        return _phone(text)
    return _owners(phone_points().filter(digits__endswith=checks.digits_of(text)))


def _only(asked: Asked, offered: Sequence[str]) -> Asked:
    return replace(asked, **{field: "" for field in FIELDS if field not in offered})


# --- criteria: each is a query for ids of customers ---

type Ids = QuerySet[Any, Any]


def _phone(text: str) -> Ids:
    parsed = parse_phone(text)
    condition = Q(digits=parsed.digits) if parsed else Q(pk=None)
    return _owners(phone_points().filter(condition | ends_alike(text)))


def _passport(text: str) -> Ids:
    number = re.sub(r"[\s\-\u2116#]+", "", text).upper()
    return _owners(Document.objects.filter(number=number))


def _product(text: str) -> Ids:
    """By the whole number only: nothing else of it is kept."""
    return _owners(ProductHeld.objects.filter(key_hash=product_key(text)))


def _email(text: str) -> Ids:
    points = ContactPoint.objects.filter(kind=ContactPoint.Kind.EMAIL).alias(folded=Lower("raw"))
    return _owners(points.filter(folded=text.strip().lower()))


def _inn(text: str) -> Ids:
    number = checks.digits_of(text)
    return Customer.objects.filter(~Q(inn=""), inn=number).order_by().values_list("pk", flat=True)


def _number(text: str) -> Ids:
    return Customer.objects.filter(number=int(text)).order_by().values_list("pk", flat=True)


_EXACT = {
    "phone": _phone,
    "passport": _passport,
    "card": _product,
    "account": _product,
    "inn": _inn,
    "email": _email,
}


def _by(field: str, text: str) -> Ids:
    return _EXACT[field](text)


def _owners(rows: QuerySet[Any]) -> Ids:
    return rows.order_by().values_list("customer_id", flat=True)


def _all_of(criteria: Iterable[Ids]) -> Ids:
    return reduce(lambda one, other: one.intersection(other).order_by(), criteria)


def _any_of(criteria: Iterable[Ids]) -> Ids:
    return reduce(lambda one, other: one.union(other).order_by(), criteria)


# --- one line that may be anything ---

_ADDRESS = re.compile(r"\S+@\S+")
_NUMBER = re.compile(r"[+\d(][\d\s()\-.\u2116#]*\d")
_SHORTEST_NUMBER = 7


def _read(text: str, offered: Sequence[str]) -> tuple[str, Ids | None]:
    """The words of a name in it, and the customers whom its numbers can mean."""
    given: list[Ids] = []
    for address in _ADDRESS.findall(text) if "email" in offered else ():
        text = text.replace(address, " ")
        given.append(_email(address))
    for number in _NUMBER.findall(text):
        # Short numbers belong to a name: a school's, or the customer's own, which is among his words.
        if len(checks.digits_of(number)) >= _SHORTEST_NUMBER:
            text = text.replace(number, " ")
            given.append(_any_of(_meanings(number, offered)))
    return text.strip() if "name" in offered else "", _all_of(given) if given else None


def _meanings(number: str, offered: Sequence[str]) -> list[Ids]:
    """Ten digits may be a telephone, a passport or a company's tax number: all that the number can be."""
    digits = checks.digits_of(number)
    size = len(digits)
    can_be = {
        "phone": size <= 15,
        "passport": size == 10,
        "card": checks.is_card(digits),
        "account": size == 20,
        "inn": size in {10, 12} and _is_inn(digits),
    }
    meanings = [_by(field, number) for field, fits in can_be.items() if fits and field in offered]
    return [*meanings, _number(digits) if size <= 9 else _nobody()]


def _nobody() -> Ids:
    return Customer.objects.none().values_list("pk", flat=True)


def _is_inn(digits: str) -> bool:
    try:
        return bool(checks.inn(digits))
    except checks.Wrong:
        return False


# --- rows ---


def _in_order(keys: list[UUID], by: Actor, limit: int, offset: int) -> Found:
    """Of these the visible ones. They are counted apart only when they may not all be on the page."""
    visible = Customer.objects.visible_to(by).exclude(kind=Kind.QUASI).filter(pk__in=keys)
    page = tuple(visible.order_by("sort_key", "id").values_list("pk", flat=True)[offset : offset + limit])
    total = len(page) if not offset and len(keys) <= limit else visible.count()
    return Found(page, min(total, COUNTED_TO), len(keys) <= COUNTED_TO)


def _page(found: Found, by: Actor, offset: int, number: str) -> Candidates:
    passports = Prefetch("documents", Document.objects.filter(kind=Document.PASSPORT), to_attr="passports")
    customers = Customer.objects.visible_to(by).prefetch_related(passports).in_bulk(found.keys)
    struck = _struck(found.keys, number) if number.strip() else {}
    rows = tuple(_row(customers[key], struck.get(key, "")) for key in found.keys if key in customers)
    last = offset + len(found.keys)
    return Candidates(
        rows, found.total, found.is_exact, found.guess, found.read_as, last if rows and last < found.total else None
    )


def _struck(keys: Iterable[UUID], number: str) -> dict[UUID, str]:
    """Of these customers those on whose card the number is struck out, unless it stands there a second time."""
    points = phone_points().filter(ends_alike(number), customer__in=list(keys))
    reasons: dict[UUID, str] = {}
    for customer, reason in points.values_list("customer_id", "struck_reason").order_by("struck_reason", "id"):
        reasons.setdefault(customer, reason)
    return reasons


def _row(customer: Customer, struck_reason: str) -> Candidate:
    passports: list[Document] = customer.passports  # type: ignore[attr-defined]  # prefetched by _page
    is_person = customer.kind == Kind.PERSON
    return Candidate(
        id=customer.pk,
        number=customer.number,
        kind=customer.kind,
        last_name=customer.last_name if is_person else customer.full_name,
        first_name=customer.first_name,
        middle_name=customer.middle_name,
        status=customer.get_status_display(),
        birth_date=customer.birth_date,
        passport=mask("passport", passports[0].number) if passports else "",
        sex=customer.get_sex_display(),
        struck_reason=struck_reason,
    )
