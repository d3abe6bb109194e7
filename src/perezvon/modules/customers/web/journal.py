"""What changed on a card, in people's words: the whole journal, and of it the history of contact data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.access import Actor
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.catalogue.selectors import get_office
from perezvon.modules.customers.models import Address, ContactPoint, Customer, Sex
from perezvon.modules.customers.selectors import JournalEntry, get_customer, list_contact_changes, list_journal
from perezvon.modules.customers.web.facts import point_name
from perezvon.modules.customers.web.small_forms import card_steps
from perezvon.modules.customers.web.words import field_name


@needs("customers.view_journal")
@require_GET
def journal(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Who changed what on the card (F01.17, F01.40)."""
    by = person_of(request)
    customer = get_customer(customer_id, by=by)
    context = {
        "customer": customer,
        "lines": [_line(entry) for entry in list_journal(customer, by=by)],
        "steps": card_steps(customer, _("Change journal")),
        "now": clock.now(),
    }
    return render_page(request, "customers/journal.html", context, part="workspace")


def contact_changes(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """When which contact datum was what (F01.40)."""
    return {"lines": [_line(entry) for entry in list_contact_changes(customer, by=by)]}


def _line(entry: JournalEntry) -> dict[str, Any]:
    """{at, by, field, before, after, why} of a row of the table."""
    said = {
        "field": _name(entry),
        "before": _words_of(entry.field, entry.before),
        "after": _words_of(entry.field, entry.after),
        "why": entry.why,
    }
    if entry.field == "contactpoint.struck_reason" and isinstance(entry.of, ContactPoint):
        said |= _struck(entry, entry.of)
    return {"at": entry.at, "by": entry.by, **said}


def _name(entry: JournalEntry) -> str:
    """What a telephone or an address is called stands for what it is made of."""
    name = entry.label or field_name(entry.field)
    if isinstance(entry.of, ContactPoint):
        own = point_name(entry.of)
        return own if entry.field in ("contactpoint.raw", "contactpoint.struck_reason") else f"{own}: {name}"
    if isinstance(entry.of, Address):
        own = str(entry.of.get_use_display())
        return own if entry.field == "address.text" else f"{own}: {name}"
    return name


def _struck(entry: JournalEntry, point: ContactPoint) -> dict[str, str]:
    """The number was good and is struck out, or the other way round; the reason is a reason."""
    reason = _words_of(entry.field, entry.after or entry.before)
    pair = (point.raw, _("struck out")) if entry.after else (_("struck out"), point.raw)
    why = ", ".join(filter(None, (reason if entry.after else "", entry.why)))
    return {"before": pair[0], "after": pair[1], "why": why}


def _words_of(field: str, value: str) -> str:
    """Codes and dates in the journal as people know them. Fields of an administrator's own are in words already."""
    if field.startswith("custom."):
        return value
    if field == "contactpoint.struck_reason" and value:
        return str(ContactPoint.Strike(value).label)
    if field == "sex" and value:
        return str(Sex(value).label)
    if field == "office_id" and value:
        return str(get_office(int(value)))
    if field.endswith(("_date", "_on")) and value:
        return date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")
    return {"True": _("yes"), "False": _("no")}.get(value, value)
