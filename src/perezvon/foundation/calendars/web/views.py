"""Working calendars: hours of the week drawn, days that differ, who goes by them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.cores.worktime import NeverOpens, add, is_open, next_opening, segments
from perezvon.foundation import clock
from perezvon.foundation.calendars import services
from perezvon.foundation.calendars.models import DayKind, WorkingCalendar
from perezvon.foundation.calendars.presets import presets
from perezvon.foundation.calendars.selectors import (
    MANAGE,
    USUAL_WEEK,
    USUAL_ZONE,
    core_of,
    get_calendar,
    list_calendars,
    list_days,
    week_of,
)
from perezvon.foundation.calendars.services import CalendarWrong, WantedCalendar, WantedDay
from perezvon.foundation.calendars.web.drawing import drawn
from perezvon.foundation.calendars.web.words import problem_words
from perezvon.foundation.people.models import Project, Team
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong

LANGUAGES = ("ru", "en")
_UNPROCESSABLE = 422
_AHEAD = timedelta(days=366)
type Problems = Mapping[str, Wrong]


@needs(MANAGE)
@require_GET
def calendars(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    rows = [
        {
            "calendar": one,
            "now": _standing(one),
            "there": now.astimezone(ZoneInfo(one.zone)),
            "used_by": [str(use.project or use.team) for use in one.uses.all()],
        }
        for one in list_calendars()
    ]
    return render_page(request, "calendars/calendars.html", {"rows": rows}, part="workspace")


def _standing(calendar: WorkingCalendar) -> dict[str, str]:
    """Open until when, or closed until when, in the calendar's own zone."""
    core, now = core_of(calendar), clock.now()
    if is_open(core, now):
        ahead = segments(core, now, now + timedelta(days=2))
        ends = ahead[0].ends_at.astimezone(core.zone)
        return {"tone": "good", "text": _("Open until {time}").format(time=date_format(ends, "H:i"))}
    try:
        opens = next_opening(core, now).astimezone(core.zone)
    except NeverOpens:
        return {"tone": "bad", "text": _("Never open")}
    return {"tone": "", "text": _("Closed until {time}").format(time=date_format(opens, "j E, H:i"))}


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest, calendar_id: int = 0) -> HttpResponse:
    """A new one, or one that there is."""
    found = get_calendar(calendar_id) if calendar_id else None
    if request.method == "GET":
        return _page(request, found, {})
    wanted, by, now = _typed(request), person_of(request), clock.now()
    try:
        if found is None:
            found = services.add_calendar(code=request.POST.get("code", "").strip(), wanted=wanted, by=by, now=now)
        else:
            version = _number(request.POST.get("version", ""))
            services.change_calendar(calendar_id=found.pk, version=version, wanted=wanted, by=by, now=now)
    except CalendarWrong as wrong:
        return _page(request, found, wrong.facts["problems"], _UNPROCESSABLE)  # type: ignore[arg-type]
    return HttpResponseRedirect(f"{_url(found)}?saved")


@needs(MANAGE)
@require_POST
def put_day(request: HttpRequest, calendar_id: int) -> HttpResponse:
    given, found = request.POST, get_calendar(calendar_id)
    on = _date(given.get("on", ""))
    try:
        if on is None:
            raise CalendarWrong(problems={"on": Wrong("date.wrong")})
        name = {code: given.get(f"day_name_{code}", "") for code in LANGUAGES}
        day = WantedDay(on, given.get("kind", ""), given.get("hours", ""), name, _("set by hand"))
        services.put_day(calendar_id=calendar_id, wanted=day, by=person_of(request), now=clock.now())
    except CalendarWrong as wrong:
        return _page(request, found, wrong.facts["problems"], _UNPROCESSABLE)  # type: ignore[arg-type]
    return HttpResponseRedirect(f"{_url(found)}?saved")


@needs(MANAGE)
@require_POST
def drop_day(request: HttpRequest, calendar_id: int) -> HttpResponse:
    on = _date(request.POST.get("on", ""))
    if on is not None:
        services.drop_day(calendar_id=calendar_id, on=on, by=person_of(request), now=clock.now())
    return HttpResponseRedirect(f"{_url(get_calendar(calendar_id))}?saved")


