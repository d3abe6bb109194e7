"""One message: what became of it. And the address that gateways call."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.files.selectors import names_of
from perezvon.foundation.messages import services
from perezvon.foundation.messages.models import Message, State
from perezvon.foundation.messages.selectors import SEND, VIEW, get_message
from perezvon.foundation.messages.sending import PAUSES, reported
from perezvon.foundation.messages.words import problem_label
from perezvon.foundation.web.guard import needs, needs_nothing, person_of
from perezvon.foundation.web.render import is_swap, render_page
from perezvon.kernel.errors import NotFound

_LONGEST = 500


@needs(VIEW)
@require_GET
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Its text, its tries and its state, which follows what happens."""
    return _shown(request, get_message(message_id, by=person_of(request)), person_of(request))


@needs(SEND)
@require_POST
def act(request: HttpRequest, message_id: UUID, act: str) -> HttpResponse:
    """Try again or cancel."""
    by, now = person_of(request), clock.now()
    match act:
        case "retry":
            services.retry_message(message_id=message_id, by=by, now=now)
        case "cancel":
            services.cancel_message(message_id=message_id, by=by, now=now)
        case _:
            raise NotFound(act=act)
    if is_swap(request):
        return _shown(request, get_message(message_id, by=by), by)
    return HttpResponseRedirect(reverse("messages:message", args=[message_id]))


def _shown(request: HttpRequest, found: Message, by: Person) -> HttpResponse:
    context = {
        "message": found,
        "facts": _facts(found),
        "text": _("A code; it is not shown.") if found.is_secret else found.text,
        "problem": problem_label(found.problem) if found.problem else "",
        "may": {
            "retry": by.may(SEND) and found.state in {State.FAILED, State.CANCELLED, State.QUEUED},
            "cancel": by.may(SEND) and found.state == State.QUEUED,
        },
    }
    if is_swap(request) and request.headers.get("HX-Target", "") == "message-now":
        return render(request, "messages/_message.html", context)
    return render_page(request, "messages/message.html", context, part="workspace")


def _facts(found: Message) -> list[dict[str, Any]]:
    tries = _("{count} of {most}").format(count=found.attempts, most=len(PAUSES) + 1)
    rows = [
        {"label": _("Channel"), "value": str(found.get_channel_display())},
        {"label": _("To"), "value": found.to, "kind": "phone" if found.channel == "sms" else "email"},
        {"label": _("Subject"), "value": found.subject},
        {"label": _("Author"), "value": found.by.full_name if found.by else _("the system")},
        {"label": _("Project"), "value": str(found.project) if found.project else ""},
        {"label": _("Template"), "value": str(found.template) if found.template else ""},
        {"label": _("Files"), "value": ", ".join(names_of(found.files))},
        {"label": _("Queued at"), "value": _moment(found.created_at), "kind": "number"},
        {"label": _("Tries"), "value": tries, "kind": "number"},
        {"label": _("Next try"), "value": _moment(found.next_at), "kind": "number"},
        {"label": _("Sent at"), "value": _moment(found.sent_at), "kind": "number"},
        {"label": _("Delivered at"), "value": _moment(found.delivered_at), "kind": "number"},
        {"label": _("Number at the other side"), "value": found.provider_id},
    ]
    return [row for row in rows if row["value"]]


def _moment(at: Any) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else ""


@csrf_exempt
@needs_nothing("gateways report deliveries here; the address holds a key of 256 bits")
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, key: str) -> HttpResponse:
    """What became of a message: fields of the query, a form or JSON. It says the same, whatever message that is."""
    given = {name: text[:_LONGEST] for name, text in {**request.GET.dict(), **_posted(request)}.items()}
    reported(key[:_LONGEST], given, now=clock.now())
    return HttpResponse("ok", content_type="text/plain")


def _posted(request: HttpRequest) -> dict[str, str]:
    if request.content_type != "application/json":
        return request.POST.dict()
    try:
        read = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in read.items()} if isinstance(read, dict) else {}
