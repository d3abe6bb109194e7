"""`/desk/`: one document for the whole shift, and the parts that it fetches."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
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
from perezvon.modules.desk import services
from perezvon.modules.desk.screens import card, work
from perezvon.modules.desk.screens.callbar import Bar, bar_of
from perezvon.modules.desk.screens.identify import gate_view, products_view
from perezvon.modules.interactions import services as interactions
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import get_interaction

USE = "telephony.use"
WRITE = "interactions.write"
UNCHANGED = 204


@needs(USE)
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The document; inside it every part comes from the same functions as the swaps."""
    by, now = person_of(request), clock.now()
    bar = bar_of(by, now)
    return _document(request, bar, _screen(bar, by, now), by, now)


@needs(USE)
@require_GET
def callbar(request: HttpRequest) -> HttpResponse:
    by, now = person_of(request), clock.now()
    return render(request, "desk/_callbar.html", _bar_part(bar_of(by, now), by, now) | {"now": now})


@needs(USE)
@require_GET
def rail_work(request: HttpRequest) -> HttpResponse:
    by, now = person_of(request), clock.now()
    return render(request, "desk/_rail_work.html", _rail_part(bar_of(by, now), by) | {"now": now})


@needs(USE)
@require_GET
def notestrip(request: HttpRequest) -> HttpResponse:
    by, now = person_of(request), clock.now()
    return render(request, "desk/_notestrip.html", _note_part(bar_of(by, now), by) | {"now": now})


@needs(USE)
@require_GET
def workspace(request: HttpRequest) -> HttpResponse:
    """What stands in the middle now. 204 when the browser shows just that (`shown`): nothing typed is disturbed."""
    by, now = person_of(request), clock.now()
    screen = _screen(bar_of(by, now), by, now)
    if request.GET.get("shown") == screen["screen_key"]:
        return HttpResponse(status=UNCHANGED)
    return render(request, "desk/desk.html#workspace", screen | {"now": now})


@needs(USE)
@require_GET
def helper(request: HttpRequest) -> HttpResponse:
    by, now = person_of(request), clock.now()
    contact = _contact_in_hand(bar_of(by, now), by)
    if request.GET.get("helper_shown") == _helper_key(contact):
        return HttpResponse(status=UNCHANGED)
    return _helper(request, contact)


# --- parts --------------------------------------------------------------------------------------------


def _document(request: HttpRequest, bar: Bar, screen: dict[str, Any], by: Person, now: datetime) -> HttpResponse:
    if is_swap(request):
        return render(request, "desk/desk.html#workspace", screen | {"now": now})
    contact = _contact_in_hand(bar, by)
    context: dict[str, Any] = {
        "bar": _bar_part(bar, by, now),
        "rail": _rail_part(bar, by),
        "note": _note_part(bar, by),
        "contact": work.contact_view(contact, gate_view(contact, by=by)) if contact else None,
        "helper_key": _helper_key(contact),
        "announcements": [],
        "tabs": [],
        "search_url": reverse("customers:office"),
        "phone_url": reverse("telephony:phone_offer"),
        "now": now,
    }
    return render(request, "desk/desk.html", context | screen)


def _bar_part(bar: Bar, by: Person, now: datetime) -> dict[str, Any]:
    day = work.my_day(by, now) if bar.call is None else None
    return {"agent": bar.agent, "call": bar.call, "day": day, "saving": True}


def _rail_part(bar: Bar, by: Person) -> dict[str, Any]:
    return {"nav": nav_for(by, "desk:desk"), "work": work.rail_work(bar), "waiting": []}


def _note_part(bar: Bar, by: Person) -> dict[str, Any]:
    """Nothing can be written while it rings: nothing is known of it yet."""
    begun = bar.call is not None and bar.call.state != "ringing"
    strip = work.note_strip(bar.call.interaction_id if bar.call and begun else None, by)
    return {
        "contact": strip.contact,
        "draft": strip.draft,
        "draft_url": strip.draft_url,
        "note_url": strip.note_url,
    }


def _contact_in_hand(bar: Bar, by: Person) -> Interaction | None:
    """The contact of the call in hand; None for a moment, until the engine has written it."""
    if bar.call is None or not Interaction.objects.filter(pk=bar.call.interaction_id).exists():
        return None
    return get_interaction(bar.call.interaction_id, by=by)


def _helper_key(contact: Interaction | None) -> str:
    return f"{contact.pk}:{contact.version}" if contact else "none"


def _screen(bar: Bar, by: Person, now: datetime) -> dict[str, Any]:
    """The workspace: my day, who is calling, the card, or the write-up; and a key that names it."""
    contact = _contact_in_hand(bar, by)
    if contact is None or bar.call is None:
        return {"home": _values(work.home(by, now)), "screen_key": "home"}
    call = bar.call
    if call.state == "wrapup":
        return write_up_screen(contact, bar, {}, [], now)
    key = f"{contact.pk}:{contact.customer_id}:{contact.clarified}"
    if call.card_later or call.state == "ringing" or contact.customer_id is None:
        found = card.found_for(call, contact, by, now)
        return {"ringing": {"call": call, "found": found, "why": []}, "screen_key": f"{call.state}:{key}"}
    gate = gate_view(contact, by=by)["state"]
    return {"card": card_part(contact, contact.customer_id, by, now), "screen_key": f"card:{key}:{gate}"}


def card_part(contact: Interaction, customer_id: UUID, by: Person, now: datetime) -> dict[str, Any]:
    """The linked customer's card, in a contact."""
    customer = card.customer_with_details(customer_id, by)
    gate = gate_view(contact, by=by)
    linked = {
        "number": contact.clarified or contact.address,
        "unlink_url": reverse("desk:unlink", args=[contact.pk]),
    }
    return {
        "customer": card.client_strip(customer, contact, gate, now),
        "linked": linked,
        "actions": [],
        "groups": card.card_groups(customer, products_view(contact, by=by), gate.get("url", "")),
        "cases": [],
        "timeline": {"entries": card.timeline(customer, contact, by), "filters": [], "more_url": ""},
    }


def write_up_screen(
    contact: Interaction, bar: Bar, given: dict[str, str], missing: list[str], now: datetime
) -> dict[str, Any]:
    shown = work.contact_view(contact, {"state": "unneeded", "text": "", "url": ""})
    form = work.write_up(contact, shown, bar, given, missing, now)
    return {"wrapup": _values(form), "screen_key": f"wrapup:{contact.pk}"}


def _values(form: work.WriteUp | work.Home) -> dict[str, Any]:
    return {field.name: getattr(form, field.name) for field in fields(form)}


def _helper(request: HttpRequest, contact: Interaction | None, *, saved: bool = False) -> HttpResponse:
    view = work.contact_view(contact, gate_view(contact, by=person_of(request))) if contact else None
    context = {"contact": view, "helper_key": _helper_key(contact), "saved": saved, "now": clock.now()}
    return render(request, "desk/desk.html#helper", context)


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
    return render(request, "desk/desk.html#workspace", _screen(bar_of(by, now), by, now) | {"now": now})


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
    return render(request, "desk/_notestrip.html", _note_part(bar_of(by, now), by) | {"now": now})


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
    return _document(request, bar, write_up_screen(contact, bar, contact.result_fields, [], now), by, now)


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
        screen = write_up_screen(contact, bar_of(by, now), given, missing, now)
        return render(request, "desk/desk.html#workspace", screen | {"now": now}, status=422)
    return workspace_after(request)
