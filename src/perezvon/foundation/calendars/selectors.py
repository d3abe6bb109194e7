"""Calendars for those who reckon with them, and for their pages."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from perezvon.cores.worktime import Calendar, Frame, Special
from perezvon.foundation.calendars.hours import read_hours
from perezvon.foundation.calendars.models import CalendarUse, SpecialDay, WorkingCalendar
from perezvon.foundation.people.models import Project
from perezvon.kernel.errors import NotFound

MANAGE = "calendars.manage"
USUAL_WEEK = ("09:00-18:00",) * 5 + ("", "")
USUAL_ZONE = "Europe/Moscow"
_KEPT = 200

_cores: OrderedDict[tuple[int, int], Calendar] = OrderedDict()


class NoSuchCalendar(NotFound):
    code = "calendars.no_such_calendar"


def calendar_for(*, project_id: int | None = None, team_id: int | None = None) -> Calendar:
    """What a team goes by: its own calendar, else its project's, else the usual week in the project's zone.

    One query, one more when the calendar has changed since it was asked for last.
    """
    uses = CalendarUse.objects.select_related("calendar").filter(
        Q(project=project_id, project__isnull=False) | Q(team=team_id, team__isnull=False)
    )
    found = sorted(uses, key=lambda use: use.team_id is None)
    if found:
        return core_of(found[0].calendar)
    zone = Project.objects.filter(pk=project_id).values_list("zone", flat=True).first() if project_id else None
    return usual(zone or USUAL_ZONE)


def core_of(calendar: WorkingCalendar) -> Calendar:
    """As cores/worktime reckons with it. The same object for the same version: its tables of years are kept."""
    key = calendar.pk, calendar.version
    found = _cores.pop(key, None) or _core(calendar, list(calendar.days.all()))
    _cores[key] = found
    while len(_cores) > _KEPT:
        _cores.popitem(last=False)
    return found


def _core(calendar: WorkingCalendar, days: list[SpecialDay]) -> Calendar:
    specials = tuple(Special(day.on, read_hours(day.hours)) for day in days)
    return Calendar(ZoneInfo(calendar.zone), week_of(calendar.week), specials)


def week_of(hours: list[str] | tuple[str, ...]) -> tuple[tuple[Frame, ...], ...]:
    return tuple(read_hours(text) for text in hours)


@lru_cache
def usual(zone: str) -> Calendar:
    """Monday to Friday from nine to six, for whoever has set up no calendar."""
    return Calendar(ZoneInfo(zone), week_of(USUAL_WEEK))


@lru_cache
def permitted_hours(zone: str, begins: time, ends: time) -> Calendar:
    """The same hours every day of the week in a zone: when people may be called there."""
    frame = Frame(begins.hour * 60 + begins.minute, ends.hour * 60 + ends.minute)
    return Calendar(ZoneInfo(zone), ((frame,),) * 7)


def list_calendars() -> list[WorkingCalendar]:
    """All of them with who goes by each. Two queries."""
    return list(WorkingCalendar.objects.prefetch_related("uses__project", "uses__team"))


def get_calendar(calendar_id: int) -> WorkingCalendar:
    """Raises NoSuchCalendar."""
    found = WorkingCalendar.objects.prefetch_related("uses").filter(pk=calendar_id).first()
    if found is None:
        raise NoSuchCalendar(calendar=calendar_id)
    return found


def list_days(calendar: WorkingCalendar, since: date, until: date) -> QuerySet[SpecialDay]:
    return calendar.days.filter(on__gte=since, on__lt=until)
