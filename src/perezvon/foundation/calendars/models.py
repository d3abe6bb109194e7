"""When people work: calendars with their hours, the days that differ, and who goes by which."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language, pgettext_lazy

from perezvon.foundation.people.models import Project, Team
from perezvon.kernel.texts import text_in


class WorkingCalendar(models.Model):
    """zone: whose wall clock it is. week: the hours of Monday to Sunday as hours.py writes them, "" for closed.

    version: rises with every change of it or of its days, so that who reckons with it knows.
    """

    code = models.SlugField(unique=True)
    name = models.JSONField(default=dict)
    zone = models.CharField(max_length=64, default="Europe/Moscow")
    week = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "calendars.manage"

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru") or self.code


class DayKind(models.TextChoices):
    HOLIDAY = "holiday", pgettext_lazy("day", "Day off")
    SHORT = "short", pgettext_lazy("day", "Short day")
    WORKING = "working", pgettext_lazy("day", "Working day")


class SpecialDay(models.Model):
    """A date with hours of its own. source: where we have it from, in words."""

    calendar = models.ForeignKey(WorkingCalendar, on_delete=models.CASCADE, related_name="days")
    on = models.DateField()
    kind = models.CharField(max_length=8, choices=DayKind)
    hours = models.CharField(max_length=120, blank=True)
    name = models.JSONField(default=dict)
    source = models.CharField(max_length=200, blank=True)

    keeps_history = True
    history_shown_with = "calendars.manage"

    class Meta:
        ordering: ClassVar = ["on"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["calendar", "on"], name="special_day_once")]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru") or str(self.kind)


class CalendarUse(models.Model):
    """Who goes by a calendar: a project, or a team that has one of its own."""

    calendar = models.ForeignKey(WorkingCalendar, on_delete=models.CASCADE, related_name="uses")
    project = models.OneToOneField(Project, on_delete=models.CASCADE, null=True, related_name="+")
    team = models.OneToOneField(Team, on_delete=models.CASCADE, null=True, related_name="+")

    keeps_history = True
    history_shown_with = "calendars.manage"

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(project=None, team__isnull=False) | models.Q(project__isnull=False, team=None),
                name="calendar_use_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.calendar_id}: {self.project_id or self.team_id}"
