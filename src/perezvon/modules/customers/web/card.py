"""The customer's page: tabs of sections, as an administrator has arranged them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.records.arrangement import Tab, tabs_of
from perezvon.foundation.records.registry import ZONES, Slot
from perezvon.foundation.records.selectors import fitting_layouts, get_layout
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.errors import NotFound
from perezvon.modules.customers import services
from perezvon.modules.customers.models import Customer, Kind
from perezvon.modules.customers.registry import Section, sections_for
from perezvon.modules.customers.selectors import (
    MASKED_FIELDS,
    NoSuchCustomer,
    find_successor,
    get_customer_with_details,
    is_locked,
    list_duplicates_of,
)
from perezvon.modules.customers.values import RECORD
from perezvon.modules.customers.web.facts import fact, strip
from perezvon.modules.customers.web.sections import own_sections
from perezvon.modules.customers.web.small_forms import card_steps
from perezvon.modules.customers.web.words import reason_words

HIDES_AFTER_S = 30
_VIEW, _USUAL = "card_view", "-"  # what a person chose last; a card that nobody arranged
PERSONAL_RIGHTS = ("personal.export", "personal.erase", "personal.hold")


@needs("customers.view")
@require_GET
def card(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """All of a customer in one place (F01.02): eight queries and those of the sections on the tab that is open."""
    by, now = person_of(request), clock.now()
    try:
        customer = get_customer_with_details(customer_id, by=by)
    except NoSuchCustomer:
        if successor := find_successor(customer_id, by=by):
            return HttpResponseRedirect(f"{_url(successor)}?merged")
        raise
    sections = _sections_of(customer, by)
    view = _view(request, customer, list(sections.values()), by)
    tabs = view.tabs
    current = next((tab for tab in tabs if tab.code == request.GET.get("tab")), tabs[0])
    context = {
        "customer": customer,
        "saved": "saved" in request.GET,
        "merged": "merged" in request.GET,
        "strip": strip(customer, now),
        "card_tabs": [
            {"label": tab.label, "url": f"{_url(customer)}?tab={tab.code}", "current": tab is current} for tab in tabs
        ]
        if len(tabs) > 1
        else [],
        "refresh_url": f"{_url(customer)}?tab={current.code}",
        "views": view.others,
        "zones": {zone: _drawn([sections[code] for code in current.zones[zone]], customer, by, now) for zone in ZONES},
        "duplicates": _duplicates(customer, by),
        "may": {
            "edit": by.may("customers.edit") and customer.kind != Kind.QUASI,
            "locked": is_locked(customer, by),
            "journal": by.may("customers.view_journal"),
            "personal": customer.kind != Kind.QUASI and any(by.may(right) for right in PERSONAL_RIGHTS),
        },
        "now": now,
    }
    return render_page(request, "customers/card.html", context, part="workspace")


@needs("customers.view")
@require_GET
def block(request: HttpRequest, customer_id: UUID, code: str) -> HttpResponse:
    """One section in full width (F30.12)."""
    by, now = person_of(request), clock.now()
    customer = get_customer_with_details(customer_id, by=by)
    section = _sections_of(customer, by).get(code)
    if section is None:
        raise NotFound(section=code)
    context = {
        "customer": customer,
        "blocks": _drawn([section], customer, by, now),
        "steps": card_steps(customer, str(section.label)),
        "now": now,
    }
    return render_page(request, "customers/block.html", context, part="workspace")


def _sections_of(customer: Customer, by: Person) -> dict[str, Section]:
    """What this person may see of this card, by code; an administrator's own fields among it."""
    return {section.code: section for section in (*sections_for(by), *own_sections(customer, by))}


@dataclass(frozen=True, slots=True)
class _View:
    """How this card is arranged, and how else it could be: [{label, url, current}], none when there is no choice."""

    tabs: list[Tab]
    others: list[dict[str, Any]]


def _view(request: HttpRequest, customer: Customer, sections: Sequence[Section], by: Person) -> _View:
    """As arranged for the project, role and card type, or as this person last wanted it; "layout" shows a given one to
    those who arrange them."""
    slots = [Slot(section.code, section.label, section.column, section.position) for section in sections]
    asked = request.GET.get("layout", "")
    if asked.isdecimal() and len(asked) < 10 and by.may("records.arrange"):
        return _View(tabs_of(get_layout(int(asked)).arrangement, slots), [])
    fitting = fitting_layouts(RECORD, by=by, project_id=customer.project_id, variant=customer.card_type)
    views = {layout.code: (str(layout), layout.arrangement) for layout in fitting} | {_USUAL: (_("Usual view"), {})}
    wanted = request.GET.get("view", request.session.get(_VIEW, ""))
    if wanted in views and "view" in request.GET:
        request.session[_VIEW] = wanted
    current = wanted if wanted in views else next(iter(views))
    others = [
        {"label": label, "url": f"{_url(customer)}?view={code}", "current": code == current}
        for code, (label, _arrangement) in views.items()
    ]
    return _View(tabs_of(views[current][1], slots), others if len(others) > 1 else [])


def _drawn(sections: Sequence[Section], customer: Customer, by: Person, now: datetime) -> list[dict[str, Any]]:
    """Those that have something to show."""
    drawn = ((section, section.context(customer, by, now)) for section in sections)
    return [_block(section, values, customer, now) for section, values in drawn if values is not None]


def _block(section: Section, values: Mapping[str, Any], customer: Customer, now: datetime) -> dict[str, Any]:
    return {
        "template": section.template,
        "values": {**values, "customer": customer, "now": now},
        "label": section.label,
        "url": reverse("customers:block", args=[customer.pk, section.code]) if section.label else "",
    }


def _duplicates(customer: Customer, by: Person) -> list[dict[str, Any]]:
    if not by.may("customers.merge"):
        return []
    pairs = list_duplicates_of(customer, by=by)
    others = [(pair.other if pair.one_id == customer.pk else pair.one, pair) for pair in pairs]
    return [
        {
            "name": other.full_name,
            "number": other.number,
            "reasons": ", ".join(reason_words(reason) for reason in pair.reasons),
            "url": reverse("customers:merge", args=[customer.pk, other.pk]),
        }
        for other, pair in others
    ]


def _url(customer: Customer) -> str:
    return reverse("customers:card", args=[customer.pk])


@needs("customers.reveal")
@require_GET
def reveal(request: HttpRequest, customer_id: UUID, field: str) -> HttpResponse:
    """A masked value in full, for 30 s; the look is written down. `?hide` masks it again."""
    by = person_of(request)
    if field not in MASKED_FIELDS:
        raise NotFound(field=field)
    if "hide" in request.GET:
        customer = get_customer_with_details(customer_id, by=by)
        return render(request, "customers/_masked.html", {"fact": fact(customer, field, by, clock.now())})
    revealed = services.unmask(customer_id=customer_id, field_id=field, by=by, now=clock.now())
    hide_url = f"{reverse('customers:reveal', args=[customer_id, field])}?hide"
    context = {"text": revealed.text, "hide_url": hide_url, "seconds": HIDES_AFTER_S}
    return render(request, "customers/_revealed.html", context)
