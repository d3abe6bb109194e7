"""The customer in the workspace: strip, facts, timeline; and who it may be while it rings."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perezvon.foundation.access import Person
from perezvon.modules.customers.models import ContactPoint, Customer
from perezvon.modules.customers.selectors import find_by_phone
from perezvon.modules.desk.screens.callbar import CallView
from perezvon.modules.desk.screens.work import outcome_of
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import list_history
from perezvon.modules.telephony.selectors import list_recordings

FEW = 5
USES = {
    "contact": lambda: _("Phone"),
    "mobile": lambda: _("Mobile"),
    "home": lambda: _("Home"),
    "work": lambda: _("Work"),
}
SEXES = {"m": lambda: _("male"), "f": lambda: _("female")}
STATUSES = {
    "potential": lambda: _("potential"),
    "existing": lambda: _("customer"),
    "former": lambda: _("former"),
}


# --- while it rings -----------------------------------------------------------------------------------


def found_by_number(call: CallView, contact: Interaction, by: Person) -> dict[str, Any]:
    """Who may be calling, by his number (UX.md §1.2). Two queries and one for the history of the only one."""
    search = f"/office/?interaction={contact.pk}"
    found: dict[str, Any] = {
        "kind": "hidden",
        "people": [],
        "cases": [],
        "search_url": search,
        "register_url": f"/customers/new/?interaction={contact.pk}&phone={contact.address}",
        "anonymous_url": reverse("desk:anonymous", args=[contact.pk]),
    }
    digits = contact.clarified or contact.address
    if not digits:
        return found
    people = find_by_phone(digits, by=by)
    if not people:
        return found | {"kind": "none"}
    if len(people) > FEW:
        return found | {"kind": "many", "search_url": f"{search}&phone={digits}"}
    return found | {
        "kind": "one" if len(people) == 1 else "several",
        "people": [_candidate(customer, digits, contact) for customer in people],
    }


def _candidate(customer: Customer, digits: str, contact: Interaction) -> dict[str, Any]:
    point = next((point for point in customer.points.all() if point.digits == digits), None)
    return {
        "id": customer.pk,
        "name": customer.full_name,
        "company": customer.kind == "company",
        "url": f"/customers/{customer.pk}/",
        "link_url": reverse("desk:link", args=[contact.pk, customer.pk]),
        "facts": _identity(customer),
        "chips": [{"text": text, "tone": "warn"} for text in customer.warnings],
        "matched_by": USES[point.use]().lower() if point else "",
        "last_contact": "",
    }


def _identity(customer: Customer) -> list[dict[str, Any]]:
    rows = [
        {"label": _("Born"), "value": born(customer)},
        {"label": _("Status"), "value": STATUSES[customer.status]()},
        {"label": _("Region"), "value": customer.region},
    ]
    return [row for row in rows if row["value"]]


def born(customer: Customer) -> str:
    return date_format(customer.birth_date, "DATE_FORMAT") if customer.birth_date else ""


# --- the card -----------------------------------------------------------------------------------------


def client_strip(
    customer: Customer, contact: Interaction | None, gate: dict[str, str], now: datetime
) -> dict[str, Any]:
    """Who is being served (F04.17): documents masked."""
    chips = [{"text": text, "tone": "warn", "icon": "alert-triangle"} for text in customer.warnings]
    if gate.get("state") == "passed":
        chips.insert(0, {"text": gate["text"], "tone": "good", "icon": "shield-check"})
    if customer.segment:
        chips.append({"text": customer.segment, "tone": "accent", "icon": ""})
    return {
        "name": customer.full_name,
        "url": f"/customers/{customer.pk}/",
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
    """The series' first two digits and the number's last two, the rest as dots."""
    document = next((one for one in customer.documents.all() if one.kind == "passport"), None)
    if document is None:
        return ""
    number = document.number
    return f"{number[:2]}\u00b7\u00b7 \u00b7\u00b7\u00b7\u00b7{number[-2:]}"


def card_groups(customer: Customer, products: list[dict[str, Any]] | None, identify_url: str) -> list[dict[str, Any]]:
    """The facts at the left. products: None while commercial data is closed."""
    groups: list[dict[str, Any]] = [
        {"title": _("Personal"), "rows": _personal(customer), "more": None, "locked": None},
        {"title": _("Contacts"), "rows": _contacts(customer), "more": None, "locked": None},
        {"title": _("Products"), "rows": products or [], "more": None, "locked": None},
    ]
    if products is None:
        words = _("Opens after identification")
        groups[-1]["locked"] = {"text": words, "url": identify_url}
    return groups


def _personal(customer: Customer) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"label": _("No."), "value": str(customer.number), "kind": "number"},
        {"label": _("Born"), "value": born(customer)},
        {"label": _("Passport"), "value": masked_passport(customer), "kind": "masked"},
        {"label": _("Region"), "value": customer.region},
        {"label": _("Works at"), "value": customer.workplace},
    ]
    return [row for row in rows if row["value"]]


def _contacts(customer: Customer) -> list[dict[str, Any]]:
    dial = reverse("desk:dial")
    rows: list[dict[str, Any]] = [
        {
            "label": USES[point.use](),
            "value": f"+{point.digits}",
            "kind": "phone",
            "struck": point.struck_reason,
            "hint": _("main") if point.is_main else "",
            "dial_url": dial,
        }
        for point in phones_of(customer)
    ]
    rows += [
        {"label": _("E-mail"), "value": point.raw, "kind": "email"}
        for point in customer.points.all()
        if point.kind == ContactPoint.Kind.EMAIL
    ]
    return rows


# --- the timeline -------------------------------------------------------------------------------------


def timeline(customer: Customer, current: Interaction | None, by: Person) -> list[dict[str, Any]]:
    """All contacts with the customer, the one under way first. Six queries, whatever their number."""
    contacts = list_history(customer.pk, by=by)
    recorded = {}
    if by.may("telephony.listen"):
        recorded = {row.interaction_id: row for row in list_recordings([one.pk for one in contacts]) if row.path}
    entries = [
        _entry(contact, recorded, is_now=current is not None and contact.pk == current.pk) for contact in contacts
    ]
    return sorted(entries, key=lambda entry: entry["at"] is not None)


def _entry(contact: Interaction, recorded: dict[Any, Any], *, is_now: bool) -> dict[str, Any]:
    seconds = _talk_s(contact)
    notes = [note.text for note in contact.notes.all()]
    recording = recorded.get(contact.pk)
    under_way = is_now and contact.ended_at is None
    return {
        "at": None if under_way else contact.began_at,
        "icon": icon_of(contact),
        "tone": "talk" if under_way else "",
        "title": title_of(contact, seconds),
        "by": contact.agent.short_name if contact.agent else "",
        "text": " · ".join([outcome_of(contact), *notes[-2:]]) if not under_way else contact.line_name,
        "url": reverse("desk:write_up", args=[contact.pk]),
        "chip": {"text": _("under way"), "tone": "talk"} if under_way else None,
        "recording_url": reverse("telephony:player", args=[recording.pk]) if recording else "",
        "topics": [str(row.topic) for row in contact.topics.all()],
    }


def icon_of(contact: Interaction) -> str:
    if contact.channel == "visit":
        return "building"
    return "phone-outgoing" if contact.direction == "outbound" else "phone-incoming"


def title_of(contact: Interaction, seconds: int) -> str:
    if contact.channel == "visit":
        return _("Visit to the office")
    words = _("Outgoing call") if contact.direction == "outbound" else _("Incoming call")
    minutes, rest = divmod(seconds, 60)
    return f"{words}, {minutes}:{rest:02}" if seconds else words


def _talk_s(contact: Interaction) -> int:
    talked = (one for one in contact.segments.all() if one.kind in {"talk", "hold"})
    return int(sum((one.ended_at - one.began_at).total_seconds() for one in talked if one.ended_at))


def count_words(total: int) -> str:
    return ngettext("{total} contact", "{total} contacts", total).format(total=total)
