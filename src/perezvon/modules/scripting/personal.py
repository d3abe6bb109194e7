"""What conversations by a scenario hold of a person: what he was asked, and what he answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.personal.registry import Holder, Rows, Subject
from perezvon.modules.interactions.selectors import contacts_of_person
from perezvon.modules.scripting.models import Invitation, Run, RunAnswer

# Of a kept state what is not his: where the conversation stood, and when.
_NOT_HIS: dict[str, object] = {"context": {}, "answers": {}, "failures": []}


def holder() -> Holder:
    return Holder(
        "scripting",
        lazy("Conversations by a scenario: what he was asked and answered"),
        order=82,
        export=_export,
        count=lambda subject: _runs_of(subject).count(),
        erase=_erase,
        stays=lazy("By which scenario a contact was led, its steps and its score: statistics count them."),
    )


def _runs_of(subject: Subject) -> QuerySet[Run]:
    """Of his contacts, and those that were led while he was linked to them."""
    contacts = contacts_of_person(subject.keys, subject.addresses).values("pk")
    return Run.objects.filter(interaction__in=contacts) | Run.objects.filter(customer__in=subject.keys)


def _export(subject: Subject) -> Mapping[str, Rows]:
    rows = _runs_of(subject).order_by("began_at").values("began_at", "ended_at", "said", "facts")
    asked = Invitation.objects.filter(customer__in=subject.keys).order_by("asked_at").values("asked_at", "until")
    return {"conversations": list(rows), "questionnaires_sent": list(asked)}


def _erase(subject: Subject, now: datetime) -> int:
    runs = list(_runs_of(subject).select_for_update().order_by("pk"))
    for run in runs:
        steps = [{**one, "facts": {}} for one in run.state.get("steps", ())]
        run.state, run.said, run.facts = {**run.state, **_NOT_HIS, "steps": steps}, [], {}
    # A link that nobody used must not be used any more.
    Invitation.objects.filter(customer__in=subject.keys, run=None, until__gt=now).update(until=now)
    RunAnswer.objects.filter(run__in=runs).exclude(text="").update(text="")
    return Run.objects.bulk_update(runs, ["state", "said", "facts"]) if runs else 0
