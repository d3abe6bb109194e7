"""`/desk/call/`: calls that the operator makes himself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.desk.screens import work


@needs("telephony.use")
@require_GET
def outgoing(request: HttpRequest) -> HttpResponse:
    """A number to dial, calls that were promised, and calls made today (F30.03)."""
    now = clock.now()
    day = work.home(person_of(request), now)
    made = [call for call in day.recent if call["icon"] == "phone-outgoing"]
    context = {"callbacks": day.callbacks, "made": made, "given": request.GET.get("number", ""), "now": now}
    return render_page(request, "desk/outgoing.html", context, part="workspace")
