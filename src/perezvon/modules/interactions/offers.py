"""Offered products as pages show them: the picker of a contact, the list on a card (F19.01)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from perezvon.modules.catalogue.selectors import offered
from perezvon.modules.interactions.models import Interaction, Offer

_TONES = {Offer.Answer.AGREED: "good", Offer.Answer.REFUSED: "bad", Offer.Answer.INTERESTED: "accent"}


def picker(contact: Interaction, *, now: datetime) -> dict[str, Any]:
    """As interactions/_offers.html takes it. Three queries."""
    offers = list(Offer.objects.filter(interaction=contact.pk).select_related("product__kind"))
    chosen = {offer.product_id for offer in offers}
    kinds = offered(contact.project_id, on=timezone.localtime(now).date())
    return {
        "offers": [
            {
                "id": offer.product_id,
                "name": str(offer.product),
                "kind": str(offer.product.kind),
                "answer": offer.answer,
            }
            for offer in offers
        ],
        "kinds": [
            {
                "id": one.kind.pk,
                "name": str(one.kind),
                "products": [
                    {"id": product.pk, "name": str(product), "chosen": product.pk in chosen} for product in one.products
                ],
            }
            for one in kinds
        ],
        "answers": Offer.Answer.choices,
        "url": reverse("interactions:offers", args=[contact.pk]),
    }


def rows_of(offers: Iterable[Offer]) -> list[dict[str, Any]]:
    """As interactions/_offered.html takes them."""
    return [
        {
            "product": str(offer.product),
            "kind": str(offer.product.kind),
            "answer": str(offer.get_answer_display()),
            "tone": _TONES.get(Offer.Answer(offer.answer), ""),
            "by": offer.by.short_name,
            "at": offer.at,
            "url": reverse("interactions:contact", args=[offer.interaction_id]),
        }
        for offer in offers
    ]
