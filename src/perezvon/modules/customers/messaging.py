"""Before anything is sent to a customer: what he allows (foundation/messages asks)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from perezvon.foundation.messages.registry import Refusal, Wish
from perezvon.modules.customers.selectors import NoSuchPurpose, contact_refusal
from perezvon.modules.customers.values import RECORD
from perezvon.modules.customers.web.words import refusal_words

SERVICE = "service"  # what the customer asked for himself


def may_be_written_to(wish: Wish) -> Refusal | None:
    """Letters to colleagues and codes of sign-in are no business of the register. An unknown purpose is forbidden."""
    if wish.kind != RECORD:
        return None
    purpose = "" if wish.purpose == SERVICE else wish.purpose
    try:
        refusal = contact_refusal(
            customer_id=wish.record, channel=wish.channel, address=wish.address, purpose=purpose, now=wish.now
        )
    except NoSuchPurpose:
        return Refusal("customers.no_such_purpose", _("There is no such purpose of consent."))
    return Refusal(f"customers.{refusal.why}", refusal_words(refusal)) if refusal else None
