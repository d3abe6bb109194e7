"""Contacts as documents know them, and documents in the history of a customer and on the page of a contact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.modules.customers.selectors import (
    customer_group,
    customer_values,
    letter_language,
    main_mailbox,
    opens_commercial,
)
from perezvon.modules.documents.registry import FieldOf, Group, Source, Subject, own_fields, own_values, register_source
from perezvon.modules.documents.selectors import TEMPLATE, history_of, section_in_contact
from perezvon.modules.documents.selectors import VIEW as DOCUMENTS
from perezvon.modules.interactions.models import FIELDS, Interaction
from perezvon.modules.interactions.registry import ContactSection, register_contact_section, register_entries
from perezvon.modules.interactions.selectors import find_by_number, get_interaction, search_contacts, visible
from perezvon.modules.interactions.words import title_of

KIND = "contact"
VIEW = "interactions.view"


def register() -> None:
    register_source(Source(KIND, lazy("Contacts"), VIEW, _groups, _find, _load, _search, _keys, opens=opens_commercial))
    register_entries(history_of)
    register_contact_section(ContactSection("made_documents", TEMPLATE, _section, DOCUMENTS))


def _section(contact: Interaction, by: Actor, now: datetime) -> Mapping[str, Any]:
    return section_in_contact(KIND, contact.pk, by=by, now=now)


def _groups() -> list[Group]:
    contact = Group(
        KIND,
        lazy("Contact"),
        (
            FieldOf("number", lazy("Number"), "10077"),
            FieldOf("channel", lazy("Channel"), lazy("Phone")),
            FieldOf("began_at", lazy("Begin"), datetime(2026, 11, 16, 9, 0, tzinfo=UTC)),
            FieldOf("line", lazy("Line"), lazy("Hotline")),
            FieldOf("agent", lazy("Operator"), lazy("Anna Ivanova")),
            FieldOf("result", lazy("Result"), lazy("Consultation given")),
            FieldOf("speaker", lazy("Who speaks"), lazy("Smirnova Elena Pavlovna")),
            FieldOf("topics", lazy("Topics"), rows=(FieldOf("name", lazy("Title"), lazy("Fee for the card")),)),
            FieldOf(
                "notes",
                lazy("Notes"),
                rows=(
                    FieldOf("at", lazy("Time"), datetime(2026, 11, 16, 9, 5, tzinfo=UTC)),
                    FieldOf("author", lazy("Author"), lazy("Anna Ivanova")),
                    FieldOf("text", lazy("Text"), lazy("Asks why the fee was charged")),
                ),
            ),
            *own_fields(FIELDS),
        ),
    )
    return [contact, customer_group()]


def _find(key: UUID, by: Actor) -> Subject:
    """Raises NoSuchInteraction."""
    return _subject(get_interaction(key, by=by))


def _subject(contact: Interaction) -> Subject:
    who = contact.customer
    return Subject(
        kind=KIND,
        key=contact.pk,
        title=_("Contact {number}, {title}").format(number=contact.number, title=title_of(contact)),
        url=reverse("interactions:contact", args=[contact.pk]),
        client=who.full_name if who else "",
        project_id=contact.project_id,
        customer=contact.customer_id,
        contact=contact.pk,
        language=letter_language(who),
        email=main_mailbox(who) if who else "",
    )


def _load(key: UUID, by: Actor, now: datetime) -> dict[str, dict[str, Any]]:
    contact = get_interaction(key, by=by)
    return {KIND: _values(contact, by), "customer": customer_values(contact.customer_id, by, now)}


def _values(contact: Interaction, by: Actor) -> dict[str, Any]:
    return {
        "number": str(contact.number),
        "channel": str(contact.get_channel_display()),
        "began_at": contact.began_at,
        "line": contact.line_name,
        "agent": contact.agent.full_name if contact.agent else "",
        "result": str(contact.result or ""),
        "speaker": contact.speaker,
        "topics": [
            *({"name": str(row.topic)} for row in contact.topics.all()),
            *([{"name": contact.topic_text}] if contact.topic_text else []),
        ],
        "notes": [{"at": note.at, "author": note.author.full_name, "text": note.text} for note in contact.notes.all()],
        **own_values(contact, by),
    }


def _search(text: str, by: Actor, limit: int) -> list[Subject]:
    if not text.strip():
        return [_subject(one) for one in visible(by).order_by("-began_at", "-id")[:limit]]
    found = find_by_number(text, by=by)
    if not found:
        keys = search_contacts(text, by=by, limit=limit).keys
        found = list(visible(by).filter(pk__in=keys).order_by("-began_at", "-id")[:limit])
    return [_subject(one) for one in found]


def _keys(by: Actor) -> QuerySet[Any]:
    return visible(by).order_by().values("pk")
