"""What a card shows, as rows of ui/fact.html and the like."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perezvon.foundation.access import Actor
from perezvon.kernel.checks import years_between
from perezvon.modules.customers.models import ContactPoint, Customer
from perezvon.modules.customers.registry import contact_links
from perezvon.modules.customers.selectors import ban_words, current_passport, mask
from perezvon.modules.customers.web.words import FIELDS

PERSONAL = ("sex", "birth_date", "birth_country", "birth_place")
NUMBERS = ("passport", "inn", "snils")
LIFE = ("region", "town", "workplace", "position", "source")


def strip(customer: Customer, now: datetime) -> dict[str, Any]:
    chips = [{"text": str(customer.get_status_display()), "tone": ""}]
    chips += [{"text": str(customer.get_card_type_display()), "tone": ""}] if customer.card_type else []
    chips += [{"text": _("made by number"), "tone": "warn"}] if customer.made_by_number else []
    chips += [{"text": customer.segment, "tone": "accent"}] if customer.segment else []
    chips += [{"text": text, "tone": "warn"} for text in customer.warnings]
    chips += [{"text": text, "tone": "bad"} for text in ban_words(customer, now)]
    since = timezone.localtime(customer.created_at).year
    return {
        "chips": chips,
        "about": [
            _("No. {number}").format(number=customer.number),
            _("since {year}").format(year=since),
            *([customer.region] if customer.region else []),
        ],
    }


def facts(customer: Customer, fields: Sequence[str], by: Actor, now: datetime) -> list[dict[str, Any]]:
    rows = (fact(customer, field, by, now) for field in fields)
    return [row for row in rows if row["value"]]


def fact(customer: Customer, field: str, by: Actor, now: datetime) -> dict[str, Any]:
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
    document = current_passport(customer)
    value = (document.number if document else "") if field == "passport" else str(getattr(customer, field))
    url = reverse("customers:reveal", args=[customer.pk, field]) if by.may("customers.reveal") else ""
    return {"label": FIELDS[field], "value": mask(field, value), "kind": "masked", "reveal_url": url if value else ""}


def point_name(point: ContactPoint) -> str:
    """Mobile, home, …; or E-mail, Site."""
    is_phone = point.kind == ContactPoint.Kind.PHONE
    return str(point.get_use_display() if is_phone else point.get_kind_display())


def point_of(point: ContactPoint, by: Actor) -> dict[str, Any]:
    links = contact_links()
    is_phone = point.kind == ContactPoint.Kind.PHONE
    return {
        "id": point.pk,
        "text_id": f"point-{point.pk}",
        "label": point_name(point),
        "value": f"+{point.digits}" if is_phone and point.digits else point.raw,
        "extension": point.extension,
        "is_phone": is_phone,
        "is_main": point.is_main,
        "struck": str(point.get_struck_reason_display()),
        "dial_url": links.dial_url(by) if links and is_phone and not point.is_struck else "",
        "raw": point.raw,
        "note": point.note,
        "note_id": f"note-{point.pk}",
        "why_id": f"why-{point.pk}",
    }
