"""Cases at a glance: what waits for me, how many there are by anything (F09.20), what was done (F09.09, F09.10)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong
from perezvon.modules.cases.models import Approval, Stage
from perezvon.modules.cases.selectors import (
    UNDER_WAY,
    VIEW,
    Counted,
    approvals_for,
    counted_by,
    marked,
    processed,
    visible,
    ways_to_count,
)

_FILTERS = {"kind", "category", "state", "product", "team"}  # groups that the list can be narrowed to
REPORT = "cases.report"
_USUAL_DAYS, _MOST_DAYS = 30, 3660


@needs(VIEW)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Ten queries."""
    by, now = person_of(request), clock.now()
    ways = ways_to_count(by)
    code = request.GET.get("by", "kind")
    code = code if code in {known for known, _label in ways} else "kind"
    groups = counted_by(code, by=by, now=now)
    context = {
        "views": _views(by, now),
        "ways": [_way(known, label, code) for known, label in ways],
        "groups": [_group(row, code) for row in groups],
        "approvals": [_approval(one) for one in approvals_for(by)],
        "may_report": by.may(REPORT),
        "now": now,
    }
    return render_page(request, "cases/overview.html", context, part="workspace")


def _way(code: str, label: Any, chosen: str) -> dict[str, Any]:
    return {"label": label, "url": f"{reverse('cases:overview')}?by={code}", "current": code == chosen}


def _group(row: Counted, code: str) -> dict[str, Any]:
    url = _list_url([code, "any", str(row.key)]) if code in _FILTERS and row.key else ""
    return {"row": row, "url": url, "width": round(row.share * 100)}


def _approval(one: Approval) -> dict[str, str]:
    return {
        "title": one.case.title,
        "url": reverse("cases:case", args=[one.case_id]),
        "question": one.question,
        "by": one.by.short_name if one.by else "",
    }


def _list_url(*conditions: list[str]) -> str:
    where = json.dumps(["and", *conditions], ensure_ascii=False, separators=(",", ":"))
    return f"{reverse('cases:list')}?{urlencode({'where': where})}"


def _views(by: Person, now: datetime) -> list[dict[str, Any]]:
    """The ways of looking that everybody needs, each with its number. Five queries."""
    under_way = visible(by).select_related(None).filter(stage__in=UNDER_WAY, merged_into=None)
    stages = ["stage", "any", *(one.value for one in UNDER_WAY)]
    # An overdue case in the list: due before tomorrow, which is as near as days can say it.
    tomorrow = (timezone.localtime(now) + timedelta(days=1)).date().isoformat()
    team = [["team", "any", str(by.team_id)]] if by.team_id else []
    rows: list[tuple[str, str, int, str]] = [
        (pgettext("cases", "Mine"), _list_url(["person", "me"], stages), under_way.filter(person=by.id).count(), ""),
    ]
    if team:
        rows.append((_("My team's"), _list_url(*team, stages), under_way.filter(team=by.team_id).count(), ""))
    rows += [
        (_("Nobody's"), _list_url(["person", "empty"], stages), under_way.filter(person=None).count(), "warn"),
        (_("Overdue"), _list_url(["due", "before", tomorrow], stages), under_way.filter(due__lt=now).count(), "bad"),
        (_("All under way"), _list_url(stages), under_way.count(), ""),
    ]
    return [
        {"label": label, "url": url, "count": count, "tone": tone if count else ""} for label, url, count, tone in rows
    ]


@needs(REPORT)
@require_GET
def report(request: HttpRequest) -> HttpResponse:
    """What came in and what was finished in a period, how long it took and how customers found it, by category.

    Five queries."""
    by, now = person_of(request), clock.now()
    today = timezone.localtime(now).date()
    first = _day(request.GET.get("from", "")) or today - timedelta(days=_USUAL_DAYS - 1)
    last = _day(request.GET.get("to", "")) or today
    problem = (
        "" if timedelta() <= last - first <= timedelta(days=_MOST_DAYS) else _("The last day is before the first one.")
    )
    projects = list_projects(by=by)
    chosen = next((one for one in projects if str(one.pk) == request.GET.get("project")), None)
    since, until, project_id = _begin(first), _begin(last + timedelta(days=1)), chosen.pk if chosen else None
    rows = [] if problem else processed(by=by, since=since, until=until, project_id=project_id)
    context = {
        "first": first,
        "last": last,
        "problem": problem,
        "projects": [(one.pk, str(one), one == chosen) for one in projects],
        "rows": rows,
        "marks": [] if problem else marked(by=by, since=since, until=until, project_id=project_id),
        "total": {
            "received": sum(row.received for row in rows),
            "finished": sum(row.finished for row in rows),
            "open": sum(row.open for row in rows),
        },
        "stages": Stage,
    }
    return render_page(request, "cases/report.html", context, part="workspace", status=422 if problem else 200)


def _day(text: str) -> Any:
    try:
        return checks.day(text) if text else None
    except Wrong:
        return None


def _begin(day: Any) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001
