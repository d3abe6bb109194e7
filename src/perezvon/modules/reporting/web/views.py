from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from perezvon.foundation import clock
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import say, words_for
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.reporting import words
from perezvon.modules.reporting.chart import draw_calls
from perezvon.modules.reporting.figures import Calls
from perezvon.modules.reporting.filters import LONGEST_DAYS, Asked, WrongPeriod, read_asked
from perezvon.modules.reporting.report import CallReport, make_report
from perezvon.modules.reporting.selectors import WHICH, Which, list_calls, names_of
from perezvon.modules.reporting.sheets import TYPE, write_report
from perezvon.modules.reporting.web.presets import presets_of

PAGE = "reporting/calls.html"


@needs("reporting.view")
def calls(request: HttpRequest) -> HttpResponse:
    """The first report: calls to operators and their topics (F18.05–F18.07)."""
    by, now = person_of(request), clock.now()
    projects = list_projects(by=by)
    given: dict[str, object] = {
        "given": request.GET,
        "projects": projects,
        "problem": "",
        "here_url": reverse("reporting:calls"),
    }
    try:
        asked = read_asked(request.GET, projects=projects, now=now)
    except WrongPeriod as wrong:
        context = given | {"problem": words_for(wrong)}
        return render_page(request, PAGE, context, part="workspace", status=wrong.http_status)
    report = make_report(asked, projects=projects, by=by, now=now)
    context = given | {
        "asked": asked,
        "report": report,
        "presets": presets_of("reporting:calls", asked, now),
        "tiles": _tiles(report),
        "lines": _lines(report),
        "measures": words.MEASURES,
        "chart": draw_calls(report.calls.days),
        "finding": _finding(report),
        "topics": _topics(report),
        "dimensions": _dimensions(report),
        "formulas": words.TOPIC_FORMULAS,
        "unit": words.UNIT,
        "rounding": words.ROUNDING,
        "xlsx_url": f"{reverse('reporting:calls_xlsx')}?{asked.query}",
        "registered_url": _list_url(asked, which="registered"),
        "total_url": _list_url(asked),
    }
    return render_page(request, PAGE, context, part="workspace")


@needs("reporting.view")
def calls_xlsx(request: HttpRequest) -> HttpResponse:
    """The same numbers as a spreadsheet."""
    by, now = person_of(request), clock.now()
    projects = list_projects(by=by)
    asked = read_asked(request.GET, projects=projects, now=now)
    report = make_report(asked, projects=projects, by=by, now=now)
    response = HttpResponse(write_report(report, made_by=by.name), content_type=TYPE)
    name = f"calls_{asked.first:%Y%m%d}_{asked.last:%Y%m%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@needs("reporting.view")
def call_list(request: HttpRequest) -> HttpResponse:
    """The calls behind a number."""
    by, now = person_of(request), clock.now()
    projects = list_projects(by=by)
    asked = read_asked(request.GET, projects=projects, now=now)
    which = _read_which(request.GET)
    page = list_calls(asked, which, by=by, after=_read_after(request.GET))
    context = {
        "asked": asked,
        "page": page,
        "title": words.WHICH_TITLES[which.which],
        "chosen": names_of(which, by=by),
        "which": which,
        "shows_people": by.may("interactions.view"),
        "report_url": f"{reverse('reporting:calls')}?{asked.query}",
        "next_url": _next_url(request, page.after),
    }
    return render_page(request, "reporting/call_list.html", context, part="workspace")


# --- what the page shows ----------------------------------------------------------------------------


def _numbers(asked: Asked, calls: Calls, **more: object) -> list[dict[str, Any]]:
    """The measures of some calls, each with the list behind it."""
    return [
        {
            "code": measure.code,
            "title": measure.title,
            "formula": measure.formula,
            "unit": measure.unit,
            "value": measure.read(calls),
            "url": _list_url(asked, which=measure.which, **more),
        }
        for measure in words.MEASURES
    ]


def _tiles(report: CallReport) -> list[dict[str, Any]]:
    return _numbers(report.asked, report.calls.total)


def _lines(report: CallReport) -> list[dict[str, Any]]:
    return [
        {
            "name": str(line.queue or _("No queue")),
            "seconds": line.queue.service_level_s if line.queue else None,
            "numbers": _numbers(report.asked, line.calls, queue=line.queue.pk if line.queue else 0),
        }
        for line in report.calls.queues
    ]


def _topics(report: CallReport) -> list[dict[str, Any]]:
    asked = report.asked
    return [
        {
            "name": line.name,
            "depth": line.depth,
            "share": line.share,
            "url": _topic_url(asked, line.topic_id, line.project_id),
            "before_url": _topic_url(asked.before, line.topic_id, line.project_id),
        }
        for line in report.topics.lines
    ]


def _dimensions(report: CallReport) -> list[dict[str, Any]]:
    asked = report.asked
    return [
        {
            "code": figures.code,
            "name": figures.name,
            "lines": [
                {
                    "name": line.name,
                    "share": line.share,
                    "url": _list_url(asked, dimension=figures.code, value=line.value),
                    "before_url": _list_url(asked.before, dimension=figures.code, value=line.value),
                }
                for line in figures.lines
            ],
        }
        for figures in report.dimensions
    ]


def _topic_url(asked: Asked, topic_id: int | None, project_id: int) -> str:
    if topic_id is None:
        return _list_url(asked, which="registered", of_project=project_id)
    return _list_url(asked, which="registered", topic=topic_id)


def _list_url(asked: Asked, *, which: str = "total", **more: object) -> str:
    further = urlencode({"which": which, **more})
    return f"{reverse('reporting:call_list')}?{asked.query}&{further}"


def _finding(report: CallReport) -> str:
    """The chart's title says what it shows."""
    total = report.calls.total
    if not total.total:
        return _("No calls in this period")
    day, busiest = max(report.calls.days, key=lambda pair: pair[1].total)
    return _("Served: {share} %; the busiest day was {day} with {calls}").format(
        share=total.served_percent, day=f"{day:%d.%m}", calls=busiest.total
    )


# --- what the address says --------------------------------------------------------------------------


def _read_which(given: Mapping[str, str]) -> Which:
    def number(name: str) -> int | None:
        text = given.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 19 else None

    try:
        day = date.fromisoformat(given["day"]) if given.get("day") else None
    except ValueError:
        raise WrongPeriod(longest=LONGEST_DAYS) from None
    which = given.get("which", "total")
    return Which(
        which if which in WHICH else "total",
        queue=number("queue"),
        day=day,
        topic=number("topic"),
        project=number("of_project"),
        dimension=_code(given, "dimension"),
        value=_code(given, "value"),
    )


def _code(given: Mapping[str, str], name: str) -> str:
    """No code holds a zero byte, and the database takes none."""
    return given.get(name, "")[:64].replace("\x00", "")


def _read_after(given: Mapping[str, str]) -> tuple[datetime, UUID] | None:
    at, _sep, key = given.get("after", "").partition("_")
    try:
        return (datetime.fromisoformat(at), UUID(key)) if key else None
    except ValueError:
        return None


def _next_url(request: HttpRequest, after: tuple[datetime, UUID] | None) -> str:
    if after is None:
        return ""
    further = request.GET.copy()
    further["after"] = f"{after[0].isoformat()}_{after[1]}"
    return f"{request.path}?{further.urlencode()}"


@say("reporting.wrong_period")
def _wrong_period(error: PerezvonError) -> str:
    return _("Give two days, the first not after the last, at most {longest} days apart.").format(
        longest=error.facts["longest"]
    )
