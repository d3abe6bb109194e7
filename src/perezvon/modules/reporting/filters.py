"""What a report is asked about: a period in the days of a time zone, and a project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings

from perezvon.foundation.people.models import Project
from perezvon.kernel.errors import Refused

DEFAULT_DAYS = 30
# Years that a report may be asked about: far from where the arithmetic of days ends.
YEARS = range(1970, 2200)
LONGEST_DAYS = 366


class WrongPeriod(Refused):
    """The days make no period, or one that is too long. facts: longest."""

    code = "reporting.wrong_period"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Asked:
    """first and last: days, both included. project: None for all that one sees. project_ids: those that count."""

    first: date
    last: date
    project: Project | None
    project_ids: tuple[int, ...]

    @property
    def zone(self) -> ZoneInfo:
        """Whose days they are: the project's, or the centre's for several projects."""
        return ZoneInfo(self.project.zone if self.project else settings.TIME_ZONE)

    @property
    def begins_at(self) -> datetime:
        return datetime.combine(self.first, time(0), self.zone)

    @property
    def ends_at(self) -> datetime:
        """Not included."""
        return datetime.combine(self.last + timedelta(days=1), time(0), self.zone)

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=at) for at in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> Asked:
        """The period of equal length before this one."""
        length = self.last - self.first
        last = self.first - timedelta(days=1)
        return replace(self, first=last - length, last=last)

    @property
    def query(self) -> str:
        """The same question in an address."""
        wanted = {"from": self.first.isoformat(), "until": self.last.isoformat()}
        return urlencode(wanted | ({"project": self.project.code} if self.project else {}))


def read_asked(given: Mapping[str, str], *, projects: list[Project], now: datetime) -> Asked:
    """The question in a page's address; the last 30 days of all projects when it says nothing. Raises WrongPeriod.

    projects: those that the actor sees; another one's code counts as none.
    """
    project = next((one for one in projects if one.code == given.get("project")), None)
    zone = ZoneInfo(project.zone if project else settings.TIME_ZONE)
    today = now.astimezone(zone).date()
    last = _read_date(given.get("until", ""), today)
    first = _read_date(given.get("from", ""), last - timedelta(days=DEFAULT_DAYS - 1))
    if first > last or (last - first).days >= LONGEST_DAYS:
        raise WrongPeriod(longest=LONGEST_DAYS)
    wanted = [project] if project else projects
    return Asked(first, last, project, tuple(one.pk for one in wanted))


def _read_date(text: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        given = date.fromisoformat(text)
    except ValueError:
        raise WrongPeriod(longest=LONGEST_DAYS) from None
    if given.year not in YEARS:
        raise WrongPeriod(longest=LONGEST_DAYS)
    return given


def presets(now: datetime, zone: ZoneInfo) -> dict[str, tuple[date, date]]:
    """Periods that are asked for every day, by name."""
    today = now.astimezone(zone).date()
    month = today.replace(day=1)
    last_month_ends = month - timedelta(days=1)
    return {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "week": (today - timedelta(days=6), today),
        "thirty": (today - timedelta(days=29), today),
        "month": (month, today),
        "last_month": (last_month_ends.replace(day=1), last_month_ends),
    }
