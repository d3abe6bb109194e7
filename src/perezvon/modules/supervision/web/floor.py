"""The monitor: what waits, who works, how well it goes; live. Two faces, one to work with and one for the wall."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from perezvon.cores.calls.words import Act
from perezvon.cores.routing import AgentStatus, Presence
from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.intents import command_id_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.errors import NotFound
from perezvon.kernel.ids import uuid7
from perezvon.modules.routing.selectors import STATE_WORDS, get_agent, list_reasons
from perezvon.modules.routing.services import set_presence
from perezvon.modules.supervision import services
from perezvon.modules.supervision.models import Threshold
from perezvon.modules.supervision.selectors import (
    AgentNow,
    CallNow,
    Floor,
    QueueNow,
    call_of,
    get_floor,
    list_thresholds,
)
from perezvon.modules.telephony.services import Click, supervise

EVERY_S = 1
_TONES = {
    AgentStatus.READY: "good",
    AgentStatus.RINGING: "ring",
    AgentStatus.BUSY: "talk",
    AgentStatus.WRAP_UP: "warn",
    AgentStatus.MISSED: "bad",
    AgentStatus.NO_PHONE: "bad",
}
SUPERVISE = "telephony.supervise"
_WAYS: tuple[tuple[Act, Promise, str], ...] = (
    (Act.LISTEN, lazy("Listen"), "headphones"),
    (Act.WHISPER, lazy("Whisper"), "message-2"),
    (Act.BARGE, lazy("Barge in"), "users"),
    (Act.TAKE_OVER, lazy("Take the call over"), "arrow-forward-up"),
)
_ON_SHIFT = [status for status in AgentStatus if status is not AgentStatus.OUT]
_FIELDS = ("wait_s", "level_percent", "lost_percent")
_LONGEST_NUMBER = 6


@needs("supervision.watch")
@require_GET
def floor(request: HttpRequest) -> HttpResponse:
    """The page; what moves in it is fetched by itself, unless it is paused (WCAG 2.2.2)."""
    by = person_of(request)
    context = _now(request, by) | {"may_set_up": by.may("supervision.set_up")}
    return render_page(request, "supervision/floor.html", context, part="workspace")


@needs("supervision.watch")
@require_GET
def now(request: HttpRequest) -> HttpResponse:
    """What moves."""
    return render(request, "supervision/_now.html", _now(request, person_of(request)))


def _now(request: HttpRequest, by: Person) -> dict[str, Any]:
    at = clock.now()
    seen = get_floor(by=by, now=at)
    asked = {name: request.GET[name] for name in ("team", "state", "tv", "pause") if request.GET.get(name)}
    teams = {str(one.user.team_id): str(one.user.team) for one in seen.agents if one.user.team_id}
    shown = [one for one in seen.agents if _is_asked(one, asked)]
    return {
        "at": at,
        "tiles": _tiles(seen),
        "queues": [_queue(one, at) for one in seen.queues],
        "agents": [_agent(one) for one in shown] if "tv" not in asked else [],
        "off_shift": seen.counts.get(AgentStatus.OUT, 0),
        "teams": sorted(teams.items(), key=lambda team: team[1]),
        "states": [(status.value, str(STATE_WORDS[status])) for status in AgentStatus],
        "asked": asked,
        "is_tv": "tv" in asked,
        "is_paused": "pause" in asked,
        "every": EVERY_S,
        "now_url": f"{reverse('supervision:now')}?{urlencode(asked)}",
        "pause_url": _url(asked, pause=None if "pause" in asked else "1"),
        "tv_url": _url(asked, tv=None if "tv" in asked else "1"),
        "may_change": by.may("routing.set_presence") and "tv" not in asked,
    }


def _url(asked: dict[str, str], **changed: str | None) -> str:
    wanted = {name: value for name, value in (asked | changed).items() if value}
    return f"{reverse('supervision:floor')}?{urlencode(wanted)}" if wanted else reverse("supervision:floor")


def _is_asked(one: AgentNow, asked: dict[str, str]) -> bool:
    """Who is off shift is counted, and shown to whoever asks for him."""
    state = asked.get("state", "")
    if one.status.value != state if state else one.status is AgentStatus.OUT:
        return False
    return asked.get("team", str(one.user.team_id)) == str(one.user.team_id)


def _tiles(seen: Floor) -> list[dict[str, Any]]:
    """What each number is stands below it, as the report says it."""
    longest, level, lost = seen.longest, seen.recent.service_level_percent, seen.today.abandoned_percent
    return [
        {
            "title": _("In queue"),
            "value": seen.waiting,
            "unit": "count",
            "about": _("calls that wait or are being offered"),
            "bad": any(one.waits_too_long(seen.at) for one in seen.queues),
        },
        {
            "title": _("Longest wait"),
            "since": longest.since if longest else None,
            "about": str(longest.queue) if longest else _("nobody waits"),
            "bad": bool(longest and any(one.waits_too_long(seen.at) for one in seen.queues)),
        },
        {
            "title": _("Service level"),
            "value": level,
            "unit": "percent",
            "about": _("answered in time, of the calls of the last 30 minutes"),
            "bad": any(one.is_below_level for one in seen.queues),
        },
        {
            "title": _("Lost"),
            "value": lost,
            "unit": "percent",
            "about": ngettext("{lost} of {total} call today", "{lost} of {total} calls today", seen.today.total).format(
                lost=seen.today.abandoned, total=seen.today.total
            ),
            "bad": any(one.loses_too_many for one in seen.queues),
        },
        {
            "title": _("Operators"),
            "value": sum(seen.counts.get(status, 0) for status in _ON_SHIFT),
            "unit": "count",
            "about": _on_shift(seen),
            "bad": False,
        },
    ]


def _on_shift(seen: Floor) -> str:
    said = [f"{STATE_WORDS[status]} {seen.counts[status]}" for status in _ON_SHIFT if seen.counts.get(status)]
    return ", ".join(said) or _("nobody is on shift")


def _queue(one: QueueNow, at: datetime) -> dict[str, Any]:
    """Colour and "!" together, and words for those who see neither."""
    bad = {"wait": one.waits_too_long(at), "level": one.is_below_level, "lost": one.loses_too_many}
    limits = one.threshold
    words = {
        "wait": _("more than {seconds} s").format(seconds=limits.wait_s),
        "level": _("less than {percent} %").format(percent=limits.level_percent),
        "lost": _("more than {percent} %").format(percent=limits.lost_percent),
    }
    return {
        "name": str(one.queue),
        "waiting": one.waiting,
        "since": one.since,
        "ready": one.ready,
        "level": one.recent.service_level_percent,
        "lost": one.today.abandoned_percent,
        "calls": one.today.total,
        "why": {name: words[name] for name, is_bad in bad.items() if is_bad},
    }


def _agent(one: AgentNow) -> dict[str, Any]:
    return {
        "id": one.user.pk,
        "name": one.user.short_name,
        "team": str(one.user.team or ""),
        "label": one.label,
        "tone": _TONES.get(one.status, ""),
        "since": one.since,
        "late": one.late,
        "queue": one.queue,
        "asks": one.asks,
    }


# --- what is done to an operator ---


@needs("routing.set_presence")
@require_GET
def agent(request: HttpRequest, user_id: int) -> HttpResponse:
    """The dialog in which his state is changed."""
    by = person_of(request)
    found = get_agent(user_id, by=by)
    choices = [(Presence.READY.value, "", _("Ready"))]
    choices += [(Presence.NOT_READY.value, reason.code, str(reason)) for reason in list_reasons()]
    choices += [(Presence.OUT.value, "", _("End the shift"))]
    call = call_of(user_id, by=by) if by.may(SUPERVISE) else None
    context = {"user": found.user, "choices": choices, "call": shown_call(call) if call else None}
    return render(request, "supervision/_agent.html", context)


def shown_call(call: CallNow) -> dict[str, Any]:
    """As supervision/_ways.html takes it."""
    return {
        "id": call.id,
        "who": call.customer or (f"+{call.number}" if call.number.isdecimal() else _("Number withheld")),
        "number": call.number,
        "since": call.since,
        "ways": [(act.value, label, icon) for act, label, icon in _WAYS],
    }


@needs(SUPERVISE)
@require_POST
def join(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The supervisor's own phone answers by itself; his desk shows the call."""
    wanted = request.POST.get("act", "")
    if wanted not in {act.value for act, _label, _icon in _WAYS}:
        raise NotFound(act=wanted)
    command_id = command_id_of(request) or uuid7(clock.now())
    with intent(command_id=command_id):
        click = Click(command_id, Act(wanted))
        supervise(call_id=call_id, click=click, by=person_of(request), now=clock.now())
    told = _("You are being connected; the call stands at the top of your desk.")
    return trigger_client_event(HttpResponse(""), "toast", {"text": told, "tone": "good"})


