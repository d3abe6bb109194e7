"""What desks hold of a person: what somebody typed about him and has not saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.personal.registry import Holder, Rows, Subject
from perezvon.modules.desk.models import Draft
from perezvon.modules.interactions.selectors import contacts_of_person


def holder() -> Holder:
    return Holder(
        "desk",
        lazy("Drafts of notes"),
        order=85,
        export=_export,
        count=lambda subject: _drafts(subject).count(),
        erase=lambda subject, now: _erase(subject, now),
    )


def _drafts(subject: Subject) -> QuerySet[Draft]:
    contacts = contacts_of_person(subject.keys, subject.addresses).values_list("pk", flat=True)
    return Draft.objects.filter(subject__in=[f"interaction:{key}" for key in contacts])


def _export(subject: Subject) -> Mapping[str, Rows]:
    return {"drafts": list(_drafts(subject).order_by("saved_at").values("field", "text", "saved_at"))}


def _erase(subject: Subject, now: datetime) -> int:
    return _drafts(subject).delete()[0]
