"""Identification as the desk shows it: the state beside the contact, the dialog, the products behind it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from perezvon.foundation.access import Person
from perezvon.foundation.fields.values import CURRENCIES
from perezvon.foundation.ui.templatetags.ui import money
from perezvon.modules.customers.models import ProductHeld, Representative
from perezvon.modules.customers.selectors import list_speakers
from perezvon.modules.interactions import services as interactions
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.services import GateState, Question

QUESTIONS = {
    "full_name": lambda: _("Full name"),
    "birth_date": lambda: _("Date of birth"),
    "passport": lambda: _("Passport, series and number"),
    "code_word": lambda: _("Code word"),
    "address": lambda: _("Address"),
}


def gate_view(contact: Interaction, *, by: Person) -> dict[str, str]:
    """What the helper panel and the strip say of it; `contact` comes with its topics. One query.

    needed: one of the topics wants it. url: where to ask, also when nothing demands it.
    """
    if contact.customer_id is None or not by.may("interactions.identify"):
        return {"state": "unneeded", "text": "", "url": ""}
    gate = interactions.gate(contact)
    url = reverse("desk:identify", args=[contact.pk])
    if gate.state is GateState.PASSED:
        return {"state": "passed", "text": _("identified"), "url": url}
    if gate.state is GateState.LOCKED:
        return {"state": "locked", "text": _("not identified, attempts spent"), "url": url}
    wanted = any(row.topic.needs_identification for row in contact.topics.all())
    return {"state": "needed" if wanted else "unneeded", "text": _("This topic needs identification"), "url": url}


def products_view(contact: Interaction, *, by: Person) -> list[dict[str, Any]] | None:
    """The customer's products as facts; None while commercial data is closed."""
    if not interactions.may_see_products(contact, by=by):
        return None
    return [_product(product) for product in interactions.visible_products(contact, by=by)]


def _product(product: ProductHeld) -> dict[str, Any]:
    currency = CURRENCIES.get(product.currency, product.currency)
    until = _("until {date}").format(date=date_format(product.until, "SHORT_DATE_FORMAT")) if product.until else ""
    end = f" \u2022\u2022\u2022\u2022 {product.last4}" if product.last4 else ""
    return {"label": f"{product.name}{end}", "value": money(product.balance, currency), "kind": "number", "hint": until}


def dialog(
    contact: Interaction, *, by: Person, now: datetime, message: str = "", failed: bool = False
) -> dict[str, Any]:
    """The questions to put, as desk/_identification.html takes them. Eight queries."""
    gate = interactions.gate(contact)
    words = {
        GateState.PASSED: _("Identified. Commercial data is open in this contact."),
        GateState.LOCKED: _("The attempts are spent: commercial data stays closed in this contact."),
    }
    questions = interactions.questions(contact, by=by) if gate.state is GateState.OPEN else []
    if gate.state is GateState.OPEN and len(questions) < gate.needed:
        message = message or _("The card knows too little to identify this customer.")
    return {
        "customer_name": contact.customer.full_name if contact.customer else "",
        "state": "failed" if failed and gate.state is GateState.OPEN else gate.state.value,
        "questions": [_question(question) for question in questions],
        "needed": gate.needed,
        "attempts_left": gate.attempts_left,
        "message": words.get(gate.state, message),
        "save_url": reverse("desk:identify", args=[contact.pk]),
        "speakers": [_speaker(row) for row in list_speakers(contact.customer, by=by, now=now)]
        if contact.customer
        else [],
        "speaker_url": reverse("desk:speaker", args=[contact.pk]),
    }


def _speaker(row: Representative) -> dict[str, str]:
    until = _("until {date}").format(date=date_format(row.until, "SHORT_DATE_FORMAT")) if row.until else ""
    about = (str(row.get_authority_display()), row.document, row.scope, until, row.phone)
    return {"name": row.shown_name, "about": ", ".join(text for text in about if text)}


def _question(question: Question) -> dict[str, Any]:
    return {
        "code": question.code,
        "text": QUESTIONS[question.code](),
        "answer": question.shown,
        "check": question.is_typed,
        "passed": True if question.is_right else None,
    }
