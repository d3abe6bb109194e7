"""Working calendars in blueprints.

calendars: [{code, name, zone, week: [hours of Monday to Sunday], days: {date: {kind, hours, name, source}},
projects: [code], teams: [code]}]. hours: "09:00-13:00, 14:00-18:00". A calendar that is named has the days that the
file names and no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.calendars import services
from perezvon.foundation.calendars.models import WorkingCalendar
from perezvon.foundation.calendars.selectors import list_calendars
from perezvon.foundation.calendars.services import WantedCalendar, WantedDay
from perezvon.foundation.configuration.parts import Part, register_part
from perezvon.foundation.people.models import Project, Team


def load_calendars(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make the calendars as the blueprint says; others stay."""
    projects = dict(Project.objects.values_list("code", "pk"))
    teams = dict(Team.objects.values_list("code", "pk"))
    known = {calendar.code: calendar for calendar in list_calendars()}
    for row in blueprint["calendars"]:
        wanted = WantedCalendar(
            row["name"],
            row["zone"],
            tuple(row["week"]),
            frozenset(projects[code] for code in row.get("projects", [])),
            frozenset(teams[code] for code in row.get("teams", [])),
        )
        calendar = _loaded(row["code"], known.get(row["code"]), wanted, by, now)
        _load_days(calendar, row.get("days", {}), by, now)


def _loaded(
    code: str, known: WorkingCalendar | None, wanted: WantedCalendar, by: Actor, now: datetime
) -> WorkingCalendar:
    if known is None:
        return services.add_calendar(code=code, wanted=wanted, by=by, now=now)
    if _wanted(known) != wanted:
        services.change_calendar(calendar_id=known.pk, version=known.version, wanted=wanted, by=by, now=now)
    return known


def _wanted(calendar: WorkingCalendar) -> WantedCalendar:
    uses = list(calendar.uses.all())
    return WantedCalendar(
        calendar.name,
        calendar.zone,
        tuple(calendar.week),
        frozenset(use.project_id for use in uses if use.project_id),
        frozenset(use.team_id for use in uses if use.team_id),
    )


def _load_days(calendar: WorkingCalendar, rows: Mapping[Any, Mapping[str, Any]], by: Actor, now: datetime) -> None:
    present = {day.on: _exported_day(day) for day in calendar.days.all()}
    wanted = {date.fromisoformat(str(on)): dict(row) for on, row in rows.items()}
    for on in present.keys() - wanted.keys():
        services.drop_day(calendar_id=calendar.pk, on=on, by=by, now=now)
    for on, row in wanted.items():
        if present.get(on) != row:
            day = WantedDay(on, row["kind"], row.get("hours", ""), row.get("name", {}), row.get("source", ""))
            services.put_day(calendar_id=calendar.pk, wanted=day, by=by, now=now)


def export_calendars() -> dict[str, Any]:
    """The part that makes the calendars as they are."""
    return {"calendars": [_exported(calendar) for calendar in list_calendars()]}


def _exported(calendar: WorkingCalendar) -> dict[str, Any]:
    uses = list(calendar.uses.all())
    return {
        "code": calendar.code,
        "name": calendar.name,
        "zone": calendar.zone,
        "week": calendar.week,
        "days": {day.on.isoformat(): _exported_day(day) for day in calendar.days.all()},
        "projects": sorted(use.project.code for use in uses if use.project),
        "teams": sorted(use.team.code for use in uses if use.team),
    }


def _exported_day(day: Any) -> dict[str, Any]:
    said = {"kind": str(day.kind), "hours": day.hours, "name": day.name, "source": day.source}
    return {name: value for name, value in said.items() if value}


register_part(Part("calendars", ("calendars",), load_calendars, export_calendars, order=30))
