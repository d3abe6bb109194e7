"""`/desk/`: one document for the whole shift, and the parts that it fetches."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.places import nav_for
from perezvon.foundation.web.render import is_swap
from perezvon.modules.customers.selectors import get_customer_with_details
from perezvon.modules.desk import services
from perezvon.modules.desk.screens import card, work
from perezvon.modules.desk.screens.callbar import Bar, bar_of
from perezvon.modules.interactions import services as interactions
from perezvon.modules.interactions.identification import gate_view, products_view
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import get_interaction

USE = "telephony.use"
WRITE = "interactions.write"


@needs(USE)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The document; inside it every part comes from the same functions as the swaps."""
    by, now = person_of(request), clock.now()
    bar = bar_of(by, now)
    context = _bar_context(bar, by, now) | _rail_context(bar, by, now) | _strip_context(bar, by, now)
    context |= _workspace_context(bar, by, now)
    part = "desk/desk.html#workspace" if is_swap(request) else "desk/desk.html"
    return render(request, part, context)


@needs(USE)
@require_GET
def callbar(request: HttpRequest) -> HttpResponse:
    by, now = person_of(request), clock.now()
    return render(request, "desk/_callbar.html", _bar_context(bar_of(by, now), by, now))


@needs(USE)
@require_GET
def rail_work(request: HttpRequest) -> HttpResponse:
    by, now = person_of(request), clock.now()
    return render(request, "desk/_rail_work.html", _rail_context(bar_of(by, now), by, now))


@needs(USE)
@require_GET
def notestrip(request: HttpRequest) -> HttpResponse:
    by, now = person_of(request), clock.now()
    return render(request, "desk/_notestrip.html", _strip_context(bar_of(by, now), by, now))


@needs(USE)
@require_GET
def workspace(request: HttpRequest) -> HttpResponse:
    """What stands in the middle now: my day, who is calling, the card, or the write-up."""
    by, now = person_of(request), clock.now()
    return render(request, "desk/desk.html#workspace", _workspace_context(bar_of(by, now), by, now))


@needs(USE)
@require_GET
def helper(request: HttpRequest) -> HttpResponse:
    by, now = person_of(request), clock.now()
    bar = bar_of(by, now)
    contact = _contact_in_hand(bar, by)
    return _helper(request, contact) if contact else render(request, "desk/desk.html#helper", {"now": now})


# --- parts --------------------------------------------------------------------------------------------


def _bar_context(bar: Bar, by: Person, now: object) -> dict[str, Any]:
    context: dict[str, Any] = {"agent": bar.agent, "call": bar.call, "now": now, "saving": True}
    if bar.call is None:
        context["day"] = work.my_day(by, clock.now())
    return context


def _rail_context(bar: Bar, by: Person, now: object) -> dict[str, Any]:
    return {"nav": nav_for(by), "work": work.rail_work(bar), "waiting": [], "now": now}


def _strip_context(bar: Bar, by: Person, now: object) -> dict[str, Any]:
    strip = work.note_strip(bar.call.interaction_id if bar.call and bar.call.state != "ringing" else None, by)
    return {
        "strip_contact": strip.contact,
        "contact": strip.contact,
        "draft": strip.draft,
        "draft_url": strip.draft_url,
        "note_url": strip.note_url,
        "now": now,
    }


def _contact_in_hand(bar: Bar, by: Person) -> Interaction | None:
    if bar.call is None or not Interaction.objects.filter(pk=bar.call.interaction_id).exists():
        return None
    return get_interaction(bar.call.interaction_id, by=by)


def _workspace_context(bar: Bar, by: Person, now: Any) -> dict[str, Any]:
    contact = _contact_in_hand(bar, by)
    if contact is None or bar.call is None:
        return {"screen": "home", "home": work.home(by, now), "now": now}
    helper_context = {"helper_contact": work.contact_view(contact, gate_view(contact, by=by))}
    if bar.call.state == "wrapup":
        return helper_context | _write_up_context(contact, bar, {}, [], now)
    if bar.call.state in {"ringing", "dialling"} or contact.customer_id is None:
        found = card.found_by_number(bar.call, contact, by)
        screen = "dialling" if bar.call.state == "dialling" else "ringing"
        return helper_context | {"screen": screen, "call": bar.call, "found": found, "why": [], "now": now}
    return helper_context | card_context(contact, by, now)


def card_context(contact: Interaction, by: Person, now: Any) -> dict[str, Any]:
    """The linked customer's card, in a contact."""
    if contact.customer_id is None:
        raise LookupError("a contact without a customer has no card")
    customer = get_customer_with_details(contact.customer_id, by=by)
    gate = gate_view(contact, by=by)
    strip = card.client_strip(customer, contact, gate, now)
    return {
        "screen": "card",
        "customer": strip,
        "linked": {
            "number": contact.clarified or contact.address,
            "unlink_url": reverse("desk:unlink", args=[contact.pk]),
        },
        "actions": [],
        "groups": card.card_groups(customer, products_view(contact, by=by), gate.get("url", "")),
        "cases": [],
        "entries": card.timeline(customer, contact, by),
        "timeline": {"entries": card.timeline(customer, contact, by), "filters": [], "more_url": ""},
        "now": now,
    }


