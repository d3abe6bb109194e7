"""The credit bureau as a step of a conversation, and what inquiries hold of a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.cores.conditions import Type, Value
from perezvon.foundation.access import Actor
from perezvon.foundation.conditions.terms import Term
from perezvon.foundation.personal.registry import Holder, Rows, Subject
from perezvon.modules.catalogue.models import Product
from perezvon.modules.interactions.selectors import visible
from perezvon.modules.loans.models import BureauInquiry
from perezvon.modules.loans.services import ACTION, BUREAU, check_may_ask, decision_in
from perezvon.modules.scripting.registry import Action, Doing, Opening, Parameter

_TONES = {"": "warn", BureauInquiry.Decision.APPROVED: "good", BureauInquiry.Decision.REFUSED: "bad"}
_IN_HISTORY = 20


def action() -> Action:
    decided = Term(
        "bureau.decision", lazy("Decision of the credit bureau"), Type.CHOICE, BureauInquiry.Decision.choices
    )
    return Action(
        ACTION,
        lazy("Ask the credit bureau for its preliminary decision"),
        (
            Parameter("product", lazy("Product that the conversation is about"), "choice", _products, is_required=True),
            Parameter("consent", lazy("Consent recorded in the conversation: yes"), is_required=True),
        ),
        facts={decided.code: decided},
        right=BUREAU,
        opens=_open,
        is_done=_is_done,
    )


def _products(_by: Actor) -> list[tuple[str, str]]:
    return [(one.code, str(one)) for one in Product.objects.filter(is_active=True)]


def _open(doing: Doing) -> Opening:
    check_may_ask(doing.contact, product=doing.gives.get("product", ""), consent=doing.gives.get("consent", ""))
    return Opening(reverse("loans:bureau", args=[doing.contact.pk]), "dialog")


def _is_done(doing: Doing) -> Mapping[str, Value] | None:
    decision = decision_in(doing.contact)
    return {"bureau.decision": decision} if decision else None


def entries(customer_id: UUID, by: Actor) -> list[dict[str, Any]]:
    """Inquiries in the customer's history. One query."""
    if not by.may(BUREAU):
        return []
    found = BureauInquiry.objects.filter(customer=customer_id, interaction__in=visible(by).values("pk"))
    rows = found.select_related("product", "by").order_by("-asked_at", "-id")[:_IN_HISTORY]
    return [_entry(one) for one in rows]


def _entry(one: BureauInquiry) -> dict[str, Any]:
    said = one.get_decision_display() if one.decision else _("no answer")
    return {
        "at": one.asked_at,
        "icon": "shield-check",
        "tone": "",
        "title": _("Credit bureau asked about “{product}”").format(product=one.product),
        "by": one.by.short_name,
        "text": "",
        "url": reverse("interactions:contact", args=[one.interaction_id]),
        "chip": {"text": said, "tone": _TONES[one.decision]},
        "recording_url": "",
        "topics": [],
    }


# --- personal data ---


def holder() -> Holder:
    return Holder(
        "loans",
        lazy("What the credit bureau was asked about him"),
        order=84,
        export=_export,
        count=lambda subject: _of(subject.keys).count(),
        erase=_erase,
        stays=lazy("That the bureau was asked, when, about which product, and what it decided."),
    )


def _of(customers: Collection[UUID]) -> QuerySet[BureauInquiry]:
    return BureauInquiry.objects.filter(customer__in=customers)


def _export(subject: Subject) -> Mapping[str, Rows]:
    rows = _of(subject.keys).values("asked_at", "answered_at", "product__code", "passport_end", "decision")
    return {"credit_bureau": list(rows)}


def _erase(subject: Subject, now: datetime) -> int:
    return _of(subject.keys).exclude(passport_end="").update(passport_end="")
