"""Who carries messages: a mail server, a gateway; for all projects or for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.messages import services
from perezvon.foundation.messages.connectors import KEPT, kind_of, kinds_for
from perezvon.foundation.messages.models import Channel, Sender
from perezvon.foundation.messages.selectors import SET_UP, VIEW, get_sender, list_senders
from perezvon.foundation.messages.services import SetUpWrong, WantedSender
from perezvon.foundation.messages.web.templates import number_of
from perezvon.foundation.messages.words import CONNECTORS, HINTS, SETTINGS, problem_words
from perezvon.foundation.people.models import Project
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound
from perezvon.ports.messages import Kind, Setting

_UNPROCESSABLE = 422


@needs(SET_UP)
@require_GET
def senders(request: HttpRequest) -> HttpResponse:
    """Those that are set up; a channel without one keeps its messages in a file."""
    rows = [{"sender": one, "connector": CONNECTORS.get(one.connector, one.connector)} for one in list_senders()]
    offers = [
        {
            "label": label,
            "kinds": [(kind.code, CONNECTORS.get(kind.code, kind.code)) for kind in kinds_for(code)],
            "code": code,
        }
        for code, label in Channel.choices
    ]
    kept = [label for code, label in Channel.choices if not any(_serves_all(row["sender"], code) for row in rows)]
    context = {"rows": rows, "offers": offers, "kept": kept, "saved": "saved" in request.GET}
    return render_page(request, "messages/senders.html", context, part="workspace")


def _serves_all(sender: object, channel: str) -> bool:
    return isinstance(sender, Sender) and sender.channel == channel and sender.in_use and sender.project_id is None


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def sender(request: HttpRequest, sender_id: int = 0) -> HttpResponse:
    """A new one of ?channel and ?connector, or one that there is. Its password is never shown again."""
    found = get_sender(sender_id) if sender_id else None
    channel = found.channel if found else request.GET.get("channel", "")
    code = found.connector if found else request.GET.get("connector", "")
    if channel not in Channel.values or code not in {kind.code for kind in kinds_for(channel)}:
        raise NotFound(connector=code)
    kind = kind_of(code)
    if request.method == "GET":
        return _form(request, found, channel, kind, {})
    wanted = WantedSender(
        channel=channel,
        connector=code,
        values={one.name: request.POST.get(one.name, "").replace("\r\n", "\n").strip() for one in kind.settings},
        project_id=number_of(request.POST.get("project", "")),
        secret=request.POST.get("secret", ""),
        in_use="in_use" in request.POST,
    )
    version = number_of(request.POST.get("version", "")) or 0
    try:
        services.put_sender(
            wanted=wanted, sender_id=sender_id or None, version=version, by=person_of(request), now=clock.now()
        )
    except SetUpWrong as wrong:
        return _form(request, found, channel, kind, wrong.facts["problems"], _UNPROCESSABLE)  # type: ignore[arg-type]
    return HttpResponseRedirect(f"{reverse('messages:senders')}?saved")


@needs(SET_UP)
@require_POST
def test(request: HttpRequest, sender_id: int) -> HttpResponse:
    """A message to see whether it arrives; what becomes of it is shown on its page."""
    by = person_of(request)
    message = services.send_test(
        sender_id=sender_id,
        to=request.POST.get("to", ""),
        text=_("A test message of Perezvon."),
        subject=_("A test message of Perezvon."),
        by=by,
        now=clock.now(),
    )
    if by.may(VIEW):
        return HttpResponseRedirect(reverse("messages:message", args=[message.pk]))
    return HttpResponseRedirect(f"{reverse('messages:senders')}?saved")


def _form(
    request: HttpRequest,
    found: Sender | None,
    channel: str,
    kind: Kind,
    problems: Mapping[str, Wrong],
    status: int = 200,
) -> HttpResponse:
    errors = {name: problem_words(wrong) for name, wrong in problems.items()}
    project = (
        request.POST.get("project", "") if request.method == "POST" else str(found.project_id or "") if found else ""
    )
    context = {
        "sender": found,
        "title": str(CONNECTORS.get(kind.code, kind.code)),
        "channel": Channel(channel).label,
        "fields": [_field(request, one, found, errors) for one in kind.settings],
        "projects": [(str(one.pk), str(one)) for one in Project.objects.order_by("number")],
        "project": project,
        "in_use": found.in_use if found else True,
        "is_kept": kind.code == KEPT,
        "errors": errors,
        "version": request.POST.get("version", found.version if found else ""),
        "save_url": request.get_full_path(),
        "report_url": request.build_absolute_uri(reverse("messages:report", args=[found.report_key]))
        if found and kind.reports
        else "",
    }
    return render_page(request, "messages/sender.html", context, part="workspace", status=status)


def _field(request: HttpRequest, one: Setting, found: Sender | None, errors: Mapping[str, str]) -> dict[str, Any]:
    kept = found.values.get(one.name, "") if found else one.default
    value = "" if one.kind == "secret" else request.POST.get(one.name, kept)
    hint = HINTS.get(one.name, "")
    if one.kind == "secret":
        hint = _("There is one; leave it empty to keep it.") if found and found.secret else _("It is not shown again.")
    return {
        "name": one.name,
        "kind": one.kind,
        "type": "password" if one.kind == "secret" else "text",
        "label": SETTINGS.get(one.name, one.name),
        "value": value,
        "choices": one.choices,
        "required": one.required,
        "hint": hint,
        "error": errors.get(one.name, ""),
    }
