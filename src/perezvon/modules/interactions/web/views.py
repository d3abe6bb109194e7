from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs, person_of
from perezvon.kernel.errors import NotFound
from perezvon.modules.interactions import services
from perezvon.modules.interactions.dimensions import dimensions_of
from perezvon.modules.interactions.selectors import get_interaction


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
