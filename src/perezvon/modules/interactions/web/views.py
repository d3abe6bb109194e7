from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs, person_of
from perezvon.kernel.errors import NotFound
from perezvon.modules.interactions import services
from perezvon.modules.interactions.dimensions import dimensions_of
from perezvon.modules.interactions.models import Offer
from perezvon.modules.interactions.selectors import get_interaction, picker

_LONGEST_KEY = 18


@needs("interactions.write")
@require_POST
def dimension(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """One of the lists that a contact is counted by was set: its name in the form is its code (F07.06)."""
    by, now = person_of(request), clock.now()
    contact = get_interaction(interaction_id, by=by)
    for known in dimensions_of(contact.project):
        value = request.POST.get(known.code, "")
        if known.code in request.POST and value != contact.dimensions.get(known.code, ""):
            services.set_dimension(interaction_id=contact.pk, dimension=known.code, value=value, by=by, now=now)
    return HttpResponse(status=204)


@needs("interactions.write")
@require_POST
def visit(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """The customer was here in person: a contact like any other (F02.17)."""
    project = request.POST.get("project", "")
    if not project.isdecimal() or len(project) > 9:
        raise NotFound(project=project)
    services.register_visit(
        customer_id=customer_id,
        project_id=int(project),
        note=request.POST.get("note", ""),
        by=person_of(request),
        now=clock.now(),
    )
    return HttpResponseRedirect(f"{reverse('customers:card', args=[customer_id])}?saved")


@needs("interactions.write")
@require_POST
def offers(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """A product was offered, or the customer answered, or with `remove` it was not offered. The picker comes back."""
    by, now = person_of(request), clock.now()
    product = request.POST.get("product", "")
    product_id = int(product) if product.isdecimal() and len(product) <= _LONGEST_KEY else 0
    if "remove" in request.POST:
        services.withdraw_offer(interaction_id=interaction_id, product_id=product_id, by=by, now=now)
    else:
        answer = request.POST.get("answer", Offer.Answer.OFFERED)
        services.offer_product(interaction_id=interaction_id, product_id=product_id, answer=answer, by=by, now=now)
    context = picker(get_interaction(interaction_id, by=by), now=now)
    answer_page = render(request, "interactions/_offers.html", context)
    answer_page["HX-Trigger"] = "offers-changed"  # results may depend on what was offered
    return answer_page
