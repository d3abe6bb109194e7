"""When the monitor warns."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from perezvon.modules.routing.models import Queue

DAY_S, WHOLE = 24 * 60 * 60, 100


class Threshold(models.Model):
    """Of one queue. wait_s: the longest wait that is still good; level_percent: the least service level that is;
    lost_percent: the most lost calls. A queue without one has these as they are first."""

    queue = models.OneToOneField(Queue, on_delete=models.CASCADE, related_name="+")
    wait_s = models.PositiveIntegerField(default=120)
    level_percent = models.PositiveSmallIntegerField(default=80)
    lost_percent = models.PositiveSmallIntegerField(default=5)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "supervision.set_up"
    history_hides = ("version",)

    class Meta:
        ordering: ClassVar = ["queue"]

    def __str__(self) -> str:
        return str(self.queue)
