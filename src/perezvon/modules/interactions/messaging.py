"""Messages to a customer: an SMS from his card, of a template that nobody rewrites, and what stands in his history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields.registry import kind_of
from perezvon.foundation.messages.models import Channel, Message, State, Template
from perezvon.foundation.messages.registry import COLLEAGUE, About
from perezvon.foundation.messages.selectors import SEND, VIEW, NoSuchTemplate, list_messages_about, list_templates
from perezvon.foundation.messages.services import Draft, queue_message
from perezvon.foundation.messages.texts import rendered
from perezvon.foundation.messages.words import problem_label
from perezvon.foundation.people.models import Project
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.ui.templatetags.ui import phone as shown_phone
from perezvon.kernel.sms import size_of
from perezvon.modules.customers.models import ContactPoint, Customer, Kind
from perezvon.modules.customers.selectors import get_customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.services import contact_in_hand

SHOWN = 5
LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the form says. point: one of his telephones; number: as he dictated it."""

    template_id: int
    point_id: int | None = None
    number: str = ""


@command("interactions.send_sms", needs=SEND)
def send_sms(*, customer_id: UUID, chosen: Chosen, by: Actor, now: datetime) -> Message:
    """Queue an SMS to a customer. The text is made here and now, whatever a browser has shown (F15.17).

    It stays with the contact that the sender has in hand. Raises NoSuchTemplate, MessageWrong, MayNotSend.
    """
    customer = get_customer(customer_id, by=by)
    contact = contact_in_hand(customer_id, by=by)
    project = project_of(customer, contact, by)
    template = _template(chosen.template_id, project)
    _subject, text = rendered(template, about(customer, project, by, now))
    draft = Draft(
        channel=Channel.SMS,
        to=_number(customer, chosen),
        text=text,
        project_id=project.pk if project else None,
        template=template,
        kind=kind_of(customer).code,
        record=customer.pk,
        contact=contact.pk if contact else None,
    )
    return queue_message(draft=draft, by=by, now=now)


def about(customer: Customer, project: Project | None, by: Actor, now: datetime) -> About:
    language = customer.language if customer.language in LANGUAGES else LANGUAGES[0]
    return About(by, now, language, project, customer)


def project_of(customer: Customer, contact: Interaction | None, by: Actor) -> Project | None:
    """Of the contact in hand, else the customer's own, else the only one that the sender works for."""
    if contact is not None:
        return contact.project
    if customer.project is not None:
        return customer.project
    mine = list_projects(by=by)
    return mine[0] if len(mine) == 1 else None


def _template(template_id: int, project: Project | None) -> Template:
    for template in templates_for(project):
        if template.pk == template_id:
            return template
    raise NoSuchTemplate(template=template_id)


def templates_for(project: Project | None) -> list[Template]:
    return list_templates(channel=Channel.SMS, project_id=project.pk if project else None)


def _number(customer: Customer, chosen: Chosen) -> str:
    if chosen.number.strip() or chosen.point_id is None:
        return chosen.number
    point = next((one for one in phones_of(customer) if one.pk == chosen.point_id), None)
    return f"+{point.digits}" if point else ""


def phones_of(customer: Customer) -> list[ContactPoint]:
    """Mobiles first, then what else he may be reached at; no struck ones, no fax. One query."""
    points = customer.points.filter(kind=ContactPoint.Kind.PHONE, struck_reason="").exclude(digits="")
    known = [point for point in points if point.use != ContactPoint.Use.FAX and not point.extension]
    return sorted(known, key=lambda point: (point.use != ContactPoint.Use.MOBILE, not point.is_main, point.pk))


# --- what pages show ---


def sms(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """The form of an SMS, and what became of the last ones. Up to six queries."""
    return None if customer.kind == Kind.QUASI else form(customer, by, now)


def form(customer: Customer, by: Actor, now: datetime, template_id: int | None = None) -> dict[str, Any]:
    """As interactions/_sms.html takes it."""
    project = project_of(customer, contact_in_hand(customer.pk, by=by), by)
    templates = templates_for(project)
    chosen = next((one for one in templates if one.pk == template_id), templates[0] if templates else None)
    text = rendered(chosen, about(customer, project, by, now))[1] if chosen else ""
    return {
        "templates": [(one.pk, str(one)) for one in templates],
        "chosen": chosen.pk if chosen else None,
        "text": text,
        "size": size_of(text),
        "phones": [(one.pk, shown_phone(f"+{one.digits}"), one.get_use_display()) for one in phones_of(customer)],
        **sent_to(customer, by),
        "url": reverse("interactions:sms", args=[customer.pk]),
    }


def sent_to(customer: Customer, by: Actor) -> dict[str, Any]:
    found = [one for one in list_messages_about(customer.pk, by=by, limit=SHOWN) if one.channel == Channel.SMS]
    return {"sent": [entry_of(one, by) for one in found], "under_way": any(not one.is_over for one in found)}


def entries(customer_id: UUID, by: Actor) -> Sequence[dict[str, Any]]:
    """What was sent to the customer, for his history (F02.18). One query."""
    return [entry_of(message, by) for message in list_messages_about(customer_id, by=by)]


def entry_of(message: Message, by: Actor) -> dict[str, Any]:
    """As ui/timeline_entry.html takes it: the text, then the number it went to."""
    is_sms = message.channel == Channel.SMS
    where = shown_phone(message.to) if is_sms else message.to
    told = _("to the number {number}") if is_sms else _("to {number}")
    text = _("A code; it is not shown.") if message.is_secret else message.text
    return {
        "at": message.created_at,
        "icon": "message" if is_sms else "mail",
        "tone": "",
        "title": _title(message, is_sms),
        "by": message.by.short_name if message.by else "",
        "text": f"{text} ({told.format(number=where)})",
        "url": reverse("messages:message", args=[message.pk]) if by.may(VIEW) else "",
        "chip": {"text": _state(message), "tone": message.tone},
        "recording_url": "",
        "topics": [],
    }


def _title(message: Message, is_sms: bool) -> str:
    if message.purpose == COLLEAGUE:
        return _("Letter to a colleague")
    if message.state in {State.SENT, State.DELIVERED}:
        return _("SMS sent to the customer") if is_sms else _("Letter sent to the customer")
    return _("SMS to the customer") if is_sms else _("Letter to the customer")


def _state(message: Message) -> str:
    state = str(message.get_state_display())
    return f"{state}: {problem_label(message.problem)}" if message.problem and message.state == State.FAILED else state
