from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perezvon.foundation.administration import audit as selectors
from perezvon.foundation.administration.audit import BY_HAND, PEOPLE, READING, RIGHT, SYSTEM, Line, Question
from perezvon.foundation.administration.words import column_name, command_name, table_name, table_of_fact
from perezvon.foundation.people.selectors import people_of_audit
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page


@needs(RIGHT)
@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what, when, to what and why; before and after."""
    by, asked = person_of(request), _read(request)
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
    }
    return render_page(request, "administration/audit.html", context, part="workspace")


def _read(request: HttpRequest) -> Question:
    given = request.GET
    person = given.get("person", "")
    return Question(
        kind=given.get("kind", "" if given.get("table") else PEOPLE),
        person=int(person) if person.isdecimal() and len(person) < 10 else None,
        command=_text(given.get("command", ""), 100),
        table=_text(given.get("table", ""), 63),
        row=_text(given.get("row", ""), 64),
        since=_midnight(given.get("since", "")),
        until=_midnight(given.get("until", ""), later=timedelta(days=1)),
    )


def _text(text: str, longest: int) -> str:
    return text.replace("\x00", "")[:longest]


def _midnight(text: str, later: timedelta = timedelta()) -> datetime | None:
    """The beginning of a day in the zone of the installation; None for no day, and after the last one there is."""
    try:
        return datetime.combine(date.fromisoformat(text) + later, time(), get_current_timezone())
    except (ValueError, OverflowError):
        return None


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
                "act": {"I": _("added"), "U": _("changed"), "D": _("removed")}.get(row.act, row.act),
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
