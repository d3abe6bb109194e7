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
from perezvon.kernel.phone import parse_phone
from perezvon.modules.telephony.gateway import gateway
from perezvon.modules.telephony.selectors import find_call, get_public_line, place_in_queue

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


@say("webvoice.too_often")
def _too_many(_error: PerezvonError) -> str:
    return _("Too many calls from your network. Try again in a minute.")


@say("webvoice.bad_offer")
@say("webvoice.no_microphone")
def _no_sound(_error: PerezvonError) -> str:
    return _("No microphone reached us. Allow the microphone in your browser and try again.")


@say("webvoice.too_many_legs")
def _all_taken(_error: PerezvonError) -> str:
    return _("All lines are taken. Try again in a minute.")


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
    phone = parse_phone(str(given.get("phone") or "")[:32])
    made = gateway().call(
        line=found.address,
        caller=phone.e164 if phone else None,
        record=given.get("record") is not False,
        offer=str(given.get("sdp", "")),
        address=request.META.get("REMOTE_ADDR", ""),
    )
    token = _signer.sign_object([str(made.call_id), str(made.leg_id), made.token])
    return JsonResponse({"sdp": made.answer, "type": "answer", "leg": str(made.leg_id), "token": token})


@needs_nothing(CUSTOMERS)
@require_GET
def status(request: HttpRequest, leg_id: UUID) -> JsonResponse:
    """Where the call stands: greeting, queued with a place, talking, held, ended."""
    call_id, token = _open(request.GET.get("token", ""), leg_id)
    call = find_call(call_id)
    if call is None or call.phase is Phase.ENDED:
        over = call is not None or gateway().is_over(token=token)
        return JsonResponse({"state": "ended" if over else "greeting", "position": None, "ended_by": ""})
    waits = call.phase in {Phase.QUEUED, Phase.RINGING}
    state = "queued" if waits else "held" if call.phase is Phase.CONSULTING else call.phase.value
    return JsonResponse({"state": state, "position": place_in_queue(call) if waits else None, "ended_by": ""})


@needs_nothing(CUSTOMERS)
@require_POST
def digits(request: HttpRequest, leg_id: UUID) -> HttpResponse:
    given = json_body(request)
    _, token = _open(str(given.get("token", "")), leg_id)
    keys = "".join(key for key in str(given.get("digits", ""))[:32] if key in "0123456789*#ABCD")
    if keys:
        gateway().press(token=token, digits=keys)
    return HttpResponse(status=204)


@needs_nothing(CUSTOMERS)
@require_POST
def clear(request: HttpRequest, leg_id: UUID) -> HttpResponse:
    _, token = _open(str(json_body(request).get("token", "")), leg_id)
    gateway().hang_up(token=token)
    return HttpResponse(status=204)


def _open(token: str, leg_id: UUID) -> tuple[UUID, str]:
    """The call and the switch's own token, from the token that the page was given for this leg."""
    try:
        call_id, leg, switch_token = _signer.unsign_object(token)
    except (BadSignature, ValueError) as error:
        raise NotYourCall() from error
    if leg != str(leg_id):
        raise NotYourCall()
    return UUID(call_id), switch_token


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
