from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs, person_of
from perezvon.kernel.errors import NotFound
from perezvon.modules.interactions import services


@needs("interactions.write")
@require_POST
def visit(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """The customer was here in person: a contact like any other (F02.17)."""
    project = request.POST.get("project", "")
    if not project.isdecimal():
        raise NotFound(project=project)
    services.register_visit(
        customer_id=customer_id,
        project_id=int(project),
        note=request.POST.get("note", ""),
        by=person_of(request),
        now=clock.now(),
    )
    return HttpResponseRedirect(f"{reverse('customers:card', args=[customer_id])}?saved")
