"""What tasks add to other pages: planned contacts and tasks on a card, the next step of a contact, chips."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor, Person
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.models import Kind as CustomerKind
from perezvon.modules.customers.registry import Section
from perezvon.modules.customers.selectors import list_account
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.registry import ContactSection
from perezvon.modules.tasks.models import Kind, Task
from perezvon.modules.tasks.selectors import (
    VIEW,
    WRITE,
    list_of_contact,
    list_of_customers,
    list_stage_changes,
    next_step_form,
    tasks_of_contacts,
    who_of,
)
from perezvon.modules.tasks.web.rows import rows_of
from perezvon.modules.tasks.web.words import TONES

CONTACTS = frozenset({Kind.CALL, Kind.MEETING, Kind.SMS})
CLOSED_SHOWN = 5


def sections() -> list[Section]:
    return [
        Section("planned", "tasks/_planned.html", planned, VIEW, 18, "main", lazy("Planned contacts")),
        Section("tasks", "tasks/_planned.html", tasks, VIEW, 19, "main", lazy("Tasks")),
    ]


def contact_section() -> ContactSection:
    return ContactSection("tasks", "tasks/_contact.html", of_contact, VIEW)


def planned(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """Calls, meetings and SMS to come (F01.10). Two queries, one more for a company."""
    if customer.kind == CustomerKind.QUASI or not isinstance(by, Person):
        return None
    coming = [task for task in _of(customer, by) if task.kind in CONTACTS and task.is_open]
    return _shown(customer, coming, by, now, Kind.CALL, _("Planned contacts"), _("No contact with him is planned."))


def tasks(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """Work for him, open and the last that was done (F01.14). Two queries, one more for a company."""
    if customer.kind == CustomerKind.QUASI or not isinstance(by, Person):
        return None
    found = _of(customer, by)
    shown = [task for task in found if task.is_open and task.kind not in CONTACTS]
    shown += [task for task in found if not task.is_open][:CLOSED_SHOWN]
    return _shown(customer, shown, by, now, Kind.TODO, _("Tasks"), _("There are no tasks for him."))


def _of(customer: Customer, by: Actor) -> list[Task]:
    return list_of_customers(list_account(customer, by=by), by=by)


def _shown(
    customer: Customer, found: Sequence[Task], by: Person, now: datetime, kind: str, title: str, empty: str
) -> dict[str, Any]:
    new_url = f"{reverse('tasks:new')}?{urlencode({'customer': customer.pk, 'kind': kind})}"
    return {
        "title": title,
        "rows": rows_of(found, who_of(by), by, now, "task") if found else [],
        "new_url": new_url if by.may(WRITE) else "",
        "empty": empty,
    }


def of_contact(contact: Interaction, by: Actor, now: datetime) -> Mapping[str, Any]:
    """Where it stands, what came of it, what may come next (F04.09 - F04.12). Up to eight queries."""
    changes = list_stage_changes(contact.pk)
    found = list_of_contact(contact.pk, by=by)
    may_plan = by.may(WRITE) and isinstance(by, Person)
    return {
        "stage": changes[0] if changes else None,
        "changes": changes,
        "rows": rows_of(found, who_of(by), by, now, "task") if found and isinstance(by, Person) else [],
        "next": next_step_form(contact, {}, by=by) if may_plan and isinstance(by, Person) else None,
        "post_url": reverse("tasks:next_step", args=[contact.pk]),
        "new_url": f"{reverse('tasks:new')}?{urlencode({'contact': contact.pk})}" if may_plan else "",
    }


def marks(contacts: Collection[UUID], by: Actor) -> Mapping[UUID, Sequence[Mapping[str, str]]]:
    """The tasks of several contacts, each with its status (F02.06). One query."""
    return {key: [_mark(task) for task in found] for key, found in tasks_of_contacts(contacts, by=by).items()}


def _mark(task: Task) -> Mapping[str, str]:
    text = f"{task.title}: {task.get_state_display()}, {task.holder}"
    return {"text": text, "tone": TONES.get(task.state, "")}


def entries(customer: UUID, by: Actor) -> list[dict[str, Any]]:
    """What was done for him that came of no contact, for his history. One query."""
    if not by.may(VIEW):
        return []
    closed = [task for task in list_of_customers([customer], by=by) if not task.is_open and not task.interaction_id]
    return [
        {
            "at": task.closed_at,
            "icon": "checklist",
            "tone": "",
            "title": task.title,
            "by": task.owner.short_name if task.owner else "",
            "text": task.result,
            "url": reverse("tasks:task", args=[task.pk]),
            "chip": {"text": task.get_state_display(), "tone": TONES.get(task.state, "")},
            "recording_url": "",
            "topics": [],
        }
        for task in closed
    ]
