"""A raised hand: the operator's panel beside his contact, and what his seniors see of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.intents import command_id_of
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.supervision import services
from perezvon.modules.supervision.models import HelpRequest
from perezvon.modules.supervision.selectors import ASK, WATCH, call_of, get_help, help_of_contact, list_help
from perezvon.modules.supervision.web.floor import SUPERVISE, shown_call


@say("supervision.not_yours")
def _not_yours(_error: PerezvonError) -> str:
    return _("This contact is not in your hands any more.")


@say("supervision.nothing_said")
def _nothing_said(error: PerezvonError) -> str:
    return _("Write something, up to {most} characters.").format(most=error.facts.get("most", ""))


# --- the operator ---


@needs(ASK)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """What stands beside his contact: the button, or the talk with his senior."""
    by, now = person_of(request), clock.now()
    if request.method == "POST":
        with intent(command_id=command_id_of(request)):
            services.ask_help(interaction_id=interaction_id, text=request.POST.get("text", ""), by=by, now=now)
    return _asked(request, interaction_id, by, now)


@needs(ASK)
@require_POST
def answer_as_operator(request: HttpRequest, interaction_id: UUID, request_id: UUID) -> HttpResponse:
    by, now = person_of(request), clock.now()
    _act(request, request_id, by, now)
    return _asked(request, interaction_id, by, now)


def _asked(request: HttpRequest, interaction_id: UUID, by: Person, now: datetime) -> HttpResponse:
    contact = get_interaction(interaction_id, by=by)
    asked = help_of_contact(contact.pk, by=by)
    is_his = contact.agent_id == by.id and contact.ended_at is None
    context = {"contact": contact, "asked": _help(asked, by) if asked else None, "may_ask": is_his, "now": now}
    return render(request, "supervision/_ask.html", context)


# --- the senior ---


@needs(WATCH)
@require_GET
def hands(request: HttpRequest) -> HttpResponse:
    """The strip above his work: who asks for him; nothing most of the time."""
    by = person_of(request)
    return render(request, "supervision/_hands.html", {"asked": hands_of(by), "now": clock.now()})


def hands_of(by: Person) -> list[dict[str, Any]]:
    return [_help(one, by) for one in list_help(by=by)]


@needs(WATCH)
@require_http_methods(["GET", "POST"])
def hand(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """The dialog in which he answers, and from which he comes to the call."""
    by, now = person_of(request), clock.now()
    if request.method == "POST":
        _act(request, request_id, by, now)
    asked = get_help(request_id, by=by)
    call = call_of(asked.agent_id, by=by) if by.may(SUPERVISE) and asked.ended_at is None else None
    is_this = call is not None and call.interaction_id == asked.interaction_id
    context = {"asked": _help(asked, by), "call": shown_call(call) if call and is_this else None, "now": now}
    is_redrawn = "part" in request.GET or request.method == "POST"
    return render(request, "supervision/_hand_body.html" if is_redrawn else "supervision/_hand.html", context)


def _act(request: HttpRequest, request_id: UUID, by: Person, now: datetime) -> None:
    with intent(command_id=command_id_of(request)):
        if request.POST.get("act") == "end":
            services.end_help(request_id=request_id, by=by, now=now)
        else:
            services.say(request_id=request_id, text=request.POST.get("text", ""), by=by, now=now)


def _help(asked: HelpRequest, by: Person) -> dict[str, Any]:
    customer = asked.interaction.customer
    messages = list(asked.messages.all())
    return {
        "id": asked.pk,
        "agent": asked.agent.short_name,
        "senior": asked.senior.short_name if asked.senior else "",
        "asked_at": asked.asked_at,
        "is_over": asked.ended_at is not None,
        "project": str(asked.interaction.project),
        "customer": customer.full_name if customer else "",
        "last": messages[-1].text if messages else "",
        "messages": [
            {"by": one.author.short_name, "is_mine": one.author_id == by.id, "text": one.text, "at": one.at}
            for one in messages
        ],
    }
