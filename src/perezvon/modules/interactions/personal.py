"""What contacts hold of a person: his number, who spoke, what was written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.history.erasing import ERASED, erase_values, rows_ever
from perezvon.foundation.personal.registry import Holder, Rows, Subject
from perezvon.foundation.search.services import text_for
from perezvon.modules.customers.models import Customer, Representative
from perezvon.modules.interactions.models import Interaction, Note
from perezvon.modules.interactions.selectors import contacts_of_person

_SHOWN = (
    "number",
    "channel",
    "direction",
    "address",
    "clarified",
    "speaker",
    "on_behalf",
    "topic_text",
    "began_at",
    "ended_at",
)
_PERSONAL = ("address", "clarified", "speaker", "on_behalf", "topic_text")
_KEPT_OF_RESULT = {"reason"}  # a code, counted in reports


def holder() -> Holder:
    return Holder(
        "interactions",
        lazy("Contacts: numbers, who spoke, notes, results in words"),
        order=80,
        export=_export,
        count=lambda subject: contacts_of(subject).count() + notes_of(subject).count(),
        erase=_erase,
        stays=lazy("When contacts were, how long, about what and with what result: statistics count them."),
    )


def contacts_of(subject: Subject) -> QuerySet[Interaction]:
    return contacts_of_person(subject.keys, subject.addresses)


def notes_of(subject: Subject) -> QuerySet[Note]:
    return Note.objects.filter(interaction__in=contacts_of(subject).values("pk"))


def _export(subject: Subject) -> Mapping[str, Rows]:
    contacts = contacts_of(subject).order_by("began_at").values(*_SHOWN, "result_fields", "custom")
    notes = notes_of(subject).order_by("at").values("interaction__number", "at", "text")
    return {"contacts": list(contacts), "notes": list(notes)}


def _erase(subject: Subject, now: datetime) -> int:
    contacts = list(contacts_of(subject).select_for_update(of=("self",)).order_by("pk"))
    notes = notes_of(subject)
    keys = [contact.pk for contact in contacts]
    rows = {str(note) for note in notes.values_list("pk", flat=True)} | set(
        rows_ever(Note._meta.db_table, "interaction_id", keys)
    )
    erased = len(contacts) + notes.update(text=ERASED)
    for contact in contacts:
        contact.address = contact.clarified = contact.speaker = contact.on_behalf = contact.topic_text = ""
        contact.result_fields, contact.custom = _codes_of(contact.result_fields), {}
        contact.save(update_fields=[*_PERSONAL, "result_fields", "custom"])
    others = _where_he_spoke(subject)
    erase_values(Interaction._meta.db_table, [*keys, *others])
    erase_values(Note._meta.db_table, rows)
    return erased + len(others)


def _where_he_spoke(subject: Subject) -> list[Any]:
    """Contacts of others in which he spoke for them, or they for him.

    Only his name is written there. Where somebody else is called so too, it says whom it means when the call came from
    his number, or one of the two may act for the other.
    """
    spoke = Interaction.objects.filter(Q(speaker=subject.name) | Q(on_behalf=subject.name))
    if Customer.objects.exclude(pk__in=subject.keys).filter(sort_key=text_for(subject.name)[:320]).exists():
        acted = Representative.objects.filter(Q(person__in=subject.keys) | Q(customer__in=subject.keys))
        near = {key for pair in acted.values_list("customer", "person") for key in pair if key}
        spoke = spoke.filter(Q(address__in=subject.addresses) | Q(customer__in=near))
    keys = list(spoke.order_by("pk").values_list("pk", flat=True))
    Interaction.objects.filter(pk__in=keys, speaker=subject.name).update(speaker="")
    Interaction.objects.filter(pk__in=keys, on_behalf=subject.name).update(on_behalf="")
    return keys


def _codes_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name in _KEPT_OF_RESULT}