@needs("routing.set_presence")
@require_POST
def presence(request: HttpRequest, user_id: int) -> HttpResponse:
    """He is told who did it: his desk shows the state at once, the log keeps the name."""
    by, wanted = person_of(request), request.POST.get("presence", "")
    if wanted not in set(Presence):
        raise NotFound(presence=wanted)
    found = get_agent(user_id, by=by)
    with intent(command_id=command_id_of(request)):
        set_presence(
            user_id=user_id,
            presence=Presence(wanted),
            reason=request.POST.get("reason", ""),
            by=by,
            now=clock.now(),
        )
    told = _("{name}: the new state was asked for; work in hand is finished first.").format(name=found.user.short_name)
    return trigger_client_event(HttpResponse(""), "toast", {"text": told, "tone": "good"})


# --- when it warns ---


@needs("supervision.set_up")
@require_http_methods(["GET", "POST"])
def thresholds(request: HttpRequest) -> HttpResponse:
    """Of all queues on one page; nothing is saved while one of them is wrong."""
    by = person_of(request)
    known = list_thresholds(by=by)
    if request.method == "GET":
        return _thresholds(request, _rows(known))
    limits = {one.queue_id: _limits(request, one.queue_id) for one in known}
    wrong = {queue for queue, found in limits.items() if found is None}
    if wrong:
        return _thresholds(request, _rows(known, request, wrong), status=422)
    with intent(command_id=command_id_of(request)):
        for queue, found in limits.items():
            if found is not None:
                services.set_threshold(queue_id=queue, limits=found, by=by, now=clock.now())
    return HttpResponseRedirect(reverse("supervision:floor"))


