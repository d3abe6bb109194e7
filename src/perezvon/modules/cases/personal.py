"""What cases hold of a person: what he wanted, what was said, what he thought of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.history.erasing import ERASED, erase_values
from perezvon.foundation.personal.registry import Holder, Rows, Subject
from perezvon.foundation.search import services as index
from perezvon.modules.cases.models import Approval, Case, CaseEntry, CheckPoint

_SHOWN = (
    "number",
    "kind__code",
    "state__code",
    "subject",
    "text",
    "custom",
    "created_at",
    "over_at",
    "mark",
    "mark_words",
)


def holder() -> Holder:
    return Holder(
        "cases",
        lazy("Cases: what he wanted, comments, answers"),
        order=90,
        export=_export,
        count=lambda subject: cases_of(subject).count() + entries_of(subject).count(),
        erase=_erase,
        stays=lazy("That there were cases, of which kind, when, and how they ended: statistics count them."),
    )


def cases_of(subject: Subject) -> QuerySet[Case]:
    return Case.objects.filter(customer__in=subject.keys)


def entries_of(subject: Subject) -> QuerySet[CaseEntry]:
    return CaseEntry.objects.filter(case__in=cases_of(subject).values("pk"))


def _export(subject: Subject) -> Mapping[str, Rows]:
    entries = entries_of(subject).order_by("at").values("case__number", "act", "at", "text", "is_public")
    return {"cases": list(cases_of(subject).order_by("created_at").values(*_SHOWN)), "case_entries": list(entries)}


def _erase(subject: Subject, now: datetime) -> int:
    keys = list(cases_of(subject).select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    approvals = Approval.objects.filter(case__in=keys)
    asked = list(approvals.values_list("pk", flat=True))
    erased = entries_of(subject).exclude(text="").update(text=ERASED)
    erased += Case.objects.filter(pk__in=keys).update(subject=ERASED, text="", custom={}, mark_words="")
    CheckPoint.objects.filter(case__in=keys).update(text=ERASED)
    approvals.update(question="", reason="")
    index.remove_many(keys)
    erase_values(Case._meta.db_table, keys)
    erase_values(Approval._meta.db_table, asked)
    return erased
