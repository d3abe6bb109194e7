"""Looking a caller up again by what came out in the talk."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs, person_of
from perezvon.modules.desk.web.views import workspace_after
from perezvon.modules.interactions import services as interactions


@needs("interactions.write")
@require_POST
def clarify(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """The customer named another number: who has that one is shown instead, what was written stays (F04.03)."""
    interactions.clarify_number(
        interaction_id=interaction_id, number=request.POST.get("number", ""), by=person_of(request), now=clock.now()
    )
    return workspace_after(request)
