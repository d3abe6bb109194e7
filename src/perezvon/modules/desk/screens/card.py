"""The customer in the workspace: strip, facts, timeline; and who it may be while it rings."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from perezvon.foundation.access import Person
from perezvon.foundation.ui.templatetags.ui import when
from perezvon.kernel.phone import parse_phone
from perezvon.modules.cases.selectors import open_case_lines
from perezvon.modules.customers.models import ContactPoint, Customer, Kind
from perezvon.modules.customers.selectors import (
    Match,
    ban_words,
    find_by_phone,
    find_outside_source,
    get_customer,
    mask,
)
from perezvon.modules.desk.screens.callbar import CallView
from perezvon.modules.interactions.models import Interaction

USES = {
    "contact": lambda: _("Contact phone"),
    "mobile": lambda: _("Mobile"),
    "home": lambda: _("Home"),
    "work": lambda: _("Work"),
    "fax": lambda: _("Fax"),
    "login": lambda: _("For sign-in"),
}
SEXES = {"m": lambda: _("male"), "f": lambda: _("female")}
STATUSES = {
    "potential": lambda: _("potential"),
    "existing": lambda: _("customer"),
    "former": lambda: _("former"),
}


# --- while it rings -----------------------------------------------------------------------------------


def found_for(call: CallView, contact: Interaction, by: Person, now: datetime) -> dict[str, Any]:
    """Who may be on the line, as far as it may be shown already; `clarify_url` once he can be asked.

    outside_url: asks the company's own base about somebody whom nobody here knows, where one is connected.
    """
    if call.card_later:
        return {"kind": "later"}
    asks = call.state != "ringing"
    found = found_by_number(contact, by, now)
    found["clarify_url"] = reverse("desk:clarify", args=[contact.pk]) if asks else ""
    if found["kind"] == "none" and number_to_ask(contact) and find_outside_source(contact.project_id):
        found["outside_url"] = reverse("desk:outside", args=[contact.pk]) + ("?take" if asks else "")
    return found


def number_to_ask(contact: Interaction) -> str:
    """The digits by which the caller is looked for; empty for what is no telephone number."""
    phone = parse_phone(f"+{(contact.clarified or contact.address).lstrip('+')}")
    return phone.digits if phone else ""


def found_by_number(contact: Interaction, by: Person, now: datetime) -> dict[str, Any]:
    """Who may be calling, by his number (UX.md §1.2). Two queries and one for each module that knows of contacts."""
    number = contact.clarified or contact.address
    shown_number = f"+{number}" if number.isdigit() else number
    search = f"{reverse('customers:office')}?interaction={contact.pk}"
    found: dict[str, Any] = {
        "kind": "hidden",
        "people": [],
        "cases": [],
        "number": shown_number,
        "search_url": search,
        "register_url": f"{reverse('customers:new')}?interaction={contact.pk}&phone={number}",
        "anonymous_url": reverse("desk:anonymous", args=[contact.pk]),
    }
    if not number:
        return found
    known = find_by_phone(shown_number, by=by)
    if known.kind == "many":
        found["search_url"] = f"{search}&phone={number}"
    shown = known.matches if known.kind in {"one", "several"} else ()
    found["cases"] = open_case_lines(shown[0].customer.pk, by) if known.kind == "one" else []
    return found | {"kind": known.kind, "people": [_candidate(match, contact, now) for match in shown]}


def _candidate(match: Match, contact: Interaction, now: datetime) -> dict[str, Any]:
    customer = match.customer
    last = match.last_contact_at
    return {
        "id": customer.pk,
        "name": customer.full_name,
        "company": customer.kind == Kind.COMPANY,
        "url": reverse("customers:card", args=[customer.pk]),
        "link_url": reverse("desk:link", args=[contact.pk, customer.pk]),
        "facts": _identity(customer),
        "chips": _chips(customer, match),
        "matched_by": f"{USES[match.use]()}, {_('main')}".lower() if match.is_main else USES[match.use]().lower(),
        "last_contact": _("last contact {when}").format(when=when(last, now)) if last else "",
    }


def _chips(customer: Customer, match: Match) -> list[dict[str, str]]:
    chips = [{"text": text, "tone": "warn"} for text in customer.warnings]
    if match.struck_reason:
        chips.append({"text": _("number struck out"), "tone": "bad"})
    return chips


def _identity(customer: Customer) -> list[dict[str, Any]]:
    rows = [
        {"label": _("Born"), "value": born(customer)},
        {"label": _("Status"), "value": STATUSES[customer.status]()},
        {"label": _("Region"), "value": customer.region},
    ]
    return [row for row in rows if row["value"]]


def born(customer: Customer) -> str:
    return date_format(customer.birth_date, "DATE_FORMAT") if customer.birth_date else ""


def customer_with_details(customer_id: UUID, by: Person) -> Customer:
    """The customer with contact points, documents and addresses. Four queries. Raises NoSuchCustomer."""
    customer = get_customer(customer_id, by=by)
    prefetch_related_objects([customer], "points", "documents", "addresses")
    return customer


# --- the card -----------------------------------------------------------------------------------------


def client_strip(
    customer: Customer, contact: Interaction | None, gate: dict[str, str], now: datetime
) -> dict[str, Any]:
    """Who is being served (F04.17): documents masked."""
    chips = [{"text": text, "tone": "warn", "icon": "alert-triangle"} for text in customer.warnings]
    chips += [{"text": text, "tone": "bad", "icon": "ban"} for text in ban_words(customer, now)]
    if gate.get("state") == "passed":
        chips.insert(0, {"text": gate["text"], "tone": "good", "icon": "shield-check"})
    if customer.segment:
        chips.append({"text": customer.segment, "tone": "accent", "icon": ""})
    return {
        "name": customer.full_name,
        "url": reverse("customers:card", args=[customer.pk]),
        "since": _("since {year}").format(year=timezone.localtime(customer.created_at).year),
        "place": customer.region,
        "local_time": _local_time(customer, now),
        "photo_url": "",
        "company": customer.kind == "company",
        "chips": chips,
        "facts": strip_facts(customer),
    }


def _local_time(customer: Customer, now: datetime) -> str:
    if not customer.zone:
        return ""
    return now.astimezone(ZoneInfo(customer.zone)).strftime("%H:%M")


def strip_facts(customer: Customer) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"label": _("Born"), "value": born(customer), "kind": "text"},
        {"label": _("Passport"), "value": masked_passport(customer), "kind": "masked"},
        {"label": _("Sex"), "value": SEXES[customer.sex]() if customer.sex in SEXES else "", "kind": "text"},
        {"label": _("Region"), "value": customer.region, "kind": "text"},
    ]
    rows += [
        {"label": USES[point.use](), "value": f"+{point.digits}", "kind": "phone"}
        for point in phones_of(customer)
        if not point.struck_reason
    ][:3]
    return [row for row in rows if row["value"]]


def phones_of(customer: Customer) -> list[ContactPoint]:
    return [point for point in customer.points.all() if point.kind == ContactPoint.Kind.PHONE]


def masked_passport(customer: Customer) -> str:
    document = next((one for one in customer.documents.all() if one.kind == "passport"), None)
    return mask("passport", document.number) if document else ""
