"""When the monitor warns, raised hands, and messages from the monitor."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from perezvon.modules.interactions.models import Interaction
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


class HelpRequest(models.Model):
    """An operator asks for his senior in the middle of a contact. Open until one of them ends it, or the contact ends.

    senior: who answered first. version: rises with every message and every change.
    """

    id = models.UUIDField(primary_key=True)
    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    senior = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["interaction", "asked_at"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["interaction"], condition=models.Q(ended_at__isnull=True), name="one_hand_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id} {self.agent_id}"


class HelpMessage(models.Model):
    """What the two write to each other meanwhile; the customer never sees it."""

    id = models.UUIDField(primary_key=True)
    request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=1000)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return self.text


class FloorMessage(models.Model):
    """What a supervisor says to an operator's desk. It stands there above all work until it is read."""

    id = models.UUIDField(primary_key=True)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    text = models.CharField(max_length=500)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="floor_message_unread")
        ]

    def __str__(self) -> str:
        return self.text