@needs(MANAGE)
@require_POST
def preset(request: HttpRequest, calendar_id: int) -> HttpResponse:
    code = request.POST.get("preset", "")
    count = services.load_preset(calendar_id=calendar_id, code=code, by=person_of(request), now=clock.now())
    return HttpResponseRedirect(f"{_url(get_calendar(calendar_id))}?days={count}")


@needs(MANAGE)
@require_POST
def import_days(request: HttpRequest, calendar_id: int) -> HttpResponse:
    found, sent = get_calendar(calendar_id), request.FILES.get("file")
    try:
        if sent is None:
            raise CalendarWrong(problems={"file": Wrong("field.required")})
        count = services.import_days(
            calendar_id=calendar_id,
            content=sent.read(),
            file_name=sent.name or "",
            by=person_of(request),
            now=clock.now(),
        )
    except CalendarWrong as wrong:
        return _page(request, found, wrong.facts["problems"], _UNPROCESSABLE)  # type: ignore[arg-type]
    return HttpResponseRedirect(f"{_url(found)}?days={count}")


def _typed(request: HttpRequest) -> WantedCalendar:
    given = request.POST
    return WantedCalendar(
        {code: given.get(f"name_{code}", "") for code in LANGUAGES},
        given.get("zone", "").strip(),
        tuple(given.get(f"day{day}", "") for day in range(7)),
        frozenset(_number(one) for one in given.getlist("projects") if one.isdecimal()),
        frozenset(_number(one) for one in given.getlist("teams") if one.isdecimal()),
    )


def _page(request: HttpRequest, found: WorkingCalendar | None, problems: Problems, status: int = 200) -> HttpResponse:
    errors = {name: problem_words(wrong) for name, wrong in problems.items()}
    given = request.POST if request.method == "POST" and "day0" in request.POST else None
    shown = _typed(request) if given is not None else _kept(found)
    context: dict[str, Any] = {
        "calendar": found,
        "title": str(found) if found else _("A new calendar"),
        "code": given.get("code", "") if given is not None else "",
        "names": [(code, shown.name.get(code, ""), _LABELS[code]()) for code in LANGUAGES],
        "zone": shown.zone,
        "zones": sorted(zone for zone in available_timezones() if zone.startswith(("Europe/", "Asia/"))),
        "days": [
            {
                "name": f"day{day}",
                "label": WEEKDAYS[day],
                "value": shown.week[day],
                "error": errors.get(f"day{day}", ""),
            }
            for day in range(7)
        ],
        "projects": [(one.pk, str(one), one.pk in shown.projects) for one in Project.objects.order_by("number")],
        "teams": [(one.pk, str(one), one.pk in shown.teams) for one in Team.objects.order_by("code")],
        "errors": errors,
        "saved": "saved" in request.GET,
        "added": request.GET.get("days", "") if request.GET.get("days", "").isdecimal() else "",
        **(_ahead(found) if found else {}),
    }
    return render_page(request, "calendars/calendar.html", context, part="workspace", status=status)


_LABELS = {"ru": lambda: _("Name in Russian"), "en": lambda: _("Name in English")}


def _ahead(found: WorkingCalendar) -> dict[str, Any]:
    """What the saved calendar comes to: the week drawn, days of the coming year, a sum to check it by."""
    now = clock.now()
    core = core_of(found)
    today = now.astimezone(core.zone).date()
    try:
        sample = add(core, now, timedelta(hours=8)).astimezone(core.zone)
        promised = _("Eight working hours from now end {time}.").format(time=date_format(sample, "j E, H:i"))
    except NeverOpens:
        promised = _("There are no working hours ahead: nothing would ever be due.")
    return {
        "week": drawn(week_of(found.week)),
        "specials": list(list_days(found, today, today + _AHEAD)),
        "past": found.days.filter(on__lt=today).count(),
        "kinds": DayKind.choices,
        "presets": [(one.code, one.title, one.source) for one in presets().values()],
        "standing": _standing(found),
        "promised": promised,
    }


def _kept(found: WorkingCalendar | None) -> WantedCalendar:
    if found is None:
        return WantedCalendar({}, USUAL_ZONE, USUAL_WEEK)
    uses = list(found.uses.all())
    return WantedCalendar(
        found.name,
        found.zone,
        tuple(found.week),
        frozenset(use.project_id for use in uses if use.project_id),
        frozenset(use.team_id for use in uses if use.team_id),
    )


def _url(found: WorkingCalendar) -> str:
    return reverse("calendars:calendar", args=[found.pk])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
