"""The window in which the credit bureau is asked, and for which products it may be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.fields.web.small_forms import Asked, FormPage, draw
from perezvon.foundation.fields.words import problem_words
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.words import say
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.catalogue.models import Product
from perezvon.modules.customers.selectors import mask, value_of
from perezvon.modules.customers.services import unmask
from perezvon.modules.loans.models import BureauProduct
from perezvon.modules.loans.services import (
    BUREAU,
    SET_UP,
    ApplicantWrong,
    Asking,
    ask_bureau,
    asking_in,
    set_bureau_products,
)
from perezvon.ports.credit import BureauAway

_UNPROCESSABLE = 422


@needs(BUREAU)
@require_http_methods(["GET", "POST"])
def bureau(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """What the card knows of passport and birth, to be compared with what the customer says; then the decision."""
    by, now = person_of(request), clock.now()
    asking = asking_in(interaction_id, by=by, now=now)
    if request.method != "POST":
        return _window(request, asking, _known(asking, by, now), {})
    given = {name: request.POST.get(name, "") for name in ("passport", "born")}
    try:
        inquiry = ask_bureau(interaction_id=interaction_id, **given, by=by, now=now)
    except ApplicantWrong as wrong:
        problems: Mapping[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
        errors = {name: problem_words(one.code, one.facts) for name, one in problems.items()}
        return _window(request, asking, given, errors)
    except BureauAway:
        return _window(request, asking, given, {}, away=True)
    return _window(request, asking, given, {}, decision=inquiry.decision)


def _known(asking: Asking, by: Person, now: datetime) -> dict[str, str]:
    """As the card has it. That the passport was shown is written down; who may not see it sees its last digits."""
    customer = asking.contact.customer
    assert customer is not None  # noqa: S101  (asked before)
    may_see = by.may("customers.reveal")
    passport = unmask(customer_id=customer.pk, field_id="passport", by=by, now=now).text if may_see else ""
    return {"passport": passport, "born": f"{customer.birth_date:%d.%m.%Y}" if customer.birth_date else ""}


def _window(
    request: HttpRequest, asking: Asking, given: Mapping[str, str], errors: Mapping[str, str], **more: Any
) -> HttpResponse:
    customer = asking.contact.customer
    assert customer is not None  # noqa: S101  (asked before)
    on_card = mask("passport", value_of(customer, "passport"))
    context = {
        "name": customer.full_name,
        "hint": _("The card has {number}; empty sends that one.").format(number=on_card) if on_card else "",
        "product": asking.product,
        "given": given,
        "errors": errors,
        "url": reverse("loans:bureau", args=[asking.contact.pk]),
        **more,
    }
    return render(request, "loans/_bureau.html", context, status=_UNPROCESSABLE if errors else 200)


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """A tick for each product."""
    by = person_of(request)
    products = list(Product.objects.filter(is_active=True).select_related("kind"))
    chosen = set(BureauProduct.objects.values_list("product", flat=True))
    if request.method == "POST":
        ticked = {one.pk for one in products if request.POST.get(f"product-{one.pk}")}
        set_bureau_products(product_ids=ticked, by=by, now=clock.now())
        return HttpResponseRedirect(reverse("administration:home"))
    title = _("Credit bureau")
    page = FormPage(
        title=title,
        group=_("In conversations about these products, and no other, it may be asked"),
        submit=_("Save"),
        back_url=reverse("administration:home"),
        steps=[{"label": _("Administration"), "url": reverse("administration:home")}, {"label": title, "url": ""}],
        asked=[Asked(f"product-{one.pk}", kind="tick", label=str(one)) for one in products],
    )
    return draw(request, page, {f"product-{key}": "yes" for key in chosen}, {})


@say("loans.bureau_closed")
def _closed(error: PerezvonError) -> str:
    return {
        "no_bureau": _("No credit bureau is set up in this installation."),
        "not_asked": _("The credit bureau is asked in a conversation only, at the step that asks for it."),
        "product": _("The credit bureau may not be asked in a conversation about this product."),
        "consent": _("Without a consent recorded in the conversation the credit bureau is not asked."),
        "no_customer": _("Choose the customer first."),
    }[str(error.facts["reason"])]


@say("credit.bureau_away")
def _away(_error: PerezvonError) -> str:
    return _("The credit bureau does not answer. Try once more, or go on without its decision.")
