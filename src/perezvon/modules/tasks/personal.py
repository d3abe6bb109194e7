"""What tasks hold of a person: titles, texts, numbers, what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.history.erasing import ERASED, erase_values
from perezvon.foundation.personal.registry import Holder, Rows, Subject
from perezvon.modules.interactions.selectors import contacts_of_person
from perezvon.modules.tasks.models import HandOver, Task

_SHOWN = ("number", "kind", "state", "title", "text", "address", "due_at", "result", "created_at", "closed_at")


def holder() -> Holder:
    return Holder(
        "tasks",
        lazy("Tasks: what was planned for him, numbers, what came of it"),
        order=95,
        export=_export,
        count=lambda subject: tasks_of(subject).count(),
        erase=_erase,
        stays=lazy("When something was planned and done, by whom and of what kind: reports count it."),
    )


def tasks_of(subject: Subject) -> QuerySet[Task]:
    """His own, those of his contacts, and those that go to a number of his."""
    contacts = contacts_of_person(subject.keys, subject.addresses).values("pk")
    return Task.objects.filter(
        Q(customer__in=subject.keys)
        | Q(interaction__in=contacts)
        | Q(customer=None, address__in=subject.addresses - {""})
    )


def _export(subject: Subject) -> Mapping[str, Rows]:
    tasks = tasks_of(subject)
    said = HandOver.objects.filter(task__in=tasks.values("pk")).order_by("at", "id")
    return {
        "tasks": list(tasks.order_by("created_at", "id").values(*_SHOWN)),
        "hand_overs": list(said.values("task__number", "at", "state", "note", "reason")),
    }


def _erase(subject: Subject, now: datetime) -> int:
    keys = list(tasks_of(subject).select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    Task.objects.filter(pk__in=keys).update(title=ERASED, text="", address="", result="")
    erase_values(Task._meta.db_table, keys)
    said = HandOver.objects.filter(task__in=keys)
    said.update(note="", reason="")
    erase_values(HandOver._meta.db_table, said.values_list("pk", flat=True))
    return len(keys)