def _limits(request: HttpRequest, queue: int) -> services.Limits | None:
    """None of what are no numbers, or none that can be."""
    typed = [request.POST.get(f"{name}_{queue}", "").strip() for name in _FIELDS]
    if not all(text.isdecimal() and len(text) <= _LONGEST_NUMBER for text in typed):
        return None
    numbers = [int(text) for text in typed]
    limits = services.Limits(*numbers)
    return limits if services.is_sound(limits) else None


def _rows(
    known: Iterable[Threshold], request: HttpRequest | None = None, wrong: Iterable[int] = ()
) -> list[dict[str, Any]]:
    bad = set(wrong)
    return [
        {
            "queue": one.queue,
            "is_wrong": one.queue_id in bad,
            "fields": [
                {
                    "name": f"{name}_{one.queue_id}",
                    "value": request.POST.get(f"{name}_{one.queue_id}", "") if request else getattr(one, name),
                }
                for name in _FIELDS
            ],
        }
        for one in known
    ]


def _thresholds(request: HttpRequest, rows: list[dict[str, Any]], status: int = 200) -> HttpResponse:
    context = {
        "rows": rows,
        "steps": [{"label": _("Monitor"), "url": reverse("supervision:floor")}, {"label": _("Thresholds"), "url": ""}],
        "has_wrong": any(row["is_wrong"] for row in rows),
    }
    return render_page(request, "supervision/thresholds.html", context, part="workspace", status=status)
