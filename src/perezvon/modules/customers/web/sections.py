"""The sections of a card that this module offers itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.forms import facts as own_facts
from perezvon.foundation.fields.models import FieldSection
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.files.web.section import file_facts
from perezvon.foundation.files.web.section import section as files_section
from perezvon.foundation.records.registry import Slot
from perezvon.foundation.ui.templatetags.ui import phone, when
from perezvon.modules.catalogue.selectors import get_office, serving
from perezvon.modules.customers.addresses import FORMS, HOME
from perezvon.modules.customers.models import (
    Address,
    ContactPoint,
    Customer,
    Document,
    Kind,
    Merge,
    Relation,
    Status,
    Warning,
)
from perezvon.modules.customers.registry import Section, all_sections, standings_of
from perezvon.modules.customers.selectors import (
    current_passport,
    is_locked,
    list_comments,
    list_merges,
    list_related_by,
    list_relations,
    list_status_changes,
    list_warnings,
    mask,
    may_recommend,
)
from perezvon.modules.customers.services import UNDO_WITHIN
from perezvon.modules.customers.values import CHANNELS, RECORD, TIMES
from perezvon.modules.customers.web.facts import LIFE, NUMBERS, PERSONAL, facts, point_of
from perezvon.modules.customers.web.journal import contact_changes
from perezvon.modules.customers.web.permission_sections import permission_sections
from perezvon.modules.customers.web.words import PREFERENCES

_FACTS = "customers/_facts.html"
_OWN, _OWN_FROM = "own_", 40
VIEW, EDIT, CONTACTS = "customers.view", "customers.edit", "customers.edit_contacts"


def sections() -> list[Section]:
    """Those that every card has. An administrator's own fields are added card by card, see `own_sections`."""
    return [
        Section("warnings", "customers/_warnings.html", warnings, VIEW, 5, "side", lazy("Warnings")),
        Section("personal", _FACTS, personal, VIEW, 10, "side", lazy("Personal data")),
        Section("contacts", "customers/_points.html", contacts, VIEW, 20, "side", lazy("Contact data")),
        Section("life", _FACTS, life, VIEW, 50, "side", lazy("Life and work")),
        Section("office", "customers/_office.html", office, VIEW, 52, "side", lazy("Office of service")),
        Section("documents", "customers/_documents.html", documents, VIEW, 55, "side", lazy("Documents")),
        Section("addresses", "customers/_addresses.html", addresses, VIEW, 60, "side", lazy("Addresses")),
        Section("preferences", "customers/_preferences.html", preferences, VIEW, 70, "side", lazy("Preferences")),
        Section("statuses", "customers/_statuses.html", statuses, VIEW, 80, "side", lazy("Changes of status")),
        Section("code_word", "customers/_code_word.html", code_word, EDIT, 90, "side", lazy("Code word")),
        Section("comments", "customers/_comments.html", comments, VIEW, 30, "main", lazy("Comments")),
        Section("files", "files/_section.html", files, "files.view", 35, "main", lazy("Files")),
        Section("relations", "customers/_relations.html", relations, VIEW, 40, "main", lazy("Linked cards")),
        Section("merges", "customers/_merges.html", merges, "customers.merge", 90, "main", lazy("Merged cards")),
        Section(
            "contact_changes",
            "customers/_contact_changes.html",
            contact_changes,
            "customers.view_journal",
            100,
            "hidden",
            lazy("History of contact data"),
        ),
        *permission_sections(),
    ]


def slots() -> Sequence[Slot]:
    """Every section that a card can have, for the layout editor. One query."""
    own = FieldSection.objects.filter(kind=RECORD)
    return [
        *(Slot(one.code, one.label or one.code, one.column, one.position) for one in all_sections()),
        *(Slot(f"{_OWN}{one.key}", str(one), "side", _OWN_FROM + place) for place, one in enumerate(own)),
    ]


def own_sections(customer: Customer, by: Actor) -> list[Section]:
    """Sections of an administrator's own fields. One query."""
    fields = visible_fields(by, customer)
    keys = dict.fromkeys(field.section for field in fields)
    return [
        _own_section([field for field in fields if field.section == key], _OWN_FROM + place)
        for place, key in enumerate(keys)
    ]


