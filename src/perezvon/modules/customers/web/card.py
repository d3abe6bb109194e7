"""The customer's page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.access import Actor
from perezvon.foundation.fields.forms import card_sections
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import years_between
from perezvon.kernel.errors import NotFound
from perezvon.modules.customers import services
from perezvon.modules.customers.models import ContactPoint, Customer, Document, Sex
from perezvon.modules.customers.registry import Section, contact_links, sections_for
from perezvon.modules.customers.selectors import (
    MASKED_FIELDS,
    get_customer,
    get_customer_with_details,
    list_journal,
    mask,
)
from perezvon.modules.customers.web.words import FIELDS, field_name

HIDES_AFTER_S = 30
_PERSONAL = ("sex", "birth_date", "birth_country", "birth_place", "passport", "inn", "snils")
_LIFE = ("region", "town", "workplace", "position", "source")


@needs("customers.view")
@require_GET
def card(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """All of a customer in one place: six queries and those of the sections that modules add."""
    by, now = person_of(request), clock.now()
    customer = get_customer_with_details(customer_id, by=by)
    context = {
        "customer": customer,
        "saved": "saved" in request.GET,
        "strip": _strip(customer, now),
        "personal": _facts(customer, _PERSONAL, by, now),
        "own": card_sections(visible_fields(by, customer), customer.custom),
        "life": [*_addresses(customer), *_facts(customer, _LIFE, by, now)],
        "points": [_point(point, by) for point in customer.points.all()],
        "uses": ContactPoint.Use.choices,
        "strikes": ContactPoint.Strike.choices,
        "side": _sections("side", customer, by, now),
        "main": _sections("main", customer, by, now),
        "may": {
            "edit": by.may("customers.edit"),
            "contacts": by.may("customers.edit_contacts"),
            "journal": by.may("customers.view_journal"),
        },
        "now": now,
    }
    return render_page(request, "customers/card.html", context, part="workspace")


@needs("customers.view_journal")
@require_GET
def journal(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Who changed what on the card (F01.17, F01.40)."""
    by = person_of(request)
    customer = get_customer(customer_id, by=by)
    lines = [
        {
            "at": entry.at,
            "by": entry.by,
            "field": entry.label or field_name(entry.field),
            "before": _words_of(entry.field, entry.before),
            "after": _words_of(entry.field, entry.after),
            "why": entry.why,
        }
        for entry in list_journal(customer, by=by)
    ]
    context = {"customer": customer, "lines": lines, "now": clock.now()}
    return render_page(request, "customers/journal.html", context, part="workspace")


@needs("customers.reveal")
@require_GET
def reveal(request: HttpRequest, customer_id: UUID, field: str) -> HttpResponse:
    """A masked value in full, for 30 s; the look is written down. `?hide` masks it again."""
    by = person_of(request)
    if field not in MASKED_FIELDS:
        raise NotFound(field=field)
    if "hide" in request.GET:
        customer = get_customer_with_details(customer_id, by=by)
        return render(request, "customers/_masked.html", {"fact": _fact(customer, field, by, clock.now())})
    revealed = services.unmask(customer_id=customer_id, field_id=field, by=by, now=clock.now())
    hide_url = f"{reverse('customers:reveal', args=[customer_id, field])}?hide"
    context = {"text": revealed.text, "hide_url": hide_url, "seconds": HIDES_AFTER_S}
    return render(request, "customers/_revealed.html", context)


# --- facts ---


def _strip(customer: Customer, now: datetime) -> dict[str, Any]:
    chips = [{"text": str(customer.get_status_display()), "tone": ""}]
    chips += [{"text": customer.segment, "tone": "accent"}] if customer.segment else []
    chips += [{"text": text, "tone": "warn"} for text in customer.warnings]
    since = timezone.localtime(customer.created_at).year
    return {
        "chips": chips,
        "about": [
            _("No. {number}").format(number=customer.number),
            _("since {year}").format(year=since),
            *([customer.region] if customer.region else []),
        ],
    }


def _facts(customer: Customer, fields: Sequence[str], by: Actor, now: datetime) -> list[dict[str, Any]]:
    facts = (_fact(customer, field, by, now) for field in fields)
    return [fact for fact in facts if fact["value"]]


def _fact(customer: Customer, field: str, by: Actor, now: datetime) -> dict[str, Any]:
    """A row as ui/fact.html takes it."""
    if field in {"passport", "inn", "snils"}:
        return _masked(customer, field, by)
    value = getattr(customer, field)
    if field == "sex":
        value = customer.get_sex_display()
    if field == "birth_date" and value:
        age = years_between(value, timezone.localtime(now).date())
        hint = ngettext("{age} year", "{age} years", age).format(age=age)
        return {"label": FIELDS[field], "value": date_format(value, "SHORT_DATE_FORMAT"), "hint": hint}
    return {"label": FIELDS[field], "value": value}


def _masked(customer: Customer, field: str, by: Actor) -> dict[str, Any]:
    document = next((row for row in customer.documents.all() if row.kind == Document.PASSPORT), None)
    value = (document.number if document else "") if field == "passport" else str(getattr(customer, field))
    url = reverse("customers:reveal", args=[customer.pk, field]) if by.may("customers.reveal") else ""
    return {"label": FIELDS[field], "value": mask(field, value), "kind": "masked", "reveal_url": url if value else ""}


def _addresses(customer: Customer) -> list[dict[str, Any]]:
    rows = [address for address in customer.addresses.all() if address.text]
    return [{"label": FIELDS[f"address_{row.use}"], "value": row.text} for row in rows]


def _point(point: ContactPoint, by: Actor) -> dict[str, Any]:
    links = contact_links()
    is_phone = point.kind == ContactPoint.Kind.PHONE
    return {
        "id": point.pk,
        "text_id": f"point-{point.pk}",
        "label": str(point.get_use_display() if is_phone else point.get_kind_display()),
        "value": f"+{point.digits}" if is_phone and point.digits else point.raw,
        "extension": point.extension,
        "is_phone": is_phone,
        "is_main": point.is_main,
        "struck": str(point.get_struck_reason_display()),
        "dial_url": links.dial_url(by) if links and is_phone and not point.is_struck else "",
        "raw": point.raw,
    }


def _sections(column: str, customer: Customer, by: Actor, now: datetime) -> list[dict[str, Any]]:
    return [_section(section, customer, by, now) for section in sections_for(by, column)]


def _section(section: Section, customer: Customer, by: Actor, now: datetime) -> dict[str, Any]:
    return {
        "template": section.template,
        "values": {**section.context(customer, by, now), "customer": customer, "now": now},
    }


def _words_of(field: str, value: str) -> str:
    """Codes and dates in the journal as people know them."""
    if field == "contactpoint.struck_reason" and value:
        return str(ContactPoint.Strike(value).label)
    if field == "sex" and value:
        return str(Sex(value).label)
    if field.endswith(("_date", "_on")) and value:
        return date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")
    return {"True": _("yes"), "False": _("no")}.get(value, value)
