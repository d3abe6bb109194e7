"""Sums by the day, so that how a year of conversations went is read from thousands of rows instead of millions.

They are derived: `perezvon manage rebuild_insight` makes them anew from the runs. Days are those of UTC.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from perezvon.foundation.people.models import Project
from perezvon.modules.scripting.models.definitions import ScenarioVersion


class SummedUp(models.Model):
    """One row. Runs that began before `until` stand in the tables below; later ones are counted as they are."""

    until = models.DateField(null=True)

    def __str__(self) -> str:
        return str(self.until)


class DaySum(models.Model):
    """Of the runs by one version that began on a day in a project."""

    day = models.DateField()
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(ScenarioVersion, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True
        indexes: ClassVar = [models.Index(fields=["version", "day"]), models.Index(fields=["day"])]


class DayOfRuns(DaySum):
    """ended, result, score, node: what they have in common; of those under way there is only the node."""

    ended = models.BooleanField()
    result = models.CharField(max_length=100, blank=True)
    score = models.DecimalField(max_digits=18, decimal_places=4)
    node = models.CharField(max_length=200, blank=True)
    runs = models.IntegerField()
    lasted_s = models.DecimalField(max_digits=24, decimal_places=6)

    def __str__(self) -> str:
        return f"{self.day} {self.result or self.node}: {self.runs}"


class DayOfSteps(DaySum):
    """way "": visits of a node, by how their runs ended; with a way: how often it was left so; node "": a jump,
    wherever it was made, by how its runs ended. first: the earliest place in a run."""

    node = models.CharField(max_length=150, blank=True)
    way = models.CharField(max_length=150, blank=True)
    ended = models.BooleanField()
    result = models.CharField(max_length=100, blank=True)
    times = models.IntegerField()
    runs = models.IntegerField()
    late = models.IntegerField()
    first = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.day} {self.node} {self.way}: {self.times}"


class DayOfStays(DaySum):
    """Stays at a node of about so many seconds; lasted_s is exact."""

    node = models.CharField(max_length=150)
    seconds = models.IntegerField()
    stays = models.IntegerField()
    lasted_s = models.DecimalField(max_digits=24, decimal_places=6)

    def __str__(self) -> str:
        return f"{self.day} {self.node} {self.seconds} s: {self.stays}"
