"""The buttons of the call bar: each click becomes a command with the browser's id; the answer is a live event."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perezvon.cores.calls.words import NOWHERE, Act, Target
from perezvon.cores.routing import Presence
from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.words import say, words_for
from perezvon.kernel.errors import PerezvonError, Refused
from perezvon.kernel.ids import AgentId, QueueId, uuid7
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers.services import ContactRefused
from perezvon.modules.desk import services
from perezvon.modules.desk.screens.transfer import TransferAsked, transfer_dialog
from perezvon.modules.desk.screens.work import parse_choice
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.routing import services as routing
from perezvon.modules.telephony import services as telephony
from perezvon.modules.telephony.selectors import find_call

USE = "telephony.use"
ACCEPTED, UNPROCESSABLE = 202, 422
_LONGEST_REASON = 500
LONGEST_KEY = 9


class BadRequest(Refused):
    """The form is not one of ours: a script of another version, or somebody's hand-made request."""

    code = "desk.bad_request"
    http_status = 400


@say("desk.bad_request")
def _bad(_error: PerezvonError) -> str:
    return _("This page is out of date. Reload it.")


@say("telephony.not_a_number")
def _not_a_number(error: PerezvonError) -> str:
    return _("“{text}” is not a telephone number.").format(text=error.facts.get("text", ""))


@say("telephony.no_line")
def _no_line(_error: PerezvonError) -> str:
    return _("You have no line to call from. Ask your supervisor.")


@say("telephony.no_phone")
def _no_phone(_error: PerezvonError) -> str:
    return _("Your phone is not connected. Open the desk: the sound comes through it.")


@say("telephony.reason_missing")
def _reason_missing(_error: PerezvonError) -> str:
    return _("Say why he is to be called all the same.")


@needs(USE)
@require_POST
def act(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Ask the engine to do something with a call."""
    given = request.POST
    command_id = _command_id(request)
    try:
        asked = Act(given.get("act", ""))
        seen = int(given["seen"]) if given.get("seen") else None
        target = _target(given.get("target", ""), given.get("number", ""))
    except ValueError as error:
        raise BadRequest() from error
    by, now = person_of(request), clock.now()
    if given.get("note", "").strip():  # first, so that it is there when the colleague's desk looks for it
        _leave_note(call_id, given["note"], by)
    click = telephony.Click(command_id, asked, seen, target, given.get("digits", ""))
    with intent(command_id):
        telephony.request(call_id=call_id, click=click, by=by, now=now)
    return HttpResponse(status=ACCEPTED)


@needs(USE)
@require_POST
def dial(request: HttpRequest) -> HttpResponse:
    """Call a number; the operator's own phone is connected first. continues: the contact that it belongs to.

    Where the do-not-contact register forbids it, those who may call all the same are asked for a reason.
    """
    by, now = person_of(request), clock.now()
    command_id = _command_id(request)
    continues = _uuid(request.POST.get("continues", ""))
    asked: dict[str, Any] = {
        "request_id": command_id,
        "call_id": uuid7(now),
        "number": request.POST.get("number", ""),
        "continues_id": get_interaction(continues, by=by).pk if continues else None,
    }
    reason = request.POST.get("reason", "").strip()[:_LONGEST_REASON]
    try:
        with intent(command_id, reason):
            if reason:
                telephony.call_out_anyway(**asked, reason=reason, by=by, now=now)
            else:
                telephony.call_out(**asked, by=by, now=now)
    except ContactRefused as refused:
        if not by.may("customers.contact_anyway"):
            raise
        return _ask_why(request, refused)
    return HttpResponse(status=ACCEPTED)


def _ask_why(request: HttpRequest, refused: ContactRefused) -> HttpResponse:
    """A dialog instead of the call: what forbids it, and a reason to be given."""
    context = {
        "words": words_for(refused),
        "number": request.POST.get("number", ""),
        "continues": request.POST.get("continues", ""),
    }
    response = render(request, "desk/_contact_refused.html", context, status=UNPROCESSABLE)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialogs", "innerHTML"
    return response


@needs("routing.set_own_presence")
@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    try:
        wanted, reason = parse_choice(request.POST.get("choice", "")) or (Presence.NOT_READY, "")
    except ValueError as error:
        raise BadRequest() from error
    with intent(_command_id(request)):
        routing.ask_presence(
            presence=wanted,
            reason=reason,
            after_contact=bool(request.POST.get("after_contact")),
            by=person_of(request),
            now=clock.now(),
        )
    return HttpResponse(status=ACCEPTED)


@needs(USE)
@require_POST
def extend(request: HttpRequest, call_id: UUID) -> HttpResponse:
    with intent(_command_id(request)):
        services.extend(call_id=call_id, by=person_of(request), now=clock.now())
    return HttpResponse(status=ACCEPTED)


@needs(USE)
@require_GET
def transfer(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Where the call may go: colleagues with their states, groups, any number (F03.05-F03.09)."""
    given = request.GET
    asked = TransferAsked(
        how=given.get("how", "transfer"),
        query=given.get("q", "").strip(),
        view=given.get("view", ""),
        sort=given.get("sort", ""),
        failed=given.get("failed", ""),
        code=given.get("code", ""),
    )
    context = transfer_dialog(call_id, asked, by=person_of(request), now=clock.now())
    return render(request, "desk/_transfer_dialog.html", context | {"search_url": f"{request.path}?how={asked.how}"})


@needs("messages.send")
@require_POST
def letter(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """A letter to the colleague who was not reached (F03.09)."""
    key, text = request.POST.get("user", ""), request.POST.get("text", "")
    if not key.isdecimal() or len(key) > LONGEST_KEY:
        raise BadRequest()
    message = services.leave_message(
        call_id=call_id, user_id=int(key), text=text, by=person_of(request), now=clock.now()
    )
    told = _("The message is on its way to {email}.").format(email=message.to)
    return render(request, "ui/notice.html", {"text": told, "tone": "good"})


# --- what the forms say -------------------------------------------------------------------------------


def _command_id(request: HttpRequest) -> UUID:
    """The browser's id of this click; a page without script has none, and gets one here."""
    return _uuid(request.POST.get("command_id", "")) or uuid7(clock.now())


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise BadRequest() from error


def _target(text: str, number: str) -> Target:
    if number.strip():
        phone = parse_phone(number)
        if phone is None:
            raise telephony.NotANumber(text=number)
        return Target(number=phone.digits)
    kind, _colon, key = text.partition(":")
    match kind:
        case "agent":
            return Target(agent=AgentId(int(key)))
        case "queue":
            return Target(queue=QueueId(int(key)))
        case "number":
            return _target("", key)
        case "":
            return NOWHERE
        case _:
            raise ValueError(text)


def _leave_note(call_id: UUID, text: str, by: Person) -> None:
    """What is handed over with the call goes on the contact."""
    call = find_call(call_id)
    if call:
        services.add_note(interaction_id=call.contact_id, text=text, by=by, now=clock.now())
