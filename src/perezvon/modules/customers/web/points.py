"""Telephones, e-mails and sites of a card: added, corrected, struck out, remarked upon."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.intents import command_id_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.errors import NotFound
from perezvon.modules.customers import services
from perezvon.modules.customers.models import ContactPoint
from perezvon.modules.customers.selectors import get_customer
from perezvon.modules.customers.web.facts import point_name

type Act = Callable[[HttpRequest, Person, int], object]


def _strike(request: HttpRequest, by: Person, point_id: int) -> object:
    reason = request.POST.get("reason", "")
    return services.strike_point(point_id=point_id, reason=reason, by=by, now=clock.now())


def _restore(request: HttpRequest, by: Person, point_id: int) -> object:
    return services.restore_point(point_id=point_id, by=by, now=clock.now())


def _main(request: HttpRequest, by: Person, point_id: int) -> object:
    return services.set_main_point(point_id=point_id, by=by, now=clock.now())


def _correct(request: HttpRequest, by: Person, point_id: int) -> object:
    return services.change_point(point_id=point_id, text=request.POST.get("text", ""), by=by, now=clock.now())


def _note(request: HttpRequest, by: Person, point_id: int) -> object:
    customer_id = request.resolver_match.kwargs["customer_id"] if request.resolver_match else UUID(int=0)
    note = request.POST.get("note", "")
    return services.note_point(customer_id=customer_id, point_id=point_id, note=note, by=by, now=clock.now())


_ACTS: dict[str, Act] = {"note": _note, "strike": _strike, "restore": _restore, "main": _main, "correct": _correct}


@needs("customers.edit_contacts")
@require_POST
def point(request: HttpRequest, customer_id: UUID, point_id: int, act: str) -> HttpResponse:
    """Strike out, restore, make the main one, or correct once what will change was looked at (F01.38, F01.39)."""
    if act not in _ACTS:
        raise NotFound(act=act)
    if act == "correct" and "confirmed" not in request.POST:
        return _confirmation(request, customer_id, point_id)
    with intent(command_id=command_id_of(request), why=request.POST.get("why", "")[:500]):
        _ACTS[act](request, person_of(request), point_id)
    return HttpResponseRedirect(f"{reverse('customers:card', args=[customer_id])}?saved")


def _confirmation(request: HttpRequest, customer_id: UUID, point_id: int) -> HttpResponse:
    customer = get_customer(customer_id, by=person_of(request))
    found = ContactPoint.objects.filter(customer=customer, pk=point_id).first()
    if found is None:
        raise services.NoSuchPoint(point=point_id)
    after = services.point_as_corrected(found, request.POST.get("text", ""), now=clock.now())
    context = {
        "customer": customer,
        "changes": [
            {"name": "text", "label": point_name(found), "before": found.raw, "after": after.raw, "value": after.raw}
        ],
        "doubts": [],
        "post_url": request.path,
        "kept": {"command_id": uuid4()}.items(),
    }
    return render_page(request, "customers/confirm.html", context, part="workspace")


@needs("customers.edit_contacts")
@require_POST
def point_add(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    use, text = request.POST.get("use", ""), request.POST.get("text", "")
    is_phone = use in ContactPoint.Use.values
    services.add_point(
        customer_id=customer_id,
        kind=ContactPoint.Kind.PHONE if is_phone else use,
        use=use if is_phone else ContactPoint.Use.CONTACT,
        text=text,
        by=person_of(request),
        now=clock.now(),
    )
    return HttpResponseRedirect(f"{reverse('customers:card', args=[customer_id])}?saved")
