"""The step of a scenario in the helper panel: each click is one input of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from perezvon.cores.scripting.codec import read_run
from perezvon.cores.scripting.knowing import node_of
from perezvon.cores.scripting.model import (
    Answer,
    Back,
    Done,
    Forward,
    Input,
    JumpTo,
    Keep,
    Missing,
    Node,
    Skip,
    Speak,
    Stored,
    Tick,
)
from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.ui.parts import with_key
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.words import say, words_for
from perezvon.kernel.errors import PerezvonError, Refused
from perezvon.modules.customers.registry import contact_links
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import Run
from perezvon.modules.scripting.sections import customer_scenarios
from perezvon.modules.scripting.selectors import RUN, get_run, helper_panel, library_of
from perezvon.modules.scripting.web.typed import typed_values

UNCHANGED, UNPROCESSABLE = 204, 422
_LONGEST_NUMBER = 9


@needs(RUN)
@require_POST
def begin(request: HttpRequest, interaction_id: UUID, scenario_id: UUID) -> HttpResponse:
    """One click on the card or in the panel, and the contact is led by the scenario (F01.03). Whoever clicked on the
    customer's card gets its part anew, whoever did elsewhere goes to the desk; its panel hears of it by itself."""
    by, now = person_of(request), clock.now()
    with intent(_uuid(request.POST.get("command_id", ""))):
        run = services.begin_run(interaction_id=interaction_id, scenario_id=scenario_id, by=by, now=now)
    links = contact_links()
    if "away" in request.GET and links is not None:
        return HttpResponseRedirect(links.back_url(interaction_id))
    if "card" in request.GET and run.customer:
        shown = customer_scenarios(run.customer, by, now) or {}
        return HttpResponse(render_to_string("scripting/_customer.html", {**shown, "now": now}, request))
    return _panel(request, get_interaction(interaction_id, by=by), run)


@needs(RUN)
@require_POST
def give(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """What was pressed. Refused, the panel says what is missing, and nothing typed is lost."""
    by, now = person_of(request), clock.now()
    run = get_run(run_id, by=by)
    contact = get_interaction(run.interaction_id, by=by)
    values = typed_values(request.POST, _node(run))
    inputs = _inputs(request.POST.get("act", ""), values)
    try:
        with intent(_uuid(request.POST.get("command_id", ""))):
            run = services.give(run_id=run_id, given=inputs, revision=_revision(request), by=by, now=now)
    except services.NotPossible as refused:
        _keep(run, values, by, now)
        return _panel(request, contact, None, refused)
    except services.Moved as refused:
        return _panel(request, contact, None, refused)
    return _panel(request, get_interaction(contact.pk, by=by), run)


@needs(RUN)
@require_POST
def keep(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """What is typed so far."""
    by = person_of(request)
    run = get_run(run_id, by=by)
    if run.revision == _revision(request):
        _keep(run, typed_values(request.POST, _node(run)), by, clock.now())
    return HttpResponse(status=UNCHANGED)


@needs(RUN)
@require_POST
def catch_up(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Something has changed around the step, or its time is over; 204 when it stays as it is."""
    by = person_of(request)
    run = get_run(run_id, by=by)
    now_at = services.catch_up(run_id=run_id, by=by, now=clock.now())
    if now_at.revision == run.revision:
        return HttpResponse(status=UNCHANGED)
    return _panel(request, get_interaction(run.interaction_id, by=by), now_at)


def _keep(run: Run, values: Mapping[str, Stored], by: Person, now: datetime) -> None:
    if values and run.ended_at is None:
        services.keep(run_id=run.pk, given=Keep(values), by=by, now=now)


def _panel(request: HttpRequest, contact: Interaction, run: Run | None, refused: Refused | None = None) -> HttpResponse:
    """The panel anew. The focus stays in it, since he pressed something there; what a step opened is opened."""
    problems: Sequence[Missing] = refused.facts.get("problems", ()) if refused else ()  # type: ignore[assignment]
    said = words_for(refused) if refused and not problems else ""
    shown = helper_panel(contact, by=person_of(request), now=clock.now(), problems=problems, said=said)
    html: str = with_key(render_to_string("scripting/_panel.html", shown | {"now": clock.now()}, request))
    html = html.replace('id="script-step"', 'id="script-step" autofocus', 1)
    opened = render_to_string("scripting/_opened.html", {"opened": getattr(run, "opened", ())}, request)
    html = html.replace('<div id="script-opened" hidden></div>', f'<div id="script-opened" hidden>{opened}</div>', 1)
    return HttpResponse(html, status=UNPROCESSABLE if refused else 200)


# --- what the form says ---


def _node(run: Run) -> Node:
    return node_of(library_of(run.pinned), read_run(run.state).here)


def _inputs(act: str, values: Mapping[str, Stored]) -> list[Input]:
    """What was typed is kept whatever is pressed."""
    name, _colon, about = act.partition(":")
    typed: list[Input] = [Keep(values)] if values else []
    match name:
        case "back":
            return [*typed, Back()]
        case "forward":
            return [*typed, Forward()]
        case "jump":
            return [*typed, JumpTo(about)]
        case "tick":
            return [*typed, Tick(about)]
        case "speak":
            return [*typed, Speak(about)]
        case "skip":
            return [Skip()]
        case "done" | "failed":
            number = int(about) if about.isascii() and about.isdecimal() and len(about) < _LONGEST_NUMBER else 0
            return [Done(number, name == "done", said="" if name == "done" else _("said so by the operator"))]
        case _:
            return [Answer(values, about)]


def _revision(request: HttpRequest) -> int:
    text = request.POST.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < _LONGEST_NUMBER else 0


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


# --- words ---


@say("scripting.not_possible")
def _not_possible(error: PerezvonError) -> str:
    reasons = {
        "incomplete": _("Something is still missing in this step."),
        "choose": _("Choose how it goes on."),
        "needs": _("This way is not open yet."),
        "way": _("This way is not there any more."),
        "ended": _("This conversation is over."),
        "ringing": _("It can be begun once somebody has answered."),
        "first": _("This is the first step."),
        "last": _("There is nothing further on yet."),
        "too_long": _("This conversation has too many steps. End it and begin another one."),
    }
    return reasons.get(str(error.facts.get("reason")), _("This is not possible at this step."))


@say("scripting.moved")
def _moved(_error: PerezvonError) -> str:
    return _("The conversation has moved on meanwhile. Here is where it stands.")


@say("scripting.not_offered")
def _not_offered(_error: PerezvonError) -> str:
    return _("This scenario is not offered any more.")


@say("scripting.cannot_do")
def _cannot_do(error: PerezvonError) -> str:
    reasons = {
        "unknown": _("There is no such action in this installation."),
        "broken": _("It failed for a reason that was written down for the administrator."),
        "no_topic": _("The project has no topic “{about}”."),
        "no_result": _("The result “{about}” is not for this contact."),
        "no_product": _("No product “{about}” is offered in this project now."),
        "no_article": _("There is no article “{about}”."),
        "no_number": _("There is no number to send it to."),
        "no_contract": _("The customer has no contract that ends."),
        "no_mailbox": _("The customer has no e-mail address."),
        "no_call": _("There is no call in hand."),
        "no_kind": _("There are no cases of the kind “{about}” here."),
        "no_customer": _("Nobody knows yet who the customer is."),
    }
    words = reasons.get(str(error.facts.get("why")), _("It could not be done."))
    return words.format(about=error.facts.get("about", ""))
