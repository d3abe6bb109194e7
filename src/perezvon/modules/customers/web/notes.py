"""What is noted on a card, and who belongs to whom: one form each, then the card again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.commands.services import intent
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong
from perezvon.modules.catalogue.models import Place
from perezvon.modules.catalogue.selectors import get_office, list_offices, list_regions, list_settlements
from perezvon.modules.customers import services
from perezvon.modules.customers.models import Customer, Relation
from perezvon.modules.customers.selectors import FIELDS, Asked, Candidate, get_customer, search
from perezvon.modules.customers.services import FieldsWrong
from perezvon.modules.customers.values import Problem
from perezvon.modules.customers.web.words import problem_words

_SHOWN = 10
_LONGEST_KEY = 18


def _card(customer_id: UUID) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('customers:card', args=[customer_id])}?saved")


@needs("customers.comment")
@require_POST
def comment(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    text, by = request.POST.get("comment", ""), person_of(request)
    services.add_comment(customer_id=customer_id, text=text, by=by, now=clock.now())
    return _card(customer_id)


@needs("customers.edit")
@require_POST
def status(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    with intent(why=request.POST.get("why", "")[:500]):
        services.set_status(
            customer_id=customer_id, status=request.POST.get("status", ""), by=person_of(request), now=clock.now()
        )
    return _card(customer_id)


@needs("customers.edit_contacts")
@require_POST
def preferences(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    typed, by = request.POST.dict(), person_of(request)
    services.set_preferences(customer_id=customer_id, typed=typed, by=by, now=clock.now())
    return _card(customer_id)


@needs("customers.edit_contacts")
@require_http_methods(["GET", "POST"])
def office(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Choose the office that serves him: region, settlement, office; each list follows from the one before."""
    by = person_of(request)
    customer = get_customer(customer_id, by=by)
    if request.method == "GET":
        return _office_form(request, customer)
    chosen = None if "none" in request.POST else _row(request, "office") or 0
    try:
        services.set_office(customer_id=customer_id, office_id=chosen, by=by, now=clock.now())
    except FieldsWrong as wrong:
        problems: Mapping[str, Problem] = wrong.facts["problems"]  # type: ignore[assignment]
        return _office_form(request, customer, problem_words(problems["office"]))
    return _card(customer_id)


def _office_form(request: HttpRequest, customer: Customer, problem: str = "") -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    kept = get_office(customer.office_id) if customer.office_id and not given else None
    regions = list_regions(customer.project_id)
    region = _picked(regions, kept.settlement.region_id if kept else _number(given.get("region")))
    settlements = list_settlements(region.pk, customer.project_id) if region else []
    settlement = _picked(settlements, kept.settlement_id if kept else _number(given.get("settlement")))
    offices = list_offices(settlement.pk, customer.project_id) if settlement else []
    context = {
        "customer": customer,
        "levels": [
            {"name": "region", "label": _("Region"), "rows": regions, "chosen": region},
            {"name": "settlement", "label": _("Settlement"), "rows": settlements, "chosen": settlement},
        ],
        "offices": offices,
        "office": _picked(offices, customer.office_id),
        "problem": problem,
    }
    status = 422 if problem else 200
    return render_page(request, "customers/office_of_service.html", context, part="workspace", status=status)


def _picked[P: Place](places: Sequence[P], wanted: int | None) -> P | None:
    """The one that is wanted, or the only one."""
    only = places[0] if len(places) == 1 else None
    return next((place for place in places if place.pk == wanted), only)


@needs("customers.warn")
@require_POST
def warning(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    last_day = request.POST.get("last_day", "").strip()
    try:
        until = checks.day(last_day) if last_day else None
    except Wrong as wrong:
        raise FieldsWrong(problems={"last_day": Problem(wrong.code, wrong.facts)}) from None
    services.add_warning(
        customer_id=customer_id,
        kind=request.POST.get("kind", ""),
        text=request.POST.get("text", ""),
        last_day=until,
        by=person_of(request),
        now=clock.now(),
    )
    return _card(customer_id)


@needs("customers.warn")
@require_POST
def warning_lift(request: HttpRequest, customer_id: UUID, warning_id: int) -> HttpResponse:
    services.lift_warning(warning_id=warning_id, by=person_of(request), now=clock.now())
    return _card(customer_id)


# --- documents and addresses ---


@needs("customers.edit")
@require_POST
def document(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """A new one; with `outdate` an old one is no longer current."""
    by, now, outdate = person_of(request), clock.now(), _row(request, "outdate")
    if outdate is not None:
        services.outdate_document(customer_id=customer_id, document_id=outdate, by=by, now=now)
    else:
        kind, typed = request.POST.get("kind", ""), request.POST.dict()
        services.add_document(customer_id=customer_id, kind=kind, typed=typed, by=by, now=now)
    return _card(customer_id)


@needs("customers.edit_contacts")
@require_POST
def address(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """A new one, another text for `address`, or with `outdate` he is no longer there."""
    by, now, outdate = person_of(request), clock.now(), _row(request, "outdate")
    if outdate is not None:
        services.outdate_address(customer_id=customer_id, address_id=outdate, by=by, now=now)
    else:
        services.put_address(
            customer_id=customer_id,
            address_id=_row(request, "address"),
            typed=request.POST.dict(),
            by=by,
            now=now,
        )
    return _card(customer_id)


def _row(request: HttpRequest, name: str) -> int | None:
    """The number of the row that a form speaks of, if of any."""
    return _number(request.POST.get(name))


def _number(text: str | None) -> int | None:
    text = (text or "")[:_LONGEST_KEY]  # what is cut off makes a number that no row has
    return int(text) if text.isdecimal() else None


# --- relations ---


@needs("customers.edit_contacts")
@require_http_methods(["GET", "POST"])
def relate(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Find the other card, say what it is to this one."""
    by = person_of(request)
    customer = get_customer(customer_id, by=by)
    if request.method == "POST":
        with intent(why=request.POST.get("why", "")[:500]):
            services.relate(
                customer_id=customer_id,
                other_id=_key(request.POST.get("other", "")),
                kind=request.POST.get("kind", ""),
                note=request.POST.get("note", ""),
                influence=request.POST.get("influence", ""),
                by=by,
                now=clock.now(),
            )
        return _card(customer_id)
    text = request.GET.get("text", "").strip()
    found = search(Asked(text=text), by=by, offered=FIELDS, limit=_SHOWN).rows if text else []
    kinds = [one for one in Relation.Kind.choices if one[0] != Relation.Kind.RECOMMENDED]
    context = {
        "customer": customer,
        "text": text,
        "found": [{"id": one.id, "name": _name(one)} for one in found if one.id != customer_id],
        "kinds": kinds,
        "influences": Relation.Influence.choices,
    }
    return render_page(request, "customers/relate.html", context, part="workspace")


def _name(one: Candidate) -> str:
    return f"{' '.join(part for part in (one.last_name, one.first_name, one.middle_name) if part)}, {one.number}"


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise FieldsWrong(problems={"relation": Problem("choice.unknown")}) from None


@needs("customers.edit_contacts")
@require_POST
def unrelate(request: HttpRequest, customer_id: UUID, relation_id: int) -> HttpResponse:
    services.unrelate(relation_id=relation_id, by=person_of(request), now=clock.now())
    return _card(customer_id)
