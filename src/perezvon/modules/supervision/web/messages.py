"""Messages from the monitor: the dialog in which one is written, and the strip on which operators read them."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from perezvon.foundation import clock
from perezvon.foundation.commands.services import intent
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.intents import command_id_of
from perezvon.kernel.errors import NotFound
from perezvon.modules.routing.selectors import get_agent, list_queues
from perezvon.modules.supervision import services
from perezvon.modules.supervision.selectors import ASK, WATCH, unread_messages

_LONGEST_NUMBER = 9


@needs(WATCH)
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """To one (`user`), to those of a queue, or to all on shift."""
    by = person_of(request)
    user_id = _number(request.GET.get("user", ""))
    if request.method == "POST":
        with intent(command_id=command_id_of(request)):
            count = services.tell_operators(
                text=request.POST.get("text", ""),
                user_id=user_id,
                queue_id=_number(request.POST.get("queue", "")),
                by=by,
                now=clock.now(),
            )
        told = ngettext("Sent to {count} desk.", "Sent to {count} desks.", count).format(count=count)
        tone = "good" if count else "warn"
        return trigger_client_event(HttpResponse(""), "toast", {"text": told, "tone": tone})
    context = {
        "user": get_agent(user_id, by=by).user if user_id is not None else None,
        "queues": [(queue.pk, str(queue)) for queue in list_queues(by=by)],
        "title": _("Message to the floor"),
    }
    return render(request, "supervision/_write.html", context)


@needs(ASK)
@require_GET
def strip(request: HttpRequest) -> HttpResponse:
    """What stands above the work until it is read; nothing most of the time."""
    return _strip(request)


@needs(ASK)
@require_POST
def read(request: HttpRequest, message_id: UUID) -> HttpResponse:
    services.read_message(message_id=message_id, by=person_of(request), now=clock.now())
    return _strip(request)


def _strip(request: HttpRequest) -> HttpResponse:
    messages = unread_messages(person_of(request))
    return render(request, "supervision/_messages.html", {"messages": messages, "now": clock.now()})


def _number(text: str) -> int | None:
    """None for what was left out. Raises NotFound for what is none."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > _LONGEST_NUMBER:
        raise NotFound(key=text[:20])
    return int(text)
