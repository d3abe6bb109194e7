"""What supervision holds of a person: what an operator and his senior wrote to each other about him."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.personal.registry import Holder, Rows, Subject
from perezvon.modules.interactions.selectors import contacts_of_person
from perezvon.modules.supervision.models import HelpMessage


def holder() -> Holder:
    return Holder(
        "supervision",
        lazy("What operators and their seniors wrote to each other during his contacts"),
        order=92,
        export=_export,
        count=lambda subject: _messages(subject).exclude(text="").count(),
        erase=_erase,
        stays=lazy("That an operator asked for his senior, without a word of it."),
    )


def _messages(subject: Subject) -> QuerySet[HelpMessage]:
    contacts = contacts_of_person(subject.keys, subject.addresses).values("pk")
    return HelpMessage.objects.filter(request__interaction__in=contacts)


def _export(subject: Subject) -> Mapping[str, Rows]:
    rows = _messages(subject).order_by("at").values("request__interaction__number", "at", "text")
    return {"help_messages": list(rows)}


def _erase(subject: Subject, now: datetime) -> int:
    return _messages(subject).exclude(text="").update(text="")
