"""Sums by the hour, so that a report of a year adds up thousands of rows instead of millions.

They are derived: `perezvon manage rebuild_reports` makes them anew from contacts and segments.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from perezvon.foundation.people.models import Project


class RolledUp(models.Model):
    """One row. Calls that began before `until` stand in the tables below; later ones are counted as they are."""

    until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.until)


class HourOfCalls(models.Model):
    """The incoming calls of a queue that began in the hour from `hour` on.

    queue: None for calls that waited in none. within_s: of the queue when `in_time` was counted.
    """

    hour = models.DateTimeField()
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    queue = models.BigIntegerField(null=True)
    within_s = models.IntegerField(null=True)
    total = models.IntegerField()
    served = models.IntegerField()
    abandoned = models.IntegerField()
    in_time = models.IntegerField()
    wait_s = models.DecimalField(max_digits=18, decimal_places=6)
    talk_s = models.DecimalField(max_digits=18, decimal_places=6)
    hold_s = models.DecimalField(max_digits=18, decimal_places=6)
    wrap_up_s = models.DecimalField(max_digits=18, decimal_places=6)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project", "hour", "queue"], name="hour_of_calls_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.hour:%d.%m.%Y %H} {self.queue} {self.total}"


class HourOfDimensions(models.Model):
    """How many incoming calls of an hour have this value in what a project counts by, e.g. source = site."""

    hour = models.DateTimeField()
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    dimension = models.CharField(max_length=64)
    value = models.CharField(max_length=64)
    calls = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "hour", "dimension", "value"], name="hour_of_dimensions_once")
        ]

    def __str__(self) -> str:
        return f"{self.hour:%d.%m.%Y %H} {self.dimension}={self.value} {self.calls}"


class HourOfTopics(models.Model):
    """How many incoming calls of an hour carry just these topics, in the order of their ids."""

    hour = models.DateTimeField()
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    topics = ArrayField(models.BigIntegerField())
    calls = models.IntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "hour", "topics"], name="hour_of_topics_once")
        ]

    def __str__(self) -> str:
        return f"{self.hour:%d.%m.%Y %H} {self.topics} {self.calls}"
