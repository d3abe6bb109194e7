"""Tasks that speak: planned SMS at their time, reminders, letters to the consultant."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from perezvon.foundation.access import Actor, Person, System
from perezvon.foundation.commands.services import command
from perezvon.foundation.messages.models import Channel, Message
from perezvon.foundation.messages.registry import COLLEAGUE
from perezvon.foundation.messages.services import Draft, MayNotSend, MessageWrong, queue, queue_message
from perezvon.foundation.outbox.services import tell
from perezvon.foundation.people.models import User
from perezvon.foundation.ui.templatetags.ui import phone as shown_phone
from perezvon.kernel.errors import NotFound
from perezvon.modules.tasks.models import Kind, State, Task
from perezvon.modules.tasks.selectors import VIEW, get_task, local_due, may_be_called
from perezvon.modules.tasks.services.keeping import kept, move_to

SENDER = System(name="tasks")
RECORD_KIND = "customer"
BATCH = 100
REMINDER = "reminder"


@command("tasks.send_sms", needs=None)
def send_sms(*, task_id: UUID, by: Actor, now: datetime) -> Message | None:
    """Send a planned SMS whose time has come; None when there is nothing to send any more, or not at this hour.

    What must not be sent is told on the task, which then waits for a person.
    """
    task = Task.objects.select_for_update(of=("self",)).select_related("project").filter(pk=task_id).first()
    if task is None or not task.is_open or task.kind != Kind.SMS or task.due_at is None or task.due_at > now:
        return None
    if task.state == State.WAITING or not may_be_called(task, now):
        return None
    try:
        with transaction.atomic():
            message = queue(_sms(task), by=by, now=now)
    except (MayNotSend, MessageWrong) as refused:
        task.state, task.result = State.WAITING, str(refused.facts.get("words", "")) or _("Not sent.")
        kept(task, now)
        return None
    task.sent = message.pk
    move_to(task, State.DONE, by, now)
    task.closed_by_id = task.owner_id
    kept(task, now)
    return message


def _sms(task: Task) -> Draft:
    record = task.customer_id
    return Draft(
        Channel.SMS,
        f"+{task.address}",
        task.text,
        project_id=task.project_id,
        kind=RECORD_KIND if record else "",
        record=record,
        contact=task.interaction_id,
    )


def due_sms(now: datetime) -> list[UUID]:
    """Planned SMS whose time has come, oldest first. One query."""
    waiting = Task.objects.filter(kind=Kind.SMS, closed_at=None, due_at__lte=now).exclude(state=State.WAITING)
    return list(waiting.order_by("due_at", "id").values_list("pk", flat=True)[:BATCH])


def remind(now: datetime) -> int:
    """Tell people of what is due; each time once. How many. What should have been told a day ago is told no more."""
    with transaction.atomic():
        waiting = Task.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            remind_at__lte=now, reminded_at=None, closed_at=None
        )
        told = list(waiting.order_by("remind_at", "id")[:BATCH])
        for task in told:
            task.reminded_at = now
            task.save(update_fields=["reminded_at"])
            if task.owner_id and task.remind_at and task.remind_at > now - timedelta(days=1):
                tell(REMINDER, task.pk, task.version, to=[f"user:{task.owner_id}"], now=now)
        return len(told)


@command("tasks.mail", needs=VIEW)
def mail(*, task_id: UUID, to_id: int, is_detailed: bool, by: Person, now: datetime) -> Message:
    """Tell the consultant of the task by e-mail, short or in full (F04.15). Raises NotFound, MessageWrong.

    Both say no more than he sees when he opens it; the short one names nobody, for mail is read by many.
    """
    task = get_task(task_id, by=by)
    to = User.objects.filter(pk=to_id, is_active=True).exclude(email="").first()
    if to is None:
        raise NotFound(user=to_id)
    with override(to.language):
        subject = _("Task No. {number}: {title}").format(number=task.number, title=task.title)
        text = "\n".join(_detailed(task) if is_detailed else _short(task))
    draft = Draft(Channel.EMAIL, to.email, text, subject, COLLEAGUE, task.project_id, contact=task.interaction_id)
    return queue_message(draft=draft, by=by, now=now)


def _short(task: Task) -> list[str]:
    due = local_due(task)
    until = date_format(due, "DATETIME_FORMAT") if due else _("no time set")
    return [
        task.title,
        _("Until: {time}").format(time=until),
        _("Project: {project}").format(project=task.project),
    ]


def _detailed(task: Task) -> list[str]:
    lines = _short(task)
    if task.action:
        lines.append(_("Action: {action}").format(action=task.action))
    if task.topic:
        lines.append(_("Topic: {topic}").format(topic=task.topic))
    if task.customer:
        lines.append(_("Customer: {name}").format(name=task.customer.full_name))
    if task.address:
        lines.append(_("Phone: {number}").format(number=shown_phone(f"+{task.address}")))
    if task.interaction:
        lines += _of_contact(task)
    return [*lines, "", task.text] if task.text else lines


def _of_contact(task: Task) -> list[str]:
    contact = task.interaction
    if contact is None:
        return []
    notes = [f"- {note.text}" for note in contact.notes.all()[:20]]
    began = date_format(contact.began_at, "DATETIME_FORMAT")
    return [_("Contact No. {number} of {time}").format(number=contact.number, time=began), *notes]
