"""A task as lists of tasks show it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from perezvon.foundation.access import Person
from perezvon.modules.customers.registry import contact_links
from perezvon.modules.tasks.models import HandOver, Kind, Task
from perezvon.modules.tasks.rules import Act, Hands, Who, may
from perezvon.modules.tasks.selectors import calling_hours, may_be_called
from perezvon.modules.tasks.web.words import ICONS, TONES, due_note


def rows_of(tasks: Iterable[Task], who: Who, by: Person, now: datetime, back: str) -> list[dict[str, Any]]:
    """As tasks/_row.html takes them. No query."""
    return [row_of(task, who, by, now, back) for task in tasks]


def row_of(task: Task, who: Who, by: Person, now: datetime, back: str = "") -> dict[str, Any]:
    """back: where an act on it leads back to, see views.BACKS."""
    hands = _hands(task)
    is_late = task.is_open and task.due_at is not None and task.due_at < now
    return {
        "task": task,
        "icon": ICONS[Kind(task.kind)],
        "url": reverse("tasks:task", args=[task.pk]),
        "due_at": task.due_at,
        "note": due_note(task),
        "is_late": is_late,
        "customer": task.customer.short_name if task.customer else "",
        "who": task.holder,
        "is_mine": task.owner_id == by.id,
        "chip": {"text": task.get_state_display(), "tone": TONES.get(task.state, "")},
        "may_do": task.is_open and by.may("tasks.write") and may(Act.CHANGE, who, hands),
        "may_take": task.is_open and task.owner_id != by.id and by.may("tasks.write") and may(Act.TAKE, who, hands),
        "call": _call(task, by, now) if task.is_open and task.kind == Kind.CALL else None,
        "back": back,
    }


def _hands(task: Task) -> Hands:
    """Without what was offered to whom: a row does not show it, and it costs a query for each."""
    return Hands(task.owner_id, task.team_id, task.created_by_id, None)


def _call(task: Task, by: Person, now: datetime) -> dict[str, Any] | None:
    """The button that calls, or why he cannot be called now."""
    links = contact_links()
    dial_url = links.dial_url(by) if links else ""
    if not task.address or not dial_url:
        return None
    if may_be_called(task, now):
        return {"number": f"+{task.address}", "url": dial_url, "blocked": ""}
    begins = calling_hours(task.project)[0]
    return {"number": "", "url": "", "blocked": _("from {time} by the customer's clock").format(time=f"{begins:%H:%M}")}


def offer_row(offer: HandOver, now: datetime) -> dict[str, Any]:
    """As tasks/_offer.html takes it."""
    return {
        "offer": offer,
        "task": offer.task,
        "url": reverse("tasks:task", args=[offer.task_id]),
        "icon": ICONS[Kind(offer.task.kind)],
        "is_late": offer.task.due_at is not None and offer.task.due_at < now,
        "tone": {"offered": "accent", "accepted": "good", "returned": "bad"}.get(offer.state, ""),
    }
