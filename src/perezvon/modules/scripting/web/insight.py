"""How conversations by a scenario go, version by version."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.scripting.selectors import MANAGE, get_scenario, insight, versions_of
from perezvon.modules.scripting.selectors.insight import PERIODS

_USUAL = 30


@needs(MANAGE)
@require_GET
def page(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """Runs, ends, where they are left and how long steps take."""
    by, now = person_of(request), clock.now()
    scenario = get_scenario(scenario_id, by=by)
    versions = versions_of(scenario)
    wanted, days = request.GET.get("version", ""), request.GET.get("days", "")
    period = int(days) if days in {str(one) for one in PERIODS} else _USUAL
    version = next((one for one in versions if str(one.number) == wanted), versions[0] if versions else None)
    seen = insight(scenario, version, period, by=by, now=now, language=get_language() or "ru") if version else None
    steps = [
        {"label": _("Scenarios"), "url": reverse("scripting:scenarios")},
        {"label": str(scenario), "url": reverse("scripting:designer", args=[scenario.pk])},
        {"label": pgettext("scenario", "How it goes"), "url": ""},
    ]
    context = {
        "scenario": scenario,
        "seen": seen,
        "most": max((one.runs for one in seen.nodes), default=0) if seen else 0,
        "version": str(version.number) if version else "",
        "versions": [(str(one.number), _("Version {number}").format(number=one.number)) for one in versions],
        "days": str(period),
        "periods": [(str(one), ngettext("{count} day", "{count} days", one).format(count=one)) for one in PERIODS],
        "steps": steps,
    }
    return render_page(request, "scripting/insight.html", context, part="workspace")
