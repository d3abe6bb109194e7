"""The call card: which facts of caller and call the desk shows while one talks, and where (F04.06, F04.08).

An administrator arranges them in the layout editor, for a project, a role, a type of card. Each fact is a section of
its own there; those of one group that stand beside each other make one card on the desk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Person
from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.forms import facts as own_facts
from perezvon.foundation.fields.models import FieldSection
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.records.arrangement import tabs_of
from perezvon.foundation.records.registry import ZONES, Slot
from perezvon.foundation.records.selectors import find_layout
from perezvon.modules.customers.models import CardType, ContactPoint, Customer, Kind
from perezvon.modules.customers.selectors import is_locked
from perezvon.modules.desk.screens.card import USES, born, masked_passport, phones_of
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import outcome_of
from perezvon.modules.tasks.models import Task
from perezvon.modules.tasks.selectors import next_of_contact

KIND = "call"
RECORD = "customer"  # whose fields of an administrator's own the card shows
VARIANTS = tuple(CardType.choices)
_OWN = "own_"
CALL, PERSONAL, CONTACTS, PRODUCTS, HISTORY = "call", "personal", "contacts", "products", "history"
_TITLES: dict[str, Promise] = {
    CALL: lazy("This call"),
    PERSONAL: lazy("Personal"),
    CONTACTS: lazy("Contacts"),
}

type Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Seen:
    """Whom the card is about, in which contact, and who looks."""

    customer: Customer
    contact: Interaction
    by: Person

    @cached_property
    def next_task(self) -> Task | None:
        """What is to be done next about the contact; asked for once, and only where the card shows it."""
        return next_of_contact(self.contact.pk, by=self.by)


@dataclass(frozen=True, slots=True)
class Fact:
    """zone: where it stands until somebody arranges it, or "hidden"; read: its rows, none when there is nothing."""

    code: str
    label: str | Promise
    group: str
    read: Callable[[Seen], Rows]
    zone: str = "side"


# --- reading -----------------------------------------------------------------------------------------


def _row(label: str | Promise, value: object, kind: str = "") -> Rows:
    return [{"label": label, "value": str(value), "kind": kind}] if value else []


def _number(seen: Seen) -> Rows:
    address = seen.contact.address
    return _row(_("Caller"), f"+{address}" if address.isdecimal() else address or _("number withheld"), "phone")


def _phones(*uses: str) -> Callable[[Seen], Rows]:
    """All telephones, or those of these uses."""

    def read(seen: Seen) -> Rows:
        return [_phone(point) for point in phones_of(seen.customer) if not uses or point.use in uses]

    return read


def _phone(point: ContactPoint) -> dict[str, Any]:
    return {
        "label": USES[point.use](),
        "value": f"+{point.digits}" if point.digits else point.raw,
        "kind": "phone",
        "struck": str(point.get_struck_reason_display()) if point.struck_reason else "",
        "hint": _("main") if point.is_main else "",
        "dial_url": reverse("desk:dial"),
    }


def _points(kind: str, label: str | Promise, shown: str) -> Callable[[Seen], Rows]:
    def read(seen: Seen) -> Rows:
        points = [point for point in seen.customer.points.all() if point.kind == kind and not point.struck_reason]
        return [row for point in points for row in _row(label, point.raw, shown)]

    return read


def _address(use: str, label: str | Promise) -> Callable[[Seen], Rows]:
    def read(seen: Seen) -> Rows:
        found = next((one for one in seen.customer.addresses.all() if one.use == use and one.is_current), None)
        return _row(label, found.text if found else "")

    return read


def _state(seen: Seen) -> Rows:
    words = {"open": _("under way"), "wrap_up": _("to be written up"), "done": outcome_of(seen.contact)}
    return _row(_("State of the contact"), words.get(seen.contact.state, seen.contact.state))


def _of_task(label: str | Promise, read: Callable[[Task], str], kind: str = "") -> Callable[[Seen], Rows]:
    return lambda seen: _row(label, read(seen.next_task), kind) if seen.next_task else []


def _due(task: Task) -> str:
    return date_format(localtime(task.due_at), "SHORT_DATETIME_FORMAT") if task.due_at else ""


def _of_customer(label: str | Promise, name: str) -> Callable[[Seen], Rows]:
    return lambda seen: _row(label, getattr(seen.customer, name))


def _nothing(seen: Seen) -> Rows:
    return []


_FACTS = (
    Fact("number", lazy("Card number"), PERSONAL, lambda seen: _row(_("No."), seen.customer.number, "number")),
    Fact("name", lazy("Full name"), PERSONAL, _of_customer(lazy("Full name"), "full_name"), "hidden"),
    Fact("born", lazy("Date of birth"), PERSONAL, lambda seen: _row(_("Born"), born(seen.customer))),
    Fact(
        "passport",
        lazy("Passport"),
        PERSONAL,
        lambda seen: _row(_("Passport"), masked_passport(seen.customer), "masked"),
    ),
    Fact("region", lazy("Region"), PERSONAL, _of_customer(lazy("Region"), "region")),
    Fact("company", lazy("Company"), PERSONAL, _of_customer(lazy("Works at"), "workplace")),
    Fact("position", lazy("Position"), PERSONAL, _of_customer(lazy("Position"), "position"), "hidden"),
    Fact("source", lazy("Source of information"), PERSONAL, _of_customer(lazy("Source"), "source"), "hidden"),
    Fact("phones", lazy("All telephones"), CONTACTS, _phones()),
    Fact("phone_mobile", lazy("Mobile"), CONTACTS, _phones("mobile", "contact"), "hidden"),
    Fact("phone_home", lazy("Home telephone"), CONTACTS, _phones("home"), "hidden"),
    Fact("phone_work", lazy("Work telephone"), CONTACTS, _phones("work"), "hidden"),
    Fact("phone_fax", lazy("Fax"), CONTACTS, _phones("fax"), "hidden"),
    Fact("email", lazy("E-mail"), CONTACTS, _points(ContactPoint.Kind.EMAIL, lazy("E-mail"), "email")),
    Fact("site", lazy("Site"), CONTACTS, _points(ContactPoint.Kind.SITE, lazy("Site"), ""), "hidden"),
    Fact("address_postal", lazy("Postal address"), CONTACTS, _address("postal", lazy("Postal address")), "hidden"),
    Fact("address_actual", lazy("Actual address"), CONTACTS, _address("actual", lazy("Actual address")), "hidden"),
    Fact("products", lazy("Products"), PRODUCTS, _nothing),
    Fact("caller", lazy("Number of the caller"), CALL, _number),
    Fact(
        "project_number",
        lazy("Number of the project"),
        CALL,
        lambda seen: _row(_("Project number"), seen.contact.project.number, "number"),
    ),
    Fact("project", lazy("Project"), CALL, lambda seen: _row(_("Project"), seen.contact.project)),
    Fact("line", lazy("Line"), CALL, lambda seen: _row(_("Line"), seen.contact.line_name), "hidden"),
    Fact(
        "began",
        lazy("Date and time"),
        CALL,
        lambda seen: _row(_("Began"), date_format(localtime(seen.contact.began_at), "SHORT_DATETIME_FORMAT"), "number"),
    ),
    Fact("state", lazy("State of the contact"), CALL, _state),
    Fact("due", lazy("Due date"), CALL, _of_task(lazy("Due"), _due, "number"), "hidden"),
    Fact("next_action", lazy("Next action"), CALL, _of_task(lazy("Next action"), lambda task: task.title), "hidden"),
    Fact("consultant", lazy("Consultant"), CALL, _of_task(lazy("Consultant"), lambda task: task.holder), "hidden"),
    Fact("history", lazy("History"), HISTORY, _nothing, "main"),
)


# --- arranging ---------------------------------------------------------------------------------------


def slots() -> Sequence[Slot]:
    """Every fact that a call card can have, for the layout editor. One query."""
    own = FieldSection.objects.filter(kind=RECORD)
    known = [Slot(fact.code, fact.label, fact.zone, place) for place, fact in enumerate(_FACTS)]
    return [*known, *(Slot(f"{_OWN}{one.key}", str(one), "hidden", len(_FACTS) + at) for at, one in enumerate(own))]


@dataclass(frozen=True, slots=True)
class Closed:
    """What is behind identification. rows: None while it is closed."""

    rows: Rows | None
    url: str


def zones(seen: Seen, products: Closed) -> dict[str, Any]:
    """{top, side, main: [block], folded: [{label, blocks}]} as desk/_card.html draws them. Two queries."""
    fields = visible_fields(seen.by, seen.customer)
    facts = {fact.code: fact for fact in (*_FACTS, *_own(fields))}
    places = [Slot(fact.code, fact.label, fact.zone, place) for place, fact in enumerate(facts.values())]
    layout = find_layout(KIND, by=seen.by, project_id=seen.contact.project_id, variant=seen.customer.card_type)
    first, *others = tabs_of(layout.arrangement if layout else {}, places)
    drawn = {zone: list(_blocks([facts[code] for code in first.zones[zone]], seen, products)) for zone in ZONES}
    folded = [
        {"label": tab.label, "blocks": list(_blocks(_all([tab.zones[zone] for zone in ZONES], facts), seen, products))}
        for tab in others
    ]
    return {**drawn, "folded": folded}


def _all(codes: Iterable[Iterable[str]], facts: dict[str, Fact]) -> list[Fact]:
    return [facts[code] for zone in codes for code in zone]


def _own(fields: Iterable[Field]) -> Iterator[Fact]:
    """A fact for each section of an administrator's own fields."""
    for key, group in groupby(fields, key=lambda field: field.section):
        mine = list(group)
        yield Fact(f"{_OWN}{key}", mine[0].section_label, f"{_OWN}{key}", _own_rows(mine), "hidden")


