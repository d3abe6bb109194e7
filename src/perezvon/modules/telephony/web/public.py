"""The page from which a customer calls with his browser. Open to everybody, so everything here is limited."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from perezvon.cores.calls.words import Phase
from perezvon.foundation.web.guard import needs_nothing
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import PerezvonError, Refused
from perezvon.kernel.ids import LegId
from perezvon.modules.telephony.gateway import gateway
from perezvon.modules.telephony.selectors import find_call, get_public_line, place_in_queue
from perezvon.ports.voice import leg_token_subject

BODY_LIMIT = 100_000
CUSTOMERS = "customers call from here"
_signer = Signer(salt="perezvon.call_page")


class BadOffer(Refused):
    """The browser's message can't be understood."""

    code = "telephony.bad_offer"
    http_status = 400


class NotYourCall(Refused):
    """The token does not belong to this call."""

    code = "telephony.not_your_call"
    http_status = 403


@say("telephony.bad_offer")
def _bad_offer(_error: PerezvonError) -> str:
    return _("Your browser could not be connected. Reload the page and try again.")


@say("telephony.not_your_call")
def _not_yours(_error: PerezvonError) -> str:
    return _("This call has ended.")


@say("voice.too_many_calls")
def _too_many(_error: PerezvonError) -> str:
    return _("Too many calls from your network. Try again in a minute.")


@needs_nothing(CUSTOMERS)
@require_GET
@ensure_csrf_cookie
def call_page(request: HttpRequest, line: str) -> HttpResponse:
    found = get_public_line(line)
    context = {"line": found, "project": found.project, "queue": found.queue}
    return render(request, "telephony/call_page.html", context)


@needs_nothing(CUSTOMERS)
@require_POST
def offer(request: HttpRequest, line: str) -> JsonResponse:
    """Connect the customer's browser; the call is offered to the engine by the switch."""
    found = get_public_line(line)
    given = json_body(request)
    made = gateway().call(
        line=found.address,
        caller=None,
        record=given.get("record") is not False,
        offer=str(given.get("sdp", "")),
        address=request.META.get("REMOTE_ADDR", ""),
    )
    token = _signer.signature(leg_token_subject(made.call_id, made.leg_id))
    return JsonResponse(
        {"sdp": made.answer, "type": "answer", "call": str(made.call_id), "leg": str(made.leg_id), "token": token}
    )


@needs_nothing(CUSTOMERS)
@require_GET
def status(request: HttpRequest, call_id: UUID, leg_id: UUID) -> JsonResponse:
    """Where the call stands: greeting, queued with a place, talking, held, ended."""
    _check(request.GET.get("token", ""), call_id, leg_id)
    call = find_call(call_id)
    if call is None or call.phase is Phase.ENDED:
        alive = call is None and gateway().is_there(LegId(leg_id))
        return JsonResponse({"state": "greeting" if alive else "ended", "position": None, "ended_by": ""})
    waits = call.phase in {Phase.QUEUED, Phase.RINGING}
    state = "queued" if waits else "talking" if call.phase is Phase.CONSULTING else call.phase.value
    place = place_in_queue(call) if waits else None
    return JsonResponse({"state": state, "position": place, "ended_by": ""})


@needs_nothing(CUSTOMERS)
@require_POST
def digits(request: HttpRequest, call_id: UUID, leg_id: UUID) -> HttpResponse:
    given = json_body(request)
    _check(str(given.get("token", "")), call_id, leg_id)
    keys = "".join(key for key in str(given.get("digits", ""))[:32] if key in "0123456789*#ABCD")
    if keys:
        gateway().press(LegId(leg_id), keys)
    return HttpResponse(status=204)


@needs_nothing(CUSTOMERS)
@require_POST
def clear(request: HttpRequest, call_id: UUID, leg_id: UUID) -> HttpResponse:
    _check(str(json_body(request).get("token", "")), call_id, leg_id)
    gateway().clear(LegId(leg_id))
    return HttpResponse(status=204)


def _check(token: str, call_id: UUID, leg_id: UUID) -> None:
    subject = leg_token_subject(call_id, leg_id)
    try:
        _signer.unsign(f"{subject}{_signer.sep}{token}")
    except BadSignature as error:
        raise NotYourCall() from error


def json_body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in the body. Raises BadOffer for anything else, or too much of it."""
    if len(request.body) > BODY_LIMIT:
        raise BadOffer()
    try:
        given = json.loads(request.body)
    except ValueError as error:
        raise BadOffer() from error
    if not isinstance(given, dict):
        raise BadOffer()
    return given
