"""What administrators change: calendars, their days, who goes by them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import available_timezones

from perezvon.cores.worktime import Frame
from perezvon.foundation.access import Actor
from perezvon.foundation.calendars.events import HoursChanged
from perezvon.foundation.calendars.hours import read_hours, write_hours
from perezvon.foundation.calendars.ical import read_days
from perezvon.foundation.calendars.models import CalendarUse, DayKind, SpecialDay, WorkingCalendar
from perezvon.foundation.calendars.presets import PresetDay, presets
from perezvon.foundation.calendars.selectors import MANAGE, USUAL_WEEK, USUAL_ZONE, NoSuchCalendar
from perezvon.foundation.commands.services import command
from perezvon.foundation.outbox.services import publish
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound, Refused

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")
_LONGEST = 100


class CalendarWrong(Refused):
    """facts: problems {field: Wrong}."""

    code = "calendars.wrong"
    http_status = 422


class CalendarChanged(Refused):
    """Somebody else changed it since the form was read."""

    code = "calendars.changed"


class NoSuchPreset(NotFound):
    code = "calendars.no_such_preset"


@dataclass(frozen=True, slots=True)
class WantedCalendar:
    """week: hours of Monday to Sunday as people write them. projects, teams: ids of those that go by it."""

    name: Mapping[str, str]
    zone: str = USUAL_ZONE
    week: tuple[str, ...] = USUAL_WEEK
    projects: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class WantedDay:
    """hours: of a day that is not off. source: where it is from."""

    on: date
    kind: str
    hours: str = ""
    name: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


@command("calendars.add", needs=MANAGE)
def add_calendar(*, code: str, wanted: WantedCalendar, by: Actor, now: datetime) -> WorkingCalendar:
    """Raises CalendarWrong with all that is wrong at once."""
    problems: dict[str, Wrong] = {}
    if not _CODE.fullmatch(code):
        problems["code"] = Wrong("key.form")
    elif WorkingCalendar.objects.filter(code=code).exists():
        problems["code"] = Wrong("key.taken")
    calendar = WorkingCalendar(code=code)
    _set(calendar, wanted, problems)
    calendar.save()
    _set_uses(calendar, wanted)
    publish(HoursChanged(calendar.pk), now=now)
    return calendar


@command("calendars.change", needs=MANAGE)
def change_calendar(
    *, calendar_id: int, version: int, wanted: WantedCalendar, by: Actor, now: datetime
) -> WorkingCalendar:
    """Raises CalendarWrong, CalendarChanged, NoSuchCalendar."""
    calendar = _locked(calendar_id)
    if calendar.version != version:
        raise CalendarChanged(calendar=calendar_id)
    _set(calendar, wanted, {})
    _set_uses(calendar, wanted)
    _touch(calendar, now)
    return calendar


@command("calendars.put_day", needs=MANAGE)
def put_day(*, calendar_id: int, wanted: WantedDay, by: Actor, now: datetime) -> SpecialDay:
    """A day with hours of its own; one that is there already is replaced. Raises CalendarWrong, NoSuchCalendar."""
    calendar = _locked(calendar_id)
    day = _put(calendar, wanted)
    _touch(calendar, now)
    return day


@command("calendars.drop_day", needs=MANAGE)
def drop_day(*, calendar_id: int, on: date, by: Actor, now: datetime) -> None:
    """The date is a day of its week again."""
    calendar = _locked(calendar_id)
    calendar.days.filter(on=on).delete()
    _touch(calendar, now)


@command("calendars.load_preset", needs=MANAGE)
def load_preset(*, calendar_id: int, code: str, by: Actor, now: datetime) -> int:
    """The days of a country's year; days that were set by hand stay. How many. Raises NoSuchPreset, NoSuchCalendar."""
    preset = presets().get(code)
    if preset is None:
        raise NoSuchPreset(preset=code)
    calendar = _locked(calendar_id)
    wanted = [_of_preset(calendar, day, preset.source) for day in preset.days]
    return _put_new(calendar, wanted, now, replace={preset.source})


@command("calendars.import_days", needs=MANAGE)
def import_days(*, calendar_id: int, content: bytes, file_name: str, by: Actor, now: datetime) -> int:
    """Days off from an iCalendar file; days that are there stay. How many. Raises CalendarWrong, NoSuchCalendar."""
    calendar = _locked(calendar_id)
    try:
        found = read_days(content)
    except Wrong as wrong:
        raise CalendarWrong(problems={"file": wrong}) from None
    source = file_name[:_LONGEST]
    days = [WantedDay(on, DayKind.HOLIDAY, "", {"ru": name}, source) for on, name in sorted(found.items())]
    return _put_new(calendar, days, now)


