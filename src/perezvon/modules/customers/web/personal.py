"""What is held of one person: handed out, kept by a legal hold, erased in two steps (X.25)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.personal import services
from perezvon.foundation.personal.selectors import get_erasure, get_subject, hold_of, preview, progress_of
from perezvon.foundation.personal.services import NotConfirmed, ReasonMissing
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import NotAllowed, PerezvonError
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.selectors import get_customer
from perezvon.modules.customers.values import Problem
from perezvon.modules.customers.web.small_forms import card_steps, day_of
from perezvon.modules.customers.web.words import problem_words

EXPORT, ERASE, HOLD, VIEW = "personal.export", "personal.erase", "personal.hold", "customers.view"


@needs(VIEW)
@require_GET
def held(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """What would go, what must stay and why; what may be done about it."""
    return _draw(request, _customer(request, customer_id), {}, "")


def _customer(request: HttpRequest, customer_id: UUID) -> Customer:
    """Raises NotAllowed for people with no right to any of it."""
    by = person_of(request)
    if not any(by.may(right) for right in (EXPORT, ERASE, HOLD)):
        raise NotAllowed(right=EXPORT)
    return get_customer(customer_id, by=by)


def _draw(request: HttpRequest, customer: Customer, wrong: Mapping[str, str], act: str) -> HttpResponse:
    """wrong: what is wrong with a field of the form `act`."""
    by, now = person_of(request), clock.now()
    subject = get_subject(customer.pk, by=by)
    context = {
        "customer": customer,
        "parts": preview(subject),
        "cards": len(subject.keys),
        "hold": hold_of(customer.pk, now),
        "may": {"export": by.may(EXPORT), "erase": by.may(ERASE), "hold": by.may(HOLD)},
        "given": {name: request.POST.get(name, "") for name in ("reason", "last_day")} if act else {},
        "wrong": wrong,
        "act": act,
        "saved": "saved" in request.GET,
        "steps": card_steps(customer, _("Held data")),
        "now": now,
    }
    return render_page(request, "customers/personal.html", context, part="workspace", status=422 if wrong else 200)


def _back(customer_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('customers:personal', args=[customer_id])}?saved")


@needs(EXPORT)
@require_POST
def export(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    customer = _customer(request, customer_id)
    job = services.ask_export(subject_id=customer.pk, by=person_of(request), now=clock.now())
    return HttpResponseRedirect(reverse("jobs:progress", args=[job.pk]))


@needs(HOLD)
@require_POST
def hold(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    by, now = person_of(request), clock.now()
    customer, problems = _customer(request, customer_id), dict[str, Problem]()
    until = day_of(request.POST, "last_day", problems)
    if problems:
        return _draw(request, customer, {name: problem_words(one) for name, one in problems.items()}, "hold")
    try:
        services.put_hold(subject_id=customer.pk, reason=request.POST.get("reason", ""), until=until, by=by, now=now)
    except ReasonMissing as missing:
        return _draw(request, customer, {"reason": words_for(missing)}, "hold")
    return _back(customer_id)


@needs(HOLD)
@require_POST
def lift(request: HttpRequest, customer_id: UUID, hold_id: int) -> HttpResponse:
    _customer(request, customer_id)
    services.lift_hold(hold_id=hold_id, by=person_of(request), now=clock.now())
    return _back(customer_id)


@needs(ERASE)
@require_POST
def erase(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """The first step."""
    customer = _customer(request, customer_id)
    try:
        asked = services.ask_erasure(
            subject_id=customer.pk, reason=request.POST.get("reason", ""), by=person_of(request), now=clock.now()
        )
    except ReasonMissing as missing:
        return _draw(request, customer, {"reason": words_for(missing)}, "erase")
    return HttpResponseRedirect(reverse("customers:erasure", args=[asked.pk]))


@needs(ERASE)
@require_http_methods(["GET", "POST"])
def erasure(request: HttpRequest, erasure_id: UUID) -> HttpResponse:
    """The second step: the number of the card is typed; then how far it has got."""
    by, now = person_of(request), clock.now()
    wrong = _confirm(request, erasure_id, by) if request.method == "POST" else None
    asked = get_erasure(erasure_id, by=by)
    customer = None if asked.confirmed_at else get_customer(asked.subject, by=by)
    context: dict[str, Any] = {
        "erasure": asked,
        "customer": customer,
        "parts": progress_of(asked) if asked.confirmed_at else preview(get_subject(asked.subject, by=by)),
        "hold": hold_of(asked.subject, now),
        "wrong": words_for(wrong) if wrong else "",
        "now": now,
    }
    return render_page(request, "customers/erasure.html", context, part="workspace", status=422 if wrong else 200)


def _confirm(request: HttpRequest, erasure_id: UUID, by: Person) -> PerezvonError | None:
    try:
        services.confirm_erasure(erasure_id=erasure_id, number=request.POST.get("number", ""), by=by, now=clock.now())
    except NotConfirmed as wrong:
        return wrong
    return None
