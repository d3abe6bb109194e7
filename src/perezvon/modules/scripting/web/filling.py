"""Questionnaires that somebody goes through by himself: a customer by a link that he was sent, an operator for trial.

Both pages need no script of the browser's: a form, and an answer that is the next page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perezvon.cores.scripting import look, step
from perezvon.cores.scripting.knowing import node_of, text_in
from perezvon.cores.scripting.model import Answer, Back, Input, Keep, Missing, Node, Stored
from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs, needs_nothing, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import say, words_for
from perezvon.kernel.errors import PerezvonError, Refused
from perezvon.modules.customers.models import ContactPoint, Customer
from perezvon.modules.customers.selectors import get_customer
from perezvon.modules.interactions.services import contact_in_hand
from perezvon.modules.scripting import services
from perezvon.modules.scripting.selectors import RUN, published, surroundings
from perezvon.modules.scripting.selectors.panel import step_of
from perezvon.modules.scripting.trial import MOST_INPUTS, try_out
from perezvon.modules.scripting.web.typed import typed_values

_UNPROCESSABLE, _LONGEST = 422, 500_000
_INVITE = "messages.send"


# --- a customer ---


@needs_nothing("a customer answers one questionnaire, by a link that only he was sent, until he has come to its end")
@require_http_methods(["GET", "POST"])
def fill(request: HttpRequest, token: str) -> HttpResponse:
    now = clock.now()
    try:
        filling = services.open_filling(token, now=now)
    except (services.NotInvited, services.InvitedTooLate) as refused:
        return _public(request, {"refusal": words_for(refused)}, refused.http_status)
    problems: Sequence[Missing] = ()
    said = ""
    if request.method == "POST":
        values = typed_values(request.POST, _node(filling))
        try:
            filling = _answered(request, token, filling, values)
        except services.NotPossible as refused:
            problems = refused.facts.get("problems", ())  # type: ignore[assignment]
            said = "" if problems else words_for(refused)
            filling = replace(filling, talk=step(filling.stage, filling.talk, Keep(values), now).run)
        except services.Moved as refused:
            said = words_for(refused)
    elif "django_language" not in request.COOKIES:
        translation.activate(filling.invitation.customer.language)
    if filling.talk.ended_at is not None:
        return _public(request, {"filling": filling, "name": _name(filling), "is_over": True})
    view = look(filling.stage, filling.talk, now)
    context = {
        "filling": filling,
        "name": _name(filling),
        "step": step_of(view, problems),
        "said": said,
        "revision": filling.revision,
    }
    return _public(request, context, _UNPROCESSABLE if problems or said else 200)


def _node(filling: services.Filling) -> Node:
    return node_of(filling.stage.library, filling.talk.here)


def _answered(
    request: HttpRequest, token: str, filling: services.Filling, values: Mapping[str, Stored]
) -> services.Filling:
    act, _colon, way = request.POST.get("act", "answer:").partition(":")
    given: list[Input] = (
        [Keep(values), Back()] if act == "back" else services.read_through(filling, Answer(values, way))
    )
    text = request.POST.get("revision", "")
    revision = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    return services.answer_invitation(token=token, given=given, revision=revision, by=services.BY, now=clock.now())


def _name(filling: services.Filling) -> str:
    drawn = filling.stage.library[filling.invitation.scenario.code]
    return text_in(drawn.name or filling.invitation.scenario.name, (filling.talk.language, *drawn.languages))


def _public(request: HttpRequest, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "scripting/fill.html", dict(context), status=status)
    response["Cache-Control"] = "no-store"
    # Not "no-referrer": browsers would then send "Origin: null" with the form, which is refused as a stranger's.
    response["Referrer-Policy"] = "same-origin"
    return response


# --- asking him ---


@needs(_INVITE)
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """A dialog: which questionnaire, and where the link goes."""
    by, now = person_of(request), clock.now()
    customer = get_customer(customer_id, by=by)
    said, is_sent = "", False
    if request.method == "POST":
        channel, _colon, to = request.POST.get("to", "").partition(":")
        try:
            services.invite(
                scenario_id=_key(request.POST.get("scenario", "")), customer_id=customer.pk,
                way=services.Way(channel, to, contact_in_hand(customer.pk, by=by)), by=by, now=now,
            )  # fmt: skip
            is_sent = True
        except Refused as refused:
            said = words_for(refused)
    context = {
        "customer": customer,
        "scenarios": [(str(one.pk), str(one)) for one in services.to_fill_in(by=by)],
        "addresses": _addresses(customer),
        "chosen": request.POST,
        "said": said,
        "is_sent": is_sent,
        "days": services.ASKED_FOR.days,
    }
    return render(request, "scripting/_invite.html", context, status=_UNPROCESSABLE if said else 200)


def _addresses(customer: Customer) -> list[tuple[str, str, str]]:
    """(what the form sends, icon, words): mailboxes first, then numbers. One query."""
    points = customer.points.filter(struck_reason="").order_by("-is_main", "id")
    mail = [(f"email:{one.raw}", "mail", one.raw) for one in points if one.kind == ContactPoint.Kind.EMAIL]
    phones = [one for one in points if one.kind == ContactPoint.Kind.PHONE and one.digits]
    return mail + [(f"sms:+{one.digits}", "message", f"+{one.digits}") for one in phones]


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


# --- trial ---


@needs(RUN)
@require_http_methods(["GET", "POST"])
def trial(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """A questionnaire gone through for trial: nothing is kept, the page itself remembers the answers (F03.20)."""
    by, now = person_of(request), clock.now()
    scenario = next((one for one in services.to_fill_in(by=by) if one.pk == scenario_id), None)
    if scenario is None:
        raise services.NotOffered(scenario=scenario_id)
    drawn, around = published(scenario), surroundings()
    inputs = _inputs(request.POST.get("inputs", ""))
    tried = try_out(drawn, around, inputs, language=by.language, context={}, now=now)
    problems: Sequence[Missing] = ()
    if request.method == "POST":
        values = typed_values(request.POST, tried.view.node)
        act, _colon, way = request.POST.get("act", "answer:").partition(":")
        ticks = [{"do": "tick", "phrase": one.code} for one in tried.view.node.phrases]
        answer = {"do": "answer", "values": values, "way": way}
        given = [*inputs, {"do": "back"}] if act == "back" else [*inputs, *ticks, answer]
        again = try_out(drawn, around, given, language=by.language, context={}, now=now)
        if again.refused is None:
            inputs, tried = given, again
        else:
            problems, typed = again.refused.problems, [*inputs, {"do": "keep", "values": values}]
            tried = try_out(drawn, around, typed, language=by.language, context={}, now=now)
    context = {
        "name": str(scenario),
        "step": None if tried.run.ended_at else step_of(tried.view, problems),
        "is_over": tried.run.ended_at is not None,
        "inputs": json.dumps(inputs),
        "url": reverse("scripting:try", args=[scenario.pk]),
        "back_url": reverse("telephony:equipment"),
    }
    return render_page(
        request, "scripting/try.html", context, part="workspace", status=_UNPROCESSABLE if problems else 200
    )


def _inputs(text: str) -> list[dict[str, Any]]:
    """What the page remembered; rubbish is nothing."""
    try:
        found = json.loads(text) if text and len(text) < _LONGEST else []
    except (ValueError, RecursionError):
        return []
    rows = found if isinstance(found, list) else []
    return [one for one in rows if isinstance(one, dict)][:MOST_INPUTS]


# --- words ---


@say("scripting.not_invited")
def _not_invited(_error: PerezvonError) -> str:
    return _("This link leads nowhere. Check that you have copied all of it.")


@say("scripting.invited_too_late")
def _too_late(_error: PerezvonError) -> str:
    return _("These questions were answered already, or the time for them is over. Thank you.")


@say("scripting.cannot_invite")
def _cannot_invite(error: PerezvonError) -> str:
    reasons = {
        "no_url": _("Customers cannot reach this installation: it has no public address."),
        "not_plain": _("This questionnaire asks for more than a customer can answer alone."),
        "nobody": _("The customer has neither a mailbox nor a number."),
    }
    return reasons[str(error.facts["reason"])]
