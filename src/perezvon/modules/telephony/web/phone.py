"""The operator's phone in his browser, the equipment test, and recordings to listen to."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.web.files import file_in_parts
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import NotFound, PerezvonError
from perezvon.kernel.ids import AgentId
from perezvon.modules.scripting.selectors import RUN
from perezvon.modules.scripting.services import to_fill_in
from perezvon.modules.telephony import services
from perezvon.modules.telephony.gateway import gateway
from perezvon.modules.telephony.registry import beside_recording
from perezvon.modules.telephony.selectors import get_recording
from perezvon.modules.telephony.web.public import json_body

USE = "telephony.use"
LISTEN = "telephony.listen"


@say("webvoice.phone_elsewhere")
def _elsewhere(_error: PerezvonError) -> str:
    return _("Your phone is at another workplace.")


@needs(USE)
@require_POST
def offer(request: HttpRequest) -> JsonResponse:
    """Connect this browser as the operator's phone, for the shift. 409 while another workplace is it."""
    given = json_body(request)
    answer = gateway().device(
        agent=AgentId(person_of(request).id),
        offer=str(given.get("sdp", "")),
        workplace=str(given.get("workplace", ""))[:64],
        take=given.get("take") is True,
    )
    return JsonResponse({"sdp": answer, "type": "answer"})


@needs(USE)
@require_GET
def equipment(request: HttpRequest) -> HttpResponse:
    """Microphone level and a call in which one hears oneself (F03.18, F03.19); questionnaires for trial (F03.20)."""
    by = person_of(request)
    questionnaires = to_fill_in(by=by) if by.may(RUN) else []
    return render(
        request, "telephony/equipment.html", {"questionnaires": [(one.pk, str(one)) for one in questionnaires]}
    )


@needs(USE)
@require_POST
def echo(request: HttpRequest) -> JsonResponse:
    sdp = str(json_body(request).get("sdp", ""))
    answer = gateway().echo(offer=sdp, address=f"user:{person_of(request).id}")
    return JsonResponse({"sdp": answer, "type": "answer"})


@needs(LISTEN)
@require_GET
def player(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """A dialog with the sound; that it was opened is kept."""
    recording = services.listen(recording_id=recording_id, by=person_of(request), now=clock.now())
    return render(request, "telephony/_player.html", {"recording": recording, "player": services.player_of(recording)})


@needs(LISTEN)
@require_GET
def recording(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """The same as a page, with what is known of the conversation; that it was opened is kept."""
    found = services.listen(recording_id=recording_id, by=person_of(request), now=clock.now())
    contact = found.interaction
    context = {
        "recording": found,
        "player": services.player_of(found),
        "facts": [
            {"label": _("Customer"), "value": contact.customer.full_name if contact.customer else ""},
            {"label": _("Operator"), "value": contact.agent.short_name if contact.agent else ""},
            {"label": _("Result"), "value": str(contact.result) if contact.result else ""},
            {"label": _("Project"), "value": str(contact.project)},
        ],
        "beside": beside_recording(found, person_of(request)),
    }
    return render_page(request, "telephony/recording.html", context, part="workspace")


@needs(LISTEN)
@require_GET
def sound(request: HttpRequest, recording_id: UUID) -> FileResponse | HttpResponse:
    recording = get_recording(recording_id, by=person_of(request))
    path = settings.RECORDINGS / recording.path
    if not path.is_file():
        raise NotFound(recording=recording_id)
    return file_in_parts(request, path, "audio/wav")
