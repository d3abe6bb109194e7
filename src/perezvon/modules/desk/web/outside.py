"""What the company's own base knows of a caller whom nobody here knows (F04.04). It may take seconds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.customers.selectors import BaseAway, NoSuchOutside, ask_outside, find_outside_source
from perezvon.modules.desk import services
from perezvon.modules.desk.screens.card import number_to_ask
from perezvon.modules.desk.web.views import workspace_after
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.ports.customers import OutsideCustomer


@needs("interactions.write")
@require_GET
def outside(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """Who has the number there; nothing is kept. Empty where no base is connected or somebody is linked already."""
    by = person_of(request)
    by.must("customers.view")
    contact = get_interaction(interaction_id, by=by)
    source, number = find_outside_source(contact.project_id), number_to_ask(contact)
    if source is None or not number or contact.customer_id:
        return HttpResponse()
    takes = "take" in request.GET and by.may("customers.register")
    context: dict[str, Any] = {
        "source": str(source),
        "number": f"+{number}",
        "take_url": reverse("desk:outside_take", args=[contact.pk]) if takes else "",
        "ask_url": request.get_full_path(),
    }
    try:
        context["people"] = [_person(one) for one in ask_outside(source, number)]
    except BaseAway:
        context["is_away"] = True
    return render(request, "desk/_outside.html", context)


@needs("interactions.write")
@require_POST
def outside_take(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """Take the one with `key` over. What is kept comes from that base and not from the request."""
    by, key = person_of(request), request.POST.get("key", "")
    by.must("customers.register")
    contact = get_interaction(interaction_id, by=by)
    source, number = find_outside_source(contact.project_id), number_to_ask(contact)
    people = ask_outside(source, number) if source and number else ()
    found = next((one for one in people if one.key == key), None)
    if source is None or found is None:
        raise NoSuchOutside(key=key)
    services.take_over(
        interaction_id=contact.pk, source_id=source.pk, found=found, number=number, by=by, now=clock.now()
    )
    return workspace_after(request)


@say("desk.not_answered")
def _not_answered(_error: PerezvonError) -> str:
    return _("Answer the call first; nothing is created before.")


def _person(one: OutsideCustomer) -> dict[str, Any]:
    rows = [
        {"label": _("Company"), "value": one.company_name if one.name != one.company_name else "", "kind": "text"},
        *({"label": _("Telephone"), "value": phone, "kind": "text"} for phone in one.phones),
        *({"label": _("E-mail"), "value": email, "kind": "email"} for email in one.emails),
        *({"label": label, "value": value, "kind": "text"} for label, value in one.facts),
        {"label": _("His card there"), "value": one.url, "kind": "link"},
    ]
    return {"name": one.name or one.key, "key": one.key, "facts": [row for row in rows if row["value"]]}
