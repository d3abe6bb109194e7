"""The identification dialog of a contact."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.desk.screens.identify import QUESTIONS, dialog
from perezvon.modules.interactions import services as interactions
from perezvon.modules.interactions.selectors import get_interaction


@needs("interactions.identify")
@require_http_methods(["GET", "POST"])
def identify(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """Shows the questions; a POST checks what the caller said and shows what came of it."""
    by = person_of(request)
    message, failed = _check(request, interaction_id) if request.method == "POST" else ("", False)
    contact = get_interaction(interaction_id, by=by)
    context = dialog(contact, by=by, now=clock.now(), message=message, failed=failed)
    return render(request, "desk/_identification.html", context)


def _check(request: HttpRequest, interaction_id: UUID) -> tuple[str, bool]:
    by = person_of(request)
    contact = get_interaction(interaction_id, by=by)
    if contact.customer_id is None:
        return _("Choose the customer first."), False
    answers = {code: request.POST.get(code, "") for code in QUESTIONS}
    try:
        row = interactions.ask(
            interaction_id=interaction_id, customer_id=contact.customer_id, answers=answers, by=by, now=clock.now()
        )
    except interactions.AnswerUnclear as unclear:
        return _UNCLEAR[str(unclear.facts["question"])](), False
    if row is None:
        return "", False
    if row.outcome == "partial":
        return _("Right so far. One more question, please."), False
    return _("This does not agree with the card."), True


_UNCLEAR = {
    "birth_date": lambda: _("A date needs day, month and year, as 14.05.1981. No attempt was spent."),
    "passport": lambda: _("A passport has ten digits: series and number. No attempt was spent."),
}


@say("interactions.not_identified")
def _not_identified(_error: PerezvonError) -> str:
    return _("Commercial data opens once the customer is identified in this contact.")


@say("interactions.identification_closed")
def _closed(error: PerezvonError) -> str:
    if error.facts["reason"] == "locked":
        return _("The attempts are spent: commercial data stays closed in this contact.")
    return _("This contact is over. Identification holds for one contact only.")


@say("interactions.other_customer")
def _other(_error: PerezvonError) -> str:
    return _("The contact belongs to another customer by now. Look at the card again.")
