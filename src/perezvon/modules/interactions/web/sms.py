"""An SMS from the card (F15.17)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.messages.services import MayNotSend, MessageWrong
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import is_swap
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.selectors import get_customer
from perezvon.modules.interactions.messaging import Chosen, form, send_sms

_LONGEST_KEY = 9


@needs("messages.send")
@require_http_methods(["GET", "POST"])
def sms(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """The form with the text of ?template; a POST sends it. What the browser says the text is nobody reads."""
    by, now = person_of(request), clock.now()
    customer = get_customer(customer_id, by=by)
    if request.method == "GET":
        return _drawn(request, customer, by, _number(request.GET.get("template", "")))
    given = request.POST
    template, point = _number(given.get("template", "")) or 0, _number(given.get("point", ""))
    typed = given.get("number", "")[:50]
    try:
        send_sms(customer_id=customer_id, chosen=Chosen(template, point, typed), by=by, now=now)
    except (MessageWrong, MayNotSend) as error:
        if is_swap(request):
            return _drawn(request, customer, by, template, error=error, number=typed)
        raise
    if not is_swap(request):
        return HttpResponseRedirect(f"{reverse('customers:card', args=[customer_id])}?saved")
    return _drawn(request, customer, by, template, told=_("The SMS is on its way."))


def _drawn(
    request: HttpRequest,
    customer: Customer,
    by: Person,
    template_id: int | None,
    *,
    told: str = "",
    error: PerezvonError | None = None,
    number: str = "",
) -> HttpResponse:
    now = clock.now()
    context = {**form(customer, by, now, template_id), "customer": customer, "now": now, "number": number}
    if error is not None:
        context["told"] = {"text": words_for(error), "tone": "bad"}
    elif told:
        context["told"] = {"text": told, "tone": "good"}
    return render(request, "interactions/_sms.html", context, status=422 if error else 200)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_KEY else None
