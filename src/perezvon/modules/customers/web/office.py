"""The office: finding a customer by whatever is known of him."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perezvon.foundation.access import Actor
from perezvon.foundation.search.selectors import Guess
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.customers.models import ContactPoint
from perezvon.modules.customers.registry import contact_links
from perezvon.modules.customers.selectors import FIELDS, PAGE, Asked, Candidate, Candidates, search, search_fields
from perezvon.modules.customers.web.words import SEARCH_FIELDS


@needs("customers.view")
@require_GET
def office(request: HttpRequest) -> HttpResponse:
    """Search form and candidates (F05.03–F05.05, F05.09). Eight queries at most, whatever is found."""
    by = person_of(request)
    contact = Contact.of(request, by)
    offered = search_fields(by=by, project_id=contact.project if contact else None)
    given = {field: request.GET.get(field, "").strip() for field in FIELDS}
    asked = Asked(text=request.GET.get("q", "").strip(), **given)
    offset = _whole(request.GET.get("offset", ""))
    found = search(asked, by=by, offered=offered, offset=offset)
    context = {
        "query": asked.text,
        "fields": [{"code": field, "label": SEARCH_FIELDS[field], "value": given[field]} for field in offered],
        "searched": bool(asked),
        "people": [_row(row, contact) for row in found.rows],
        "total": _total(found),
        "guess": _guess(found),
        "next_url": _page_url(request, found.next_offset),
        "previous_url": _page_url(request, max(0, offset - PAGE) if offset else None),
        "contact": contact,
        "may_register": by.may("customers.register"),
        "register_url": _register_url(asked, contact),
    }
    return render_page(request, "customers/office.html", context, part="workspace")


@dataclass(frozen=True, slots=True)
class Contact:
    """The contact in hand that a customer is looked for."""

    id: UUID
    project: int

    @classmethod
    def of(cls, request: HttpRequest, by: Actor) -> Contact | None:
        """From `?interaction=`; None without one. Raises NotFound when it is not open to him."""
        links, given = contact_links(), request.GET.get("interaction") or request.POST.get("interaction", "")
        try:
            contact_id = UUID(given)
        except ValueError:
            return None
        return cls(contact_id, links.project(contact_id, by)) if links else None

    @property
    def refuse_url(self) -> str:
        links = contact_links()
        return links.refuse_url(self.id) if links else ""

    @property
    def back_url(self) -> str:
        links = contact_links()
        return links.back_url(self.id) if links else ""

    def link_url(self, customer_id: UUID) -> str:
        links = contact_links()
        return links.link_url(self.id, customer_id) if links else ""


def _row(row: Candidate, contact: Contact | None) -> dict[str, Any]:
    struck = str(ContactPoint.Strike(row.struck_reason).label) if row.struck_reason else ""
    return {
        "last_name": row.last_name or row.first_name,
        "first_name": row.first_name if row.last_name else "",
        "middle_name": row.middle_name,
        "status": row.status,
        "birth": date_format(row.birth_date, "SHORT_DATE_FORMAT") if row.birth_date else "",
        "passport": row.passport,
        "sex": row.sex,
        "struck": _("number struck out: {reason}").format(reason=struck.lower()) if struck else "",
        "url": reverse("customers:card", args=[row.id]),
        "link_url": contact.link_url(row.id) if contact else "",
    }


def _total(found: Candidates) -> str:
    shown = number_format(found.total, force_grouping=True)
    return shown if found.is_exact else f"≈ {shown}"


def _guess(found: Candidates) -> str:
    words = {
        Guess.LAYOUT: _("Shown for “{text}”, read in the other keyboard layout."),
        Guess.LETTERS: _("Shown for “{text}”, written in Russian letters."),
        Guess.SLIP: _("Nobody has exactly this name. Shown for “{text}” and the like."),
    }
    return words[found.guess].format(text=found.read_as) if found.guess else ""


def _page_url(request: HttpRequest, offset: int | None) -> str:
    if offset is None:
        return ""
    query = request.GET.copy()
    query["offset"] = str(offset)
    return f"{request.path}?{query.urlencode()}"


def _register_url(asked: Asked, contact: Contact | None) -> str:
    known = {"phone": asked.phone or (asked.text if asked.text[:1] in "+0123456789" else "")}
    query = {**known, "interaction": str(contact.id) if contact else ""}
    return f"{reverse('customers:new')}?{urlencode({name: value for name, value in query.items() if value})}"


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0
