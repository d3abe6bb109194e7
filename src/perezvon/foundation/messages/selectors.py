"""Reading messages, templates and senders."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from perezvon.foundation.access import Actor
from perezvon.foundation.messages.models import Message, Sender, State, Template
from perezvon.kernel.errors import NotFound

VIEW, SEND, MANAGE, SET_UP = "messages.view", "messages.send", "messages.templates", "messages.set_up"
MOST = 50


class NoSuchMessage(NotFound):
    code = "messages.no_such_message"


class NoSuchTemplate(NotFound):
    code = "messages.no_such_template"


class NoSuchSender(NotFound):
    code = "messages.no_such_sender"


def visible(by: Actor) -> QuerySet[Message]:
    """Of the projects that the actor sees, and of none; for the outbox."""
    by.must(VIEW)
    found = Message.objects.select_related("by", "template", "project", "sender")
    return found if by.projects is None else found.filter(Q(project=None) | Q(project__in=by.projects))


def get_message(message_id: UUID, *, by: Actor) -> Message:
    """Raises NoSuchMessage."""
    found = visible(by).filter(pk=message_id).first()
    if found is None:
        raise NoSuchMessage(message=message_id)
    return found


def list_messages_about(record: UUID, *, by: Actor, limit: int = MOST) -> list[Message]:
    """What was sent about a record, newest first; whoever sees the record sees them, of his projects. One query."""
    found = Message.objects.filter(record=record).select_related("by", "template")
    if by.projects is not None:
        found = found.filter(Q(project=None) | Q(project__in=by.projects))
    return list(found.order_by("-created_at", "-id")[:limit])


def list_messages_in(contact: UUID) -> list[Message]:
    """What was sent in a contact, in order; for pages that have asked who sees the contact. One query."""
    return list(Message.objects.filter(contact=contact).select_related("by").order_by("created_at", "id")[:MOST])


def count_waiting() -> int:
    return Message.objects.filter(state__in=[State.QUEUED, State.SENDING]).count()


def list_templates(*, channel: str = "", project_id: int | None = None, all_of_them: bool = False) -> list[Template]:
    """Those in use that a project may send; with all_of_them every one, for administrators. One query."""
    found = Template.objects.select_related("project")
    if all_of_them:
        return list(found)
    found = found.filter(in_use=True, channel=channel).filter(Q(project=None) | Q(project=project_id))
    return sorted(found, key=lambda one: (str(one).lower(), one.pk))


def get_template(template_id: int) -> Template:
    """Raises NoSuchTemplate."""
    found = Template.objects.filter(pk=template_id).first()
    if found is None:
        raise NoSuchTemplate(template=template_id)
    return found


def list_senders() -> list[Sender]:
    return list(Sender.objects.select_related("project"))


def get_sender(sender_id: int) -> Sender:
    """Raises NoSuchSender."""
    found = Sender.objects.filter(pk=sender_id).first()
    if found is None:
        raise NoSuchSender(sender=sender_id)
    return found