def _own_section(fields: list[Field], position: int) -> Section:
    def context(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
        rows = [*own_facts(fields, customer.custom), *file_facts(RECORD, customer.pk, fields)]
        more = _edit(customer, by, code) if any(field.is_editable for field in fields) else None
        return {"title": label, "rows": rows, "more": more} if rows or more else None

    code, label = f"{_OWN}{fields[0].section}", fields[0].section_label
    return Section(code, _FACTS, context, VIEW, position, "side", label)


# --- facts ---


def personal(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    names = ("number", *PERSONAL, *NUMBERS)
    more = None if is_locked(customer, by) else _edit(customer, by, "personal")
    return {"title": _("Personal data"), "rows": facts(customer, names, by, now), "more": more}


def life(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    rows = facts(customer, LIFE, by, now)
    more = None if is_locked(customer, by) else _edit(customer, by, "life")
    return {"title": _("Life and work"), "rows": rows, "more": more} if rows or more else None


def _edit(customer: Customer, by: Actor, block: str) -> dict[str, Any] | None:
    if not by.may(EDIT) or customer.kind == Kind.QUASI:
        return None
    return {"label": _("Edit"), "url": f"{reverse('customers:edit', args=[customer.pk])}?block={block}"}


def contacts(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    if customer.kind == Kind.QUASI:
        return None
    return {
        "points": [point_of(point, by) for point in customer.points.all()],
        "uses": ContactPoint.Use.choices,
        "strikes": ContactPoint.Strike.choices,
        "may_change": by.may(CONTACTS),
    }


def code_word(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    return {} if customer.kind == Kind.PERSON else None


def documents(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """All but the passport that the personal data show."""
    shown = current_passport(customer)
    rows = [_document(row) for row in customer.documents.all() if row.number and row != shown]
    may = by.may(EDIT) and customer.kind == Kind.PERSON and not is_locked(customer, by)
    return {"rows": rows, "kinds": Document.Kind.choices, "may_change": may} if rows or may else None


def _document(row: Document) -> dict[str, Any]:
    issued = date_format(row.issued_on, "SHORT_DATE_FORMAT") if row.issued_on else ""
    return {
        "id": row.pk,
        "label": str(row.get_kind_display()),
        "number": mask("passport" if row.kind == Document.PASSPORT else "document", row.number),
        "about": ", ".join(text for text in (issued, row.issuer, row.issuer_code) if text),
        "is_current": row.is_current,
    }


def addresses(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    rows = [address for address in customer.addresses.all() if address.text]
    may = by.may(CONTACTS) and customer.kind != Kind.QUASI
    return (
        {
            "rows": rows,
            "uses": Address.Use.choices,
            "countries": [(code, country_name(code)) for code in FORMS],
            "home": HOME,
            "may_change": may,
        }
        if rows or may
        else None
    )


def country_name(code: str) -> str:
    return str(COUNTRIES.get(code, code))


COUNTRIES = {
    "RU": lazy("Russia"),
    "BY": lazy("Belarus"),
    "KZ": lazy("Kazakhstan"),
    "UA": lazy("Ukraine"),
    "AM": lazy("Armenia"),
    "GE": lazy("Georgia"),
    "KG": lazy("Kyrgyzstan"),
    "UZ": lazy("Uzbekistan"),
    "DE": lazy("Germany"),
    "TR": lazy("Turkey"),
    "US": lazy("United States"),
    "GB": lazy("United Kingdom"),
}


# --- files ---


def files(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """Files and papers of the customer (F01.15)."""
    return None if customer.kind == Kind.QUASI else files_section(RECORD, customer.pk, by=by, now=now)


# --- notes ---


def warnings(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    rows = list_warnings(customer)
    may = by.may("customers.warn") and customer.kind != Kind.QUASI
    return {"rows": rows, "kinds": Warning.Kind.choices, "may_change": may} if rows or may else None


def comments(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    rows = list_comments(customer)
    may = by.may("customers.comment") and customer.kind != Kind.QUASI
    return {"rows": rows, "may_change": may} if rows or may else None


def preferences(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    if customer.kind == Kind.QUASI or not (customer.preferences or by.may(CONTACTS)):
        return None
    kept = customer.preferences
    return {
        "rows": [
            {"label": label, "value": str(PREFERENCES.get(kept[name], kept[name]))}
            for name, label in _PREFERENCES.items()
            if kept.get(name)
        ],
        "kept": kept,
        "channels": [(code, PREFERENCES[code]) for code in CHANNELS],
        "times": [(code, PREFERENCES[code]) for code in TIMES],
        "may_change": by.may(CONTACTS),
    }


def office(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """Left out where there is none to choose. One query."""
    known = get_office(customer.office_id) if customer.office_id else None
    may = by.may(CONTACTS) and customer.kind != Kind.QUASI
    if known is None:
        return {"rows": [], "may_change": True} if may and serving(customer.project_id).exists() else None
    there = _("now {time} there").format(time=now.astimezone(ZoneInfo(known.zone)).strftime("%H:%M"))
    rows = [
        {"label": _("Office"), "value": str(known)},
        {"label": _("Address"), "value": f"{known.settlement}, {known.address_text}"},
        {"label": _("Phone"), "value": known.phone},
        {"label": _("Hours"), "value": known.hours_text, "hint": there},
    ]
    rows += own_facts(visible_fields(by, known), known.custom)
    return {"rows": [row for row in rows if row["value"]], "may_change": may}


_PREFERENCES = {
    "channel": lazy("Prefers"),
    "time": lazy("Best time"),
    "orders": lazy("Of orders"),
    "service": lazy("Of service"),
}


def statuses(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    if customer.kind == Kind.QUASI:
        return None
    names = dict(Status.choices)
    rows = [
        {"at": one.at, "status": names.get(one.status, one.status), "by": one.by, "why": one.why}
        for one in list_status_changes(customer)
    ]
    return {"rows": rows, "choices": Status.choices, "may_change": by.may(EDIT)}


def relations(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """Who belongs to him, and whom he belongs to; clients whom he recommended among them (F01.41)."""
    if customer.kind == Kind.QUASI:
        return None
    theirs, his = list_relations(customer, by=by), list_related_by(customer, by=by)
    may, recommends = by.may(CONTACTS), may_recommend(by)
    if not (theirs or his or may or recommends):
        return None
    return {
        "rows": list(_relation_rows(theirs, now)),
        "back": [{"card": one.customer, "label": str(one.get_kind_display())} for one in his],
        "may_change": may,
        "relate_url": reverse("customers:relate", args=[customer.pk]) if may else "",
        "recommend_url": f"{reverse('customers:new')}?recommended_by={customer.pk}" if recommends else "",
    }


def _relation_rows(rows: Sequence[Relation], now: datetime) -> Iterable[dict[str, Any]]:
    """Business contacts with how to reach them, and when they were last in touch."""
    contacts = [one.other for one in rows if one.kind == Relation.Kind.CONTACT]
    prefetch_related_objects(contacts, "points")
    standings = standings_of([one.pk for one in contacts])
    for one in rows:
        is_contact = one.kind == Relation.Kind.CONTACT
        last = standings[one.other_id].last_at if is_contact else None
        yield {
            "id": one.pk,
            "card": one.other,
            "label": str(one.get_kind_display()),
            "influence": str(one.get_influence_display()) if one.influence else "",
            "about": ", ".join(text for text in (one.other.position, one.note) if text),
            "reach": _reach(one.other) if is_contact else [],
            "last": _("last contact {when}").format(when=when(last, now)) if last else "",
            "is_fixed": one.kind == Relation.Kind.RECOMMENDED,
        }


def _reach(customer: Customer) -> list[str]:
    """The first telephone and the first e-mail that may be used."""
    live = [point for point in customer.points.all() if not point.is_struck]
    phones = [str(phone(f"+{point.digits}")) for point in live if point.kind == ContactPoint.Kind.PHONE]
    emails = [point.raw for point in live if point.kind == ContactPoint.Kind.EMAIL]
    return [*phones[:1], *emails[:1]]


def merges(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    rows = [_merge(one, now) for one in list_merges(customer, by=by)]
    return {"rows": rows} if rows else None


def _merge(one: Merge, now: datetime) -> dict[str, Any]:
    until: datetime = one.at + UNDO_WITHIN
    left: timedelta = until - now
    return {
        "id": one.pk,
        "at": one.at,
        "name": one.gone.full_name,
        "number": one.gone.number,
        "by": one.by.short_name if one.by else "",
        "until": timezone.localtime(until).date() if left > timedelta(0) else None,
    }
