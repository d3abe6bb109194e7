"""A customer's contacts as one timeline: the same on his page, on the desk and wherever else it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from perezvon.cores.calls.words import Stretch
from perezvon.foundation.access import Actor
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.registry import marks_of, recordings_of
from perezvon.modules.interactions.words import icon_of, outcome_of, title_of


def entries_of(contacts: Sequence[Interaction], *, by: Actor, of: UUID | None = None) -> list[dict[str, Any]]:
    """Contacts as ui/timeline_entry.html takes them, those under way first. The recordings cost one query, and so
    does what hangs on them (`register_marks`).

    of: whose timeline it is, when contacts of others stand in it too: they say whose they are.
    """
    keys = [contact.pk for contact in contacts]
    recorded, marked = recordings_of(keys, by), marks_of(keys, by)
    entries = [_entry(contact, recorded.get(contact.pk, []), of) for contact in contacts]
    for contact, entry in zip(contacts, entries, strict=True):
        entry["marks"] = marked.get(contact.pk, [])
    return sorted(entries, key=lambda entry: entry["at"] is not None)


def _entry(contact: Interaction, recordings: Sequence[str], of: UUID | None) -> dict[str, Any]:
    with_whom = contact.customer if of and contact.customer_id != of else None
    under_way = contact.ended_at is None
    notes = [note.text for note in contact.notes.all()]
    return {
        "at": None if under_way else contact.began_at,
        "icon": icon_of(contact),
        "tone": "talk" if under_way else "",
        "title": ": ".join(
            [*([with_whom.short_name] if with_whom else []), _with_length(title_of(contact), talked_s(contact))]
        ),
        "by": contact.agent.short_name if contact.agent else "",
        "text": " · ".join([contact.line_name if under_way else outcome_of(contact), *notes[-2:]]),
        "url": reverse("interactions:contact", args=[contact.pk]),
        "chip": {"text": _("under way"), "tone": "talk"} if under_way else None,
        "recording_url": recordings[0] if recordings else "",
        "topics": [
            *(str(row.topic) for row in contact.topics.all()),
            *([contact.topic_text] if contact.topic_text else []),
        ],
    }


def talked_s(contact: Interaction) -> int:
    """Seconds of talk, holds included, as far as they are over."""
    talked = (one for one in contact.segments.all() if one.kind in {Stretch.TALK, Stretch.HOLD})
    return int(sum((one.ended_at - one.began_at).total_seconds() for one in talked if one.ended_at))


def _with_length(title: str, seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{title}, {minutes}:{rest:02}" if seconds else title