def _write_up_context(
    contact: Interaction, bar: Bar, given: dict[str, str], missing: list[str], now: Any
) -> dict[str, Any]:
    shown = work.contact_view(contact, {"state": "unneeded", "text": "", "url": ""})
    form = work.write_up(contact, shown, bar, given, missing, now)
    return {
        "screen": "write_up",
        "contact": form.contact,
        "results": form.results,
        "callback": form.callback,
        "comment": form.comment,
        "missing": form.missing,
        "finish": form.finish,
        "next_label": form.next_label,
        "save_url": form.save_url,
        "now": now,
    }


def _helper(request: HttpRequest, contact: Interaction, *, saved: bool = False) -> HttpResponse:
    by = person_of(request)
    view = work.contact_view(contact, gate_view(contact, by=by))
    return render(request, "desk/_contact.html", {"contact": view, "saved": saved, "now": clock.now()})


# --- a contact ----------------------------------------------------------------------------------------


@needs(WRITE)
@require_POST
def link(request: HttpRequest, interaction_id: UUID, customer_id: UUID) -> HttpResponse:
    interactions.link_customer(
        interaction_id=interaction_id, customer_id=customer_id, by=person_of(request), now=clock.now()
    )
    return workspace_after(request)


@needs(WRITE)
@require_POST
def unlink(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    interactions.link_customer(interaction_id=interaction_id, customer_id=None, by=person_of(request), now=clock.now())
    return workspace_after(request)


@needs(WRITE)
@require_POST
def anonymous(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """Nobody known: the contact goes to the project's record for such (F01.30, F05.10)."""
    services.link_anonymous(interaction_id=interaction_id, by=person_of(request), now=clock.now())
    return workspace_after(request)


def workspace_after(request: HttpRequest) -> HttpResponse:
    by, now = person_of(request), clock.now()
    return render(request, "desk/desk.html#workspace", _workspace_context(bar_of(by, now), by, now))


@needs(WRITE)
@require_POST
def topics(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    by = person_of(request)
    topic_id = int(request.POST.get("topic", "0") or 0)
    interactions.add_topic(interaction_id=interaction_id, topic_id=topic_id, by=by, now=clock.now())
    return _helper(request, get_interaction(interaction_id, by=by), saved=True)


@needs(WRITE)
@require_POST
def topic_remove(request: HttpRequest, interaction_id: UUID, topic_id: int) -> HttpResponse:
    by = person_of(request)
    interactions.remove_topic(interaction_id=interaction_id, topic_id=topic_id, by=by, now=clock.now())
    return _helper(request, get_interaction(interaction_id, by=by), saved=True)


@needs(WRITE)
@require_POST
def speaker(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    interactions.name_speaker(
        interaction_id=interaction_id,
        speaker=request.POST.get("speaker", ""),
        on_behalf=request.POST.get("on_behalf", ""),
        by=person_of(request),
        now=clock.now(),
    )
    return HttpResponse(status=204)


@needs(WRITE)
@require_POST
def note(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    by, now = person_of(request), clock.now()
    services.add_note(interaction_id=interaction_id, text=request.POST.get("text", ""), by=by, now=now)
    return render(request, "desk/_notestrip.html", _strip_context(bar_of(by, now), by, now))


@needs(WRITE)
@require_POST
def draft(request: HttpRequest, interaction_id: UUID, field: str) -> HttpResponse:
    kept = services.save_draft(
        subject=f"interaction:{interaction_id}",
        field=field,
        text=request.POST.get("text", ""),
        by=person_of(request),
        now=clock.now(),
    )
    response = HttpResponse(status=204)
    response["X-Saved-At"] = kept.saved_at.isoformat()
    return response


@needs("interactions.view")
@require_GET
def write_up(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """One contact, to be read, or written up later."""
    by, now = person_of(request), clock.now()
    contact = get_interaction(interaction_id, by=by)
    bar = bar_of(by, now)
    context = _bar_context(bar, by, now) | _rail_context(bar, by, now) | _strip_context(bar, by, now)
    context |= {"helper_contact": work.contact_view(contact, gate_view(contact, by=by))}
    context |= _write_up_context(contact, bar, contact.result_fields, [], now)
    part = "desk/desk.html#workspace" if is_swap(request) else "desk/desk.html"
    return render(request, part, context)


@needs(WRITE)
@require_POST
def finish(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """Save the result; what is missing is said at the field, what was typed stays."""
    by, now = person_of(request), clock.now()
    given = {name: str(value) for name, value in request.POST.items()}
    result = given.get("result", "")
    try:
        services.finish(
            interaction_id=interaction_id,
            result=result,
            fields=work.result_fields(given, result),
            then=work.parse_choice(given.get("finish", "")),
            by=by,
            now=now,
        )
    except interactions.FieldsMissing as refused:
        missing = [str(name) for name in refused.facts["fields"]]  # type: ignore[attr-defined]
        contact = get_interaction(interaction_id, by=by)
        context = _write_up_context(contact, bar_of(by, now), given, missing, now)
        return render(request, "desk/_wrapup.html", context, status=422)
    return workspace_after(request)
