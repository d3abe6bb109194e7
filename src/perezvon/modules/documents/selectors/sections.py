"""What pages of modules above show of documents: a section of a record's page, entries of a history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from perezvon.foundation.access import Actor
from perezvon.modules.documents.models import Document
from perezvon.modules.documents.selectors.reading import MAKE, documents_about, documents_in, documents_of_customer

TEMPLATE = "documents/_section.html"
ICON = "files"


def section_about(kind: str, record: UUID, *, by: Actor, now: datetime) -> dict[str, Any]:
    """As documents/_section.html takes it: those about one record, whose reader the caller has asked. One query."""
    return _section(documents_about(kind, record, by=by), kind, record, by, now)


def section_of_customer(kind: str, customer: UUID, *, by: Actor, now: datetime) -> dict[str, Any]:
    """Those about a customer and all of his. One query."""
    return _section(documents_of_customer(customer, by=by), kind, customer, by, now)


def section_in_contact(kind: str, contact: UUID, *, by: Actor, now: datetime) -> dict[str, Any]:
    """Those made in a contact, about it or what it led to. One query."""
    return _section(documents_in(contact, by=by), kind, contact, by, now)


def _section(found: Sequence[Document], kind: str, record: UUID, by: Actor, now: datetime) -> dict[str, Any]:
    new_url = reverse("documents:make", args=[kind, record]) if by.may(MAKE) else ""
    return {"rows": [_row(one, record) for one in found], "new_url": new_url, "now": now}


def _row(one: Document, record: UUID) -> dict[str, Any]:
    return {
        "label": str(one),
        "url": reverse("documents:document", args=[one.pk]),
        "about": "" if one.record == record else one.about,
        "at": one.made_at,
        "by": one.made_by.short_name if one.made_by else "",
        "chip": {"text": _("sent"), "tone": "good"} if one.sent_at else None,
    }


def history_of(customer: UUID, by: Actor) -> list[dict[str, Any]]:
    """A customer's documents as entries of his history (ui/timeline_entry.html). One query."""
    return [
        {
            "at": one.made_at,
            "icon": ICON,
            "tone": "",
            "title": _("Document: {title}").format(title=one),
            "by": one.made_by.short_name if one.made_by else "",
            "text": one.about,
            "url": reverse("documents:document", args=[one.pk]),
            "chip": {"text": _("sent"), "tone": "good"} if one.sent_at else None,
            "recording_url": "",
            "topics": [one.template.category] if one.template.category else [],
        }
        for one in documents_of_customer(customer, by=by)
    ]
