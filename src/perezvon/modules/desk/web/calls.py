"""The buttons of the call bar: each click becomes a command with the browser's id; the answer is a live event."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perezvon.cores.calls.words import NOWHERE, Act, Target
from perezvon.cores.routing import Agent, AgentStatus, Presence
from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.people.models import User
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import PerezvonError, Refused
from perezvon.kernel.ids import AgentId, QueueId, uuid7
from perezvon.kernel.phone import parse_phone
from perezvon.modules.desk import services
from perezvon.modules.desk.screens.callbar import STATE_WORDS
from perezvon.modules.desk.screens.work import parse_choice
from perezvon.modules.interactions.models import Segment
from perezvon.modules.routing import services as routing
from perezvon.modules.routing.selectors import list_agents, list_queues
from perezvon.modules.telephony import services as telephony
from perezvon.modules.telephony.selectors import find_call, list_standings

USE = "telephony.use"
ACCEPTED = 202


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
    click = telephony.Click(command_id, asked, seen, target, given.get("digits", ""))
    with intent(command_id):
        telephony.request(call_id=call_id, click=click, by=by, now=now)
    if given.get("note", "").strip():
        _leave_note(call_id, given["note"], by)
    return HttpResponse(status=ACCEPTED)


@needs(USE)
@require_POST
def dial(request: HttpRequest) -> HttpResponse:
    """Call a number; the operator's own phone is connected first."""
    by, now = person_of(request), clock.now()
    command_id = _command_id(request)
    with intent(command_id):
        telephony.call_out(
            request_id=command_id, call_id=uuid7(now), number=request.POST.get("number", ""), by=by, now=now
        )
    return HttpResponse(status=ACCEPTED)


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
    """Where the call may go: colleagues with their states, groups, any number (F03.05-F03.08)."""
    by, now = person_of(request), clock.now()
    query = request.GET.get("q", "").strip().lower()
    call = find_call(call_id)
    people = [row for row in _colleagues(by, now) if query in row["name"].lower() or query in row["account"].lower()]
    groups = [row for row in _groups(by, now) if query in row["name"].lower()]
    how = request.GET.get("how", "transfer")
    context = {
        "call": {"id": call_id, "version": call.version if call else "", "customer_name": ""},
        "consult": how == "consult",
        "redirect": how == "redirect",
        "query": query,
        "people": people,
        "groups": groups,
        "total": len(people),
        "failed": None,
        "search_url": f"{request.path}?how={how}",
        "now": now,
    }
    return render(request, "desk/_transfer_dialog.html", context)


# --- what the forms say -------------------------------------------------------------------------------


def _command_id(request: HttpRequest) -> UUID:
    """The browser's id of this click; a page without script has none, and gets one here."""
    given = request.POST.get("command_id", "")
    try:
        return UUID(given) if given else uuid7(clock.now())
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


# --- rows of the transfer dialog ----------------------------------------------------------------------


def _colleagues(by: Person, now: Any) -> list[dict[str, Any]]:
    standings = list_standings()
    rows = [
        _colleague(agent.user, standings.get(agent.user_id), now)
        for agent in list_agents(by=by)
        if agent.user_id != by.id
    ]
    return sorted(rows, key=lambda row: (row["busy"], row["name"]))


def _colleague(user: User, standing: Agent | None, now: Any) -> dict[str, Any]:
    status = standing.status if standing else AgentStatus.OUT
    phones = (
        ("internal", _("internal"), user.extension),
        ("mobile", _("mobile"), user.mobile),
        ("home", _("home"), user.home_phone),
    )
    return {
        "id": user.pk,
        "name": user.full_name,
        "account": user.login,
        "state": status.value,
        "state_label": str(STATE_WORDS[status]),
        "since": None,
        "busy": status is not AgentStatus.READY,
        "phones": [{"kind": kind, "label": label, "number": number} for kind, label, number in phones if number],
        "email": user.email,
        "mail_url": f"mailto:{user.email}",
        "last": False,
    }


def _groups(by: Person, now: Any) -> list[dict[str, Any]]:
    standings = list_standings().values()
    waiting: dict[int, list[Any]] = {}
    open_queues = Segment.objects.filter(kind="queue", ended_at=None, queue__isnull=False)
    for queue_id, began in open_queues.values_list("queue", "began_at"):
        waiting.setdefault(queue_id or 0, []).append(began)
    return [
        {
            "id": queue.pk,
            "name": str(queue),
            "ready": sum(1 for agent in standings if agent.status is AgentStatus.READY and queue.pk in agent.queues),
            "waiting": len(waiting.get(queue.pk, [])),
            "longest_s": int((now - min(waiting[queue.pk])).total_seconds()) if waiting.get(queue.pk) else 0,
        }
        for queue in list_queues(by=by)
    ]
