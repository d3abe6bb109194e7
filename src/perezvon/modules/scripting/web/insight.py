"""How conversations by a scenario go, version by version: on the graph itself, and the same as a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.ui.templatetags.ui import duration
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.scripting.models import Scenario, ScenarioVersion
from perezvon.modules.scripting.selectors import MANAGE, get_scenario, insight, versions_of
from perezvon.modules.scripting.selectors.insight import EXACT_S, PERIODS, AtNode, Bin, Insight, ends_of
from perezvon.modules.scripting.web.palette import ICONS, kinds

_USUAL = 30
_SCHEME, _LIST = "scheme", "list"
_MANY_LEFT = 10  # percent; a step that so many do not get past is marked


@needs(MANAGE)
@require_GET
def page(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """Runs, ends, where they are left, how long steps take, what came up. A value that does not exist is the usual."""
    by, now = person_of(request), clock.now()
    scenario = get_scenario(scenario_id, by=by)
    versions = versions_of(scenario)
    wanted, days, good = (request.GET.get(name, "") for name in ("version", "days", "good"))
    period = int(days) if days in {str(one) for one in PERIODS} else _USUAL
    version = next((one for one in versions if str(one.number) == wanted), versions[0] if versions else None)
    view = _LIST if request.GET.get("view") == _LIST else _SCHEME
    language = get_language() or "ru"
    ends = ends_of(version, language) if version else {}
    good = good if good in ends else ""
    seen = insight(scenario, version, period, by=by, now=now, language=language, good=good) if version else None
    asked = {"version": str(version.number) if version else "", "days": str(period), "good": good}
    context = {
        "scenario": scenario,
        "seen": seen,
        "most": max((one.runs for one in seen.nodes), default=0) if seen else 0,
        **asked,
        "view": view,
        "views": [
            (code, label, f"?{urlencode({**asked, 'view': code})}")
            for code, label in ((_SCHEME, _("Scheme")), (_LIST, pgettext("designer", "List")))
        ],
        "drawn": json.dumps(_drawn(version, seen, language), ensure_ascii=False) if version and seen else "",
        "ends": ends,
        "goods": [("", _("Any end")), *ends.items()],
        "chart": draw_scores(seen.scores) if seen else None,
        "versions": [(str(one.number), _("Version {number}").format(number=one.number)) for one in versions],
        "periods": [(str(one), ngettext("{count} day", "{count} days", one).format(count=one)) for one in PERIODS],
        "steps": _steps(scenario),
    }
    return render_page(request, "scripting/insight.html", context, part="workspace")


def _steps(scenario: Scenario) -> list[dict[str, str]]:
    return [
        {"label": _("Scenarios"), "url": reverse("scripting:scenarios")},
        {"label": str(scenario), "url": reverse("scripting:designer", args=[scenario.pk])},
        {"label": pgettext("scenario", "How it goes"), "url": ""},
    ]


# --- on the graph ---


def _drawn(version: ScenarioVersion, seen: Insight, language: str) -> dict[str, Any]:
    """As frontend/src/designer/kinds.ts has it under `Watched`."""
    return {
        "document": version.document,
        "places": version.places,
        "language": language,
        "kinds": [{"code": kind, "label": label, "icon": ICONS[kind]} for kind, label in kinds().items()],
        "nodes": {one.node: _on_node(one) for one in seen.nodes},
        "ways": [
            {
                "id": f"{one.node}/{way.code}", "from": one.node, "to": way.to, "label": way.label,
                "count": way.count, "share": way.share, "isJump": way.is_jump or way.is_late,
            }
            for one in seen.nodes
            for way in one.ways
        ],
        "words": {"graph": pgettext("scenario", "How it goes"), "fit": _("Show all"), "nearer": _("Nearer"),
                  "further": _("Further"), "step": _("The same figures stand in the list.")},
    }  # fmt: skip


def _on_node(one: AtNode) -> dict[str, Any]:
    came = _("came {count}").format(count=one.runs)
    left = _("left {share} %").format(share=one.left_share)
    times = []
    if one.median_s is not None and one.p90_s is not None:
        times = [
            _("half within {time}").format(time=_about(one.median_s)),
            _("90 % within {time}").format(time=_about(one.p90_s)),
        ]
    return {
        "lines": [" · ".join([came, left] if one.runs else [came]), " · ".join(times)],
        "isLost": one.runs > 0 and one.left_share >= _MANY_LEFT,
    }


def _about(seconds: int) -> str:
    return f"{'≈ ' if seconds > EXACT_S else ''}{duration(seconds)}"


# --- the picture of the scores ---

_WIDTH, _HEIGHT, _LEFT, _TOP, _FOOT = 640, 180, 8, 18, 24


@dataclass(frozen=True, slots=True)
class Bar:
    """A bin as a shape; middle: where its words stand."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    count: int
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    bars: tuple[Bar, ...]
    width: int = _WIDTH
    height: int = _HEIGHT
    label_y: int = _HEIGHT - 6
    base_y: int = _HEIGHT - _FOOT


def draw_scores(bins: Sequence[Bin]) -> Chart | None:
    """None where there is nothing to be drawn."""
    if not bins:
        return None
    most = max(one.count for one in bins)
    step = (_WIDTH - 2 * _LEFT) / len(bins)
    room = _HEIGHT - _TOP - _FOOT
    bars = []
    for at, one in enumerate(bins):
        height, x = room * one.count / most, _LEFT + at * step
        label = f"{_plain(one.least)}…{_plain(one.most)}"
        bars.append(Bar(x + 2, _HEIGHT - _FOOT - height, step - 4, height, x + step / 2, one.count, label))
    return Chart(tuple(bars))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
