"""What quality holds of a customer: what evaluators and operators wrote about his conversations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.personal.registry import Holder, Rows, Subject
from perezvon.modules.interactions.selectors import contacts_of_person
from perezvon.modules.quality.models import Evaluation, EvaluationMark

_TEXTS = ("comment", "coaching", "appeal", "decision")


def holder() -> Holder:
    return Holder(
        "quality",
        lazy("What was written about his conversations when they were evaluated"),
        order=91,
        export=_export,
        count=lambda subject: _with_words(subject).count(),
        erase=_erase,
        stays=lazy("The scores of the conversation, without a word."),
    )


def _evaluations(subject: Subject) -> QuerySet[Evaluation]:
    contacts = contacts_of_person(subject.keys, subject.addresses).values("pk")
    return Evaluation.objects.filter(interaction__in=contacts)


def _with_words(subject: Subject) -> QuerySet[Evaluation]:
    return _evaluations(subject).exclude(notes={}, **dict.fromkeys(_TEXTS, ""), marks=None).distinct()


def _export(subject: Subject) -> Mapping[str, Rows]:
    rows = _evaluations(subject).order_by("began_at").values("interaction__number", "began_at", "notes", *_TEXTS)
    return {"evaluations": list(rows)}


def _erase(subject: Subject, now: datetime) -> int:
    keys = list(_with_words(subject).values_list("pk", flat=True))
    EvaluationMark.objects.filter(evaluation__in=keys).delete()
    return Evaluation.objects.filter(pk__in=keys).update(notes={}, **dict.fromkeys(_TEXTS, ""))
