from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.administration import audit as selectors
from perezvon.foundation.administration.audit import (
    BY_HAND,
    PEOPLE,
    READING,
    RIGHT,
    SHOWN_ROWS,
    SYSTEM,
    Line,
    read_question,
)
from perezvon.foundation.administration.audit_export import (
    AT_ONCE,
    ask_for_audit_export,
    file_name,
    has_more_than,
    write_audit,
)
from perezvon.foundation.administration.words import act_name, column_name, command_name, table_name, table_of_fact
from perezvon.foundation.lists.errors import WrongState
from perezvon.foundation.lists.services import note_export
from perezvon.foundation.lists.tables import TYPES
from perezvon.foundation.people.selectors import people_of_audit
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page


@needs(RIGHT)
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what, when, to what and why; before and after."""
    by, asked = person_of(request), read_question(request.GET.dict())
    lines, further = selectors.read_audit(asked, by=by, after=request.GET.get("after", ""))
    context = {
        "asked": asked,
        "since": request.GET.get("since", ""),
        "until": request.GET.get("until", ""),
        "lines": [_shown(line) for line in lines],
        "next_url": _url(request, after=further) if further else "",
        "is_first": not request.GET.get("after"),
        "first_url": _url(request, after=""),
        "people": people_of_audit(by=by),
        "kinds": [
            ("", _("Everything")),
            (PEOPLE, _("Done by people")),
            (SYSTEM, _("Done by the system")),
            (READING, _("Read or listened to")),
            (BY_HAND, _("Changed without a command")),
        ],
        "commands": sorted(((code, command_name(code)) for code in selectors.known_commands()), key=lambda one: one[1]),
        "record": f"{table_name(asked.table)} {asked.row}" if asked.table and asked.row else "",
        "all_records_url": _url(request, table="", row="", after=""),
        "shown_rows": f":{SHOWN_ROWS}",
        "may_export": by.may("lists.export"),
        "state": request.GET.urlencode(),
    }
    return render_page(request, "administration/audit.html", context, part="workspace")


@needs(RIGHT)
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """What the page is narrowed to, at once or by a job; that it left is written down."""
    by, now, form = person_of(request), clock.now(), request.POST.get("format", "")
    by.must("lists.export")
    if form not in TYPES:
        raise WrongState(part="page")
    given = QueryDict(request.POST.get("state", "")).dict()
    asked = read_question(given)
    if has_more_than(AT_ONCE, asked, by=by):
        job = ask_for_audit_export(format_id=form, given=given, by=by, now=now)
        return HttpResponseRedirect(reverse("jobs:progress", args=[job.pk]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "audit"
        rows = write_audit(path, form, asked, by=by, made_by=by.name, now=now)
        content = path.read_bytes()
    note_export(list_id="audit", format_id=form, rows=rows, by=by, now=now)
    response = HttpResponse(content, content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{file_name(form, now)}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _shown(line: Line) -> dict[str, Any]:
    return {
        "line": line,
        "title": command_name(line.command) if line.command else _("Changed without a command"),
        "facts": [_fact(name, value) for name, value in line.facts.items()],
        "rows": [
            {
                "title": table_name(row.table),
                "table": row.table,
                "row": row.row,
                "act": act_name(row.act),
                "differences": [(column_name(one.column), one.before, one.after) for one in row.differences],
            }
            for row in line.rows
        ],
    }


def _fact(name: str, value: str) -> dict[str, str]:
    table = table_of_fact(name)
    return {"name": table_name(table) if table else name.removesuffix("_id"), "table": table, "value": value}


def _url(request: HttpRequest, **changed: str) -> str:
    query = request.GET.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"{request.path}?{query.urlencode()}"
