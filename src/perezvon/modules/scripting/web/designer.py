"""The designer: its page, and what the drawing on it asks of the server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.cores.scripting import Flaw, Surroundings
from perezvon.cores.scripting.codec import Unreadable, read_scenario
from perezvon.cores.scripting.model import NotNow
from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.errors import Refused
from perezvon.modules.scripting import services
from perezvon.modules.scripting.knowledge import terms
from perezvon.modules.scripting.models import Scenario
from perezvon.modules.scripting.selectors import MANAGE, get_scenario, surroundings
from perezvon.modules.scripting.services.defining import Drawing, flaws_of
from perezvon.modules.scripting.trial import Tried, somebody, try_out
from perezvon.modules.scripting.web.palette import palette
from perezvon.modules.scripting.web.scenarios import steps
from perezvon.modules.scripting.words import answer_words, flaw_words, not_now_words


class UnreadableRequest(Refused):
    """Not what the page sends."""

    code = "scripting.unreadable_file"
    http_status = 422


@needs(MANAGE)
@require_GET
def designer(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """The drawing with all that the island needs, as JSON in the page."""
    by = person_of(request)
    scenario = get_scenario(scenario_id, by=by)
    drawn = {
        **_state(scenario),
        "language": get_language() or "ru",
        "flaws": _flaws(flaws_of(scenario.draft.document)),
        "urls": {
            name: reverse(f"scripting:{name}", args=[scenario.pk])
            for name in ("draft", "trial", "publish", "versions", "export", "load", "offering", "insight")
        },
        **palette(scenario, by),
    }
    context = {
        "scenario": scenario,
        "title": str(scenario),
        "steps": steps(str(scenario)),
        "drawn": json.dumps(drawn, ensure_ascii=False),
    }
    return render_page(request, "scripting/designer.html", context, part="workspace")


def _state(scenario: Scenario) -> dict[str, Any]:
    current = scenario.current
    return {
        "document": scenario.draft.document,
        "places": scenario.draft.places,
        "revision": scenario.draft.revision,
        "inForce": current.number if current else 0,
        "isNew": current is None or current.document.get("nodes") != scenario.draft.document.get("nodes"),
    }


def _flaws(found: list[Flaw]) -> list[dict[str, str]]:
    return [{"node": one.node, "code": one.code, "about": one.about, "words": flaw_words(one)} for one in found]


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """POST saves it and tells what is wrong with it; GET gives it as it is kept."""
    by = person_of(request)
    if request.method == "GET":
        return JsonResponse(_state(get_scenario(scenario_id, by=by)))
    sent = _sent(request)
    drawing = Drawing(_mapping(sent, "document"), _mapping(sent, "places"))
    revision = services.save_draft(
        scenario_id=scenario_id, revision=_number(sent), drawing=drawing, by=by, now=clock.now()
    )
    return JsonResponse({"revision": revision, "flaws": _flaws(flaws_of(drawing.document))})


@needs(MANAGE)
@require_POST
def publish(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """The draft of that revision, with a note what is new in it."""
    sent = _sent(request)
    version = services.publish_scenario(
        scenario_id=scenario_id, revision=_number(sent), note=str(sent.get("note", "")), by=person_of(request),
        now=clock.now(),
    )  # fmt: skip
    return JsonResponse({"number": version.number})


def _sent(request: HttpRequest) -> Mapping[str, Any]:
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        raise UnreadableRequest from None
    if not isinstance(sent, Mapping):
        raise UnreadableRequest
    return sent


def _mapping(sent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = sent.get(name)
    if not isinstance(value, Mapping):
        raise UnreadableRequest
    return value


def _number(sent: Mapping[str, Any]) -> int:
    value = sent.get("revision")
    return value if isinstance(value, int) else 0


# --- tried out ---


@needs(MANAGE)
@require_POST
def trial(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """What is drawn now, with a client who does not exist; nothing is written."""
    get_scenario(scenario_id, by=person_of(request))
    sent, now = _sent(request), clock.now()
    inputs = [one for one in sent.get("inputs", ()) if isinstance(one, Mapping)]
    facts = {str(code): str(text) for code, text in _mapping(sent, "facts").items()}
    try:
        scenario = read_scenario(_mapping(sent, "document"))
        if scenario.start not in scenario.nodes:
            return JsonResponse({"refused": flaw_words(Flaw("", "no_start"))})
        tried = try_out(
            scenario, _around(), inputs, language=str(sent.get("language", "ru")),
            context=somebody(terms(), facts, now), now=now,
        )  # fmt: skip
    except Unreadable as error:
        return JsonResponse({"refused": flaw_words(Flaw("", "unreadable", ", ".join(error.places[:3])))})
    except (NotNow, LookupError) as error:
        return JsonResponse({"refused": not_now_words(error if isinstance(error, NotNow) else NotNow("lost"))})
    return JsonResponse(_shown(tried))


def _around() -> Surroundings:
    return surroundings()


def _shown(tried: Tried) -> dict[str, Any]:
    view, refused = tried.view, tried.refused
    problems = {one.field: answer_words(one.code) for one in refused.problems} if refused else {}
    return {
        "node": view.node.id,
        "scenario": tried.run.here.place.scenario,
        "path": [step.place.node for step in tried.run.path],
        "kind": view.node.kind,
        "title": view.title,
        "text": view.text,
        "phrases": [
            {"code": one.code, "text": one.text, "mandatory": one.mandatory, "read": one.read_at is not None}
            for one in view.phrases
        ],
        "fields": [
            {
                "code": one.field.code,
                "ask": one.field.ask,
                "label": one.label,
                "value": one.value,
                "required": one.field.required,
                "options": one.options,
                "rows": one.rows,
                "problem": problems.get(one.field.code, ""),
            }
            for one in view.fields
        ],
        "ways": [
            {"code": one.code, "label": one.label, "leadsTo": one.leads_to, "locked": one.locked} for one in view.ways
        ],
        "jumps": view.jumps,
        "canGoBack": view.can_go_back,
        "canGoForward": view.can_go_forward,
        "waits": view.waits,
        "done": view.done,
        "ahead": view.ahead,
        "score": str(view.score),
        "result": view.result,
        "ended": view.ended_at is not None,
        "acts": [{"does": one.does, "gives": dict(one.gives)} for one in tried.done],
        "refused": not_now_words(refused) if refused else "",
        "unread": [one.field for one in refused.problems if one.code == "phrase"] if refused else [],
    }
