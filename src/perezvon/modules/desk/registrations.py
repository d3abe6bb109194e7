from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as lazy

from perezvon.cores.routing import Presence
from perezvon.foundation.access import Actor, Person
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.records.registry import Card, register_card
from perezvon.foundation.web.places import Place, register_place
from perezvon.kernel.errors import TryLater
from perezvon.modules.accounts.registry import before_sign_out
from perezvon.modules.customers.registry import ContactLinks, register_contact_links
from perezvon.modules.desk.personal import holder
from perezvon.modules.desk.screens import call_card
from perezvon.modules.desk.scripted import register_actions
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.registry import register_write_up
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.interactions.services import contact_in_hand, link_customer
from perezvon.modules.routing.services import ask_presence
from perezvon.modules.telephony.services import disconnect_phone


def end_the_shift(by: Person, now: datetime) -> None:
    """Who signs out is off shift, and his browser is no phone any more. A call in hand keeps him until its end."""
    if not by.may("routing.set_own_presence"):
        return
    ask_presence(presence=Presence.OUT, after_contact=True, by=by, now=now)
    with suppress(TryLater):
        disconnect_phone(by)


def _link(interaction_id: UUID, customer_id: UUID, by: Actor, now: datetime) -> None:
    if isinstance(by, Person):
        link_customer(interaction_id=interaction_id, customer_id=customer_id, by=by, now=now)


CONTACT_LINKS = ContactLinks(
    project=lambda interaction_id, by: get_interaction(interaction_id, by=by).project_id,
    link=_link,
    link_url=lambda interaction_id, customer_id: reverse("desk:link", args=[interaction_id, customer_id]),
    refuse_url=lambda interaction_id: reverse("desk:anonymous", args=[interaction_id]),
    back_url=lambda _interaction_id: reverse("desk:desk"),
    dial_url=lambda by: reverse("desk:dial") if by.may("telephony.use") else "",
    in_hand=lambda customer_id, by: _in_hand(customer_id, by),
)


def _in_hand(customer_id: UUID, by: Actor) -> str:
    contact = contact_in_hand(customer_id, by=by)
    return gettext("Contact No. {number}").format(number=contact.number) if contact else ""


def _write_up_url(contact: Interaction, by: Actor) -> str:
    unfilled = contact.ended_at is not None and (contact.result is None or contact.result.system)
    mine = unfilled and contact.answered_at is not None and contact.agent_id == by.user_id
    return reverse("desk:write_up", args=[contact.pk]) if mine else ""


def register() -> None:
    register_holder(holder())
    register_write_up(_write_up_url)
    register_card(Card(call_card.KIND, lazy("Call card"), call_card.slots, variants=call_card.VARIANTS))
    register_contact_links(CONTACT_LINKS)
    register_actions()
    before_sign_out(end_the_shift)
    register_place(Place(lazy("Workplace"), "headset", "desk:desk", "telephony.use", 10, tab=False))
    register_place(Place(lazy("Make a call"), "phone-outgoing", "desk:outgoing", "telephony.use", 30))