def _own_rows(fields: Sequence[Field]) -> Callable[[Seen], Rows]:
    return lambda seen: own_facts(fields, seen.customer.custom)


def _blocks(facts: Sequence[Fact], seen: Seen, products: Closed) -> Iterator[dict[str, Any]]:
    for group, members in groupby(facts, key=lambda fact: fact.group):
        mine = list(members)
        if group == HISTORY:
            yield {"kind": HISTORY}
        elif group == PRODUCTS:
            yield _products(products)
        elif rows := [row for fact in mine for row in fact.read(seen)]:
            title = _TITLES.get(group) or mine[0].label
            yield {"kind": "facts", "title": title, "rows": rows, "more": _edit(group, seen), "locked": None}


def _products(products: Closed) -> dict[str, Any]:
    locked = {"text": _("Opens after identification"), "url": products.url} if products.rows is None else None
    return {"kind": "facts", "title": _("Products"), "rows": products.rows or [], "more": None, "locked": locked}


def _edit(group: str, seen: Seen) -> dict[str, str] | None:
    """Where the values are changed, if the type of the card and the rights let this person."""
    customer, by = seen.customer, seen.by
    if customer.kind == Kind.QUASI or group == CALL:
        return None
    if group == CONTACTS:
        url = reverse("customers:card", args=[customer.pk]) if by.may("customers.edit_contacts") else ""
    elif not by.may("customers.edit") or (group == PERSONAL and is_locked(customer, by)):
        url = ""
    else:
        url = f"{reverse('customers:edit', args=[customer.pk])}?block={group}"
    return {"label": _("Change"), "url": url} if url else None
