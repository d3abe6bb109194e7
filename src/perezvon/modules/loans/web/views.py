"""The calculators on pages of their own, beside the call or without one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.errors import NotFound
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.interactions.services import add_note
from perezvon.modules.loans.forms import CALCULATORS, FIELDS, OPTIONAL, RECKON, Calculator, Found, Mistaken, reckoned

UNPROCESSABLE = 422


@needs(RECKON)
@require_GET
def calculator(request: HttpRequest, code: str) -> HttpResponse:
    """The form, and below it what was reckoned: an address that can be kept."""
    one, by = _calculator(code), person_of(request)
    given = {name: request.GET.get(name, "") for name in one.asks}
    asked = any(given.values())
    found, wrong = _tried(one, given) if asked else (None, {})
    today = timezone.localtime(clock.now()).date().isoformat()
    context = {
        "title": one.title,
        "code": one.code,
        "kinds": [{"code": kind.code, "title": kind.title, "current": kind is one} for kind in CALCULATORS.values()],
        "fields": [
            _field(name, given[name] if asked or name not in {"since", "on"} else today, wrong.get(name, ""))
            for name in one.asks
        ],
        "found": found and _shown(found),
        "given": given,
        "contact": _contact(request.GET.get("contact", ""), by),
        "kept": "kept" in request.GET,
    }
    status = UNPROCESSABLE if wrong else 200
    return render_page(request, "loans/calculator.html", context, part="workspace", status=status)


@needs(RECKON)
@require_POST
def keep(request: HttpRequest, code: str) -> HttpResponse:
    """What was told to the customer becomes a note of the contact; it is reckoned anew, not taken from the page."""
    one, by = _calculator(code), person_of(request)
    contact = _contact(request.POST.get("contact", ""), by)
    if contact is None:
        raise NotFound(contact=request.POST.get("contact", "")[:40])
    found, wrong = _tried(one, {name: request.POST.get(name, "") for name in one.asks})
    if found is None:
        raise NotFound(wrong=sorted(wrong))
    add_note(interaction_id=contact.pk, text=f"{one.title}. {found.said}", by=by, now=clock.now())
    query = request.POST.copy()
    query.pop("csrfmiddlewaretoken", None)
    query["kept"] = "1"
    return HttpResponseRedirect(f"{reverse('loans:calculator', args=[code])}?{query.urlencode()}")


def _calculator(code: str) -> Calculator:
    if code not in CALCULATORS:
        raise NotFound(calculator=code)
    return CALCULATORS[code]


def _tried(one: Calculator, given: dict[str, str]) -> tuple[Found | None, dict[str, str]]:
    try:
        return reckoned(one, given), {}
    except Mistaken as error:
        return None, error.words


def _field(name: str, value: str, error: str) -> dict[str, Any]:
    label, kind, _read = FIELDS[name]
    hint = _("Empty: reckoned from the debt.") if name in OPTIONAL else ""
    return {"name": name, "label": label, "type": kind, "value": value, "error": error, "hint": hint,
            "required": name not in OPTIONAL}  # fmt: skip


def _shown(found: Found) -> dict[str, Any]:
    most = max((row.paid for _title, plan in found.plans for row in plan.rows), default=1)
    return {
        "figures": found.figures,
        "said": found.said,
        "plans": [
            {
                "title": title,
                "rows": [{"row": row, "interest": row.interest * 100 / most, "principal": row.principal * 100 / most}
                         for row in plan.rows],
            }
            for title, plan in found.plans
        ],
    }  # fmt: skip


def _contact(text: str, by: Person) -> Interaction | None:
    try:
        return get_interaction(UUID(text), by=by)
    except (ValueError, NotFound):
        return None
