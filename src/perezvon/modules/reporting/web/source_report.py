"""The page of customers by source of information, and its files."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from perezvon.foundation import clock
from perezvon.foundation.lists.tables import TYPES
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import words_for
from perezvon.modules.reporting.filters import Asked, WrongPeriod, read_asked
from perezvon.modules.reporting.sources import (
    Source,
    SourceReport,
    make_source_report,
    source_name,
    write_source_report,
)
from perezvon.modules.reporting.web.presets import presets_of

PAGE, URL_NAME = "reporting/sources.html", "reporting:sources"


@needs("reporting.view")
def sources(request: HttpRequest) -> HttpResponse:
    """Where customers know the company from: how many came in a period, and how many there are."""
    by, now = person_of(request), clock.now()
    projects = list_projects(by=by)
    given: dict[str, Any] = {"given": request.GET, "projects": projects, "problem": "", "here_url": reverse(URL_NAME)}
    try:
        asked = read_asked(request.GET, projects=projects, now=now)
    except WrongPeriod as wrong:
        context = given | {"problem": words_for(wrong)}
        return render_page(request, PAGE, context, part="workspace", status=wrong.http_status)
    report = make_source_report(asked, by=by, now=now)
    context = given | {
        "asked": asked,
        "report": report,
        "presets": presets_of(URL_NAME, asked, now),
        "lines": _lines(report, asked, shows_customers=by.may("customers.view")),
        **{f"{form}_url": f"{reverse(f'{URL_NAME}_{form}')}?{asked.query}" for form in TYPES},
    }
    return render_page(request, PAGE, context, part="workspace")


@needs("reporting.view")
def sources_file(request: HttpRequest, form: str) -> HttpResponse:
    """The same numbers as a spreadsheet or as text."""
    by, now = person_of(request), clock.now()
    asked = read_asked(request.GET, projects=list_projects(by=by), now=now)
    report = make_source_report(asked, by=by, now=now)
    response = HttpResponse(write_source_report(report, form, made_by=by.name), content_type=TYPES[form])
    name = f"sources_{asked.first:%Y%m%d}_{asked.last:%Y%m%d}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(report: SourceReport, asked: Asked, *, shows_customers: bool) -> list[dict[str, Any]]:
    longest = max((line.came for line in report.lines), default=0) or 1
    return [
        {
            "name": source_name(line),
            "source": line,
            "url": _customers_url(line, asked) if shows_customers else "",
            "bar": f"{100 * line.came / longest:.1f}",
        }
        for line in report.lines
    ]


def _customers_url(line: Source, asked: Asked) -> str:
    """The list of these customers."""
    where: list[Any] = ["and", ["source", "is", line.name] if line.name else ["source", "empty"]]
    where += [["project", "any", str(asked.project.pk)]] if asked.project else []
    return f"{reverse('customers:list')}?{urlencode({'where': json.dumps(where, ensure_ascii=False)})}"
