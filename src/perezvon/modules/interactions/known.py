"""Contacts beside the knowledge base: articles are opened for them and sent from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.fields.registry import kind_of
from perezvon.foundation.messages.models import Channel, Message
from perezvon.foundation.messages.services import Draft, queue
from perezvon.modules.customers.models import ContactPoint, Customer
from perezvon.modules.customers.selectors import get_customer
from perezvon.modules.interactions.messaging import phones_of
from perezvon.modules.interactions.selectors import find_interaction, get_interaction, title_of, visible
from perezvon.modules.knowledge.registry import Letter, Line, Occasion, OccasionKind, Operation

CONTACT = "contact"
SHOWN = 10


def contact_occasion() -> OccasionKind:
    return OccasionKind(CONTACT, _find, _send)


def last_contacts() -> Operation:
    return Operation("last_contacts", lazy("Last contacts"), "interactions.view", _lines)


def _find(contact_id: UUID, by: Person) -> Occasion | None:
    found = find_interaction(contact_id, by=by)
    if found is None:
        return None
    return Occasion(
        CONTACT,
        found.pk,
        _("Contact {number}").format(number=found.number),
        reverse("interactions:contact", args=[found.pk]),
        found.customer_id,
        found.customer.full_name if found.customer else "",
        addresses_of(found.customer) if found.customer else (),
    )


def addresses_of(customer: Customer) -> tuple[tuple[str, str], ...]:
    """Where he may be written to: mailboxes first, the main one before others. Two queries."""
    mails = customer.points.filter(kind=ContactPoint.Kind.EMAIL, struck_reason="").order_by("-is_main", "id")
    found = [(str(Channel.EMAIL), raw) for raw in mails.values_list("raw", flat=True)]
    return (*found, *((str(Channel.SMS), f"+{point.digits}") for point in phones_of(customer)))


def _send(contact_id: UUID, letter: Letter, by: Actor, now: datetime) -> Message:
    """Raises MessageWrong, MayNotSend: bans and consents are asked as for any message to him."""
    found = get_interaction(contact_id, by=by)
    draft = Draft(
        letter.channel, letter.to, letter.text, letter.subject, project_id=found.project_id,
        kind=kind_of(found.customer).code if found.customer else "", record=found.customer_id, contact=found.pk,
    )  # fmt: skip
    return queue(draft, by=by, now=now)


def _lines(customer_id: UUID, by: Person, now: datetime) -> Sequence[Line]:
    get_customer(customer_id, by=by)
    found = visible(by).filter(customer=customer_id).order_by("-began_at", "-id")[:SHOWN]
    return [
        Line(
            title_of(one),
            date_format(localtime(one.began_at), "SHORT_DATETIME_FORMAT"),
            reverse("interactions:contact", args=[one.pk]),
            str(one.result) if one.result else "",
        )
        for one in found
    ]
