"""A contact's stage and what comes next, on the page of the contact."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs, person_of
from perezvon.modules.tasks import services
from perezvon.modules.tasks.selectors import WRITE


@needs(WRITE)
@require_POST
def next_step(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    given = {name: str(value) for name, value in request.POST.items()}
    services.follow(
        interaction_id=interaction_id,
        step=services.read_next_step(given),
        by=person_of(request),
        now=clock.now(),
    )
    return HttpResponseRedirect(reverse("interactions:contact", args=[interaction_id]))
