"""What was offered in a contact, and what the customer said to it (F19.01)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import command
from perezvon.kernel.errors import Refused
from perezvon.modules.catalogue.selectors import get_offered
from perezvon.modules.interactions.models import Offer
from perezvon.modules.interactions.services.recording import changed
from perezvon.modules.interactions.services.writing import lock_interaction


class NoSuchAnswer(Refused):
    """facts: answer."""

    code = "interactions.no_such_answer"
    http_status = 422


@command("interactions.offer_product", needs="interactions.write")
def offer_product(
    *, interaction_id: UUID, product_id: int, by: Person, now: datetime, answer: str = Offer.Answer.OFFERED
) -> Offer:
    """The product was offered; offered again in this contact, the new answer counts.

    Raises NoSuchProduct for one that is not offered in the contact's project today, NoSuchAnswer.
    """
    if answer not in Offer.Answer.values:
        raise NoSuchAnswer(answer=answer)
    interaction = lock_interaction(interaction_id, by)
    known = interaction.offers.filter(product=product_id).first()
    if known is None:
        product = get_offered(product_id, interaction.project_id, on=timezone.localtime(now).date())
        known = Offer(interaction=interaction, product=product)
    known.answer, known.by_id, known.at = answer, by.id, now
    known.save()
    changed(interaction.pk, now)
    return known


@command("interactions.withdraw_offer", needs="interactions.write")
def withdraw_offer(*, interaction_id: UUID, product_id: int, by: Person, now: datetime) -> None:
    """It was not offered after all."""
    interaction = lock_interaction(interaction_id, by)
    interaction.offers.filter(product=product_id).delete()
    changed(interaction.pk, now)