def _locked(calendar_id: int) -> WorkingCalendar:
    found = WorkingCalendar.objects.select_for_update().filter(pk=calendar_id).first()
    if found is None:
        raise NoSuchCalendar(calendar=calendar_id)
    return found


def _touch(calendar: WorkingCalendar, now: datetime) -> None:
    calendar.version += 1
    calendar.save()
    publish(HoursChanged(calendar.pk), now=now)


def _set(calendar: WorkingCalendar, wanted: WantedCalendar, problems: dict[str, Wrong]) -> None:
    name = {language: text.strip()[:_LONGEST] for language, text in wanted.name.items() if text.strip()}
    if not name:
        problems["name"] = Wrong("label.missing")
    if wanted.zone not in available_timezones():
        problems["zone"] = Wrong("zone.unknown")
    week: list[str] = []
    for day, text in enumerate(wanted.week):
        try:
            week.append(write_hours(read_hours(text)))
        except Wrong as wrong:
            problems[f"day{day}"] = wrong
    if problems:
        raise CalendarWrong(problems=problems)
    calendar.name, calendar.zone, calendar.week = name, wanted.zone, week


def _set_uses(calendar: WorkingCalendar, wanted: WantedCalendar) -> None:
    for kind, keys in (("project_id", wanted.projects), ("team_id", wanted.teams)):
        others = CalendarUse.objects.filter(calendar=calendar).exclude(**{kind: None})
        others.exclude(**{f"{kind}__in": keys}).delete()
        for key in keys:
            CalendarUse.objects.update_or_create(defaults={"calendar": calendar}, **{kind: key})  # type: ignore[arg-type]


def _put(calendar: WorkingCalendar, wanted: WantedDay) -> SpecialDay:
    problems: dict[str, Wrong] = {}
    hours = ""
    if wanted.kind not in DayKind.values:
        problems["kind"] = Wrong("choice.unknown")
    try:
        hours = "" if wanted.kind == DayKind.HOLIDAY else write_hours(read_hours(wanted.hours))
    except Wrong as wrong:
        problems["hours"] = wrong
    if not hours and not problems and wanted.kind != DayKind.HOLIDAY:
        problems["hours"] = Wrong("field.required")
    if problems:
        raise CalendarWrong(problems=problems)
    name = {language: text.strip()[:_LONGEST] for language, text in wanted.name.items() if text.strip()}
    values = {"kind": wanted.kind, "hours": hours, "name": name, "source": wanted.source}
    return SpecialDay.objects.update_or_create(calendar=calendar, on=wanted.on, defaults=values)[0]


def _put_new(calendar: WorkingCalendar, days: Iterable[WantedDay], now: datetime, replace: Collection[str] = ()) -> int:
    """Those whose dates are free, or hold what came from a source to be replaced."""
    kept = set(calendar.days.exclude(source__in=replace).values_list("on", flat=True))
    fresh = [day for day in days if day.on not in kept]
    for day in fresh:
        _put(calendar, day)
    _touch(calendar, now)
    return len(fresh)


def _of_preset(calendar: WorkingCalendar, day: PresetDay, source: str) -> WantedDay:
    """Hours of a short day are those of its weekday in this calendar, less what it is shorter by."""
    if day.kind == DayKind.HOLIDAY:
        return WantedDay(day.on, day.kind, "", day.name, source)
    weekday = day.like if day.kind == DayKind.WORKING else day.on.weekday()
    frames = _shortened(read_hours(calendar.week[weekday]), day.short_by)
    if not frames:
        return WantedDay(day.on, DayKind.HOLIDAY, "", day.name, source)
    return WantedDay(day.on, day.kind, write_hours(frames), day.name, source)


def _shortened(frames: tuple[Frame, ...], minutes: int) -> tuple[Frame, ...]:
    """From the end of the day."""
    while frames and minutes:
        last = frames[-1]
        if last.ends - last.begins > minutes:
            return (*frames[:-1], Frame(last.begins, last.ends - minutes))
        minutes -= last.ends - last.begins
        frames = frames[:-1]
    return frames
