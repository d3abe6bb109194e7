"""Lines, recordings, and the engine's store of what happened and what was decided."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import get_language

from perezvon.foundation.partitions.models import CutByMonth
from perezvon.foundation.people.models import Project
from perezvon.kernel.texts import text_in
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.routing.models import Queue


class Line(models.Model):
    """A number or page that customers call. address: as the switch names it; connector: which switch."""

    address = models.CharField(max_length=64, unique=True)
    name = models.JSONField(default=dict)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="+")
    connector = models.CharField(max_length=32, default="webvoice")
    shown = models.CharField(max_length=20, blank=True)
    record = models.BooleanField(default=True)
    greeting = models.JSONField(default=list, blank=True)
    language = models.CharField(max_length=2, default="ru")
    announce_every_s = models.FloatField(default=30.0)
    return_s = models.FloatField(default=300.0)
    patience_s = models.FloatField(default=20.0)
    is_public = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "telephony.configure"

    class Meta:
        ordering: ClassVar = ["address"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class Recording(models.Model):
    """The sound of a call. path: below the recordings folder; empty while it is being recorded, and when it was erased.

    peaks: as `waves.peaks_of` makes them, kept from the first time that somebody looked; None until then.
    """

    id = models.UUIDField(primary_key=True)
    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="+")
    call = models.UUIDField()
    began_at = models.DateTimeField()
    path = models.CharField(max_length=255, blank=True)
    seconds = models.FloatField(null=True)
    peaks = models.JSONField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["interaction", "began_at"]),
            models.Index(fields=["-began_at", "-id"]),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Listening(models.Model):
    """Somebody listened to a recording."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="listenings")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.recording_id} {self.by_id}"


EVENTS_KEPT = timedelta(days=30)

# --- the engine's store: a few prepared statements in engine/store.py write it, the ORM only reads ----------


class CallEvent(CutByMonth):
    """What the engine was told, in the order in which it decided. Replaying it gives the same commands."""

    id = models.BigAutoField(primary_key=True)
    event = models.UUIDField(null=True)
    call = models.UUIDField(null=True)
    body = models.JSONField()
    at = models.DateTimeField()
    epoch = models.BigIntegerField()

    kept_by_month = EVENTS_KEPT

    class Meta:
        indexes: ClassVar = [models.Index(fields=["call", "id"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return str(self.id)


class CallCommand(CutByMonth):
    """What the switch was asked to do. outcome: empty until sent; sent, expired or refused."""

    id = models.UUIDField(primary_key=True)
    call = models.UUIDField()
    connector = models.CharField(max_length=32)
    body = models.JSONField()
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    outcome = models.CharField(max_length=16, blank=True)

    kept_by_month = EVENTS_KEPT

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["at"], name="unsent_commands", condition=models.Q(outcome="")),
            models.Index(fields=["call", "at"]),
        ]

    def __str__(self) -> str:
        return str(self.id)


class CallFact(models.Model):
    """What is so since the event; waits here until it stands in the history. parked: failed too often."""

    id = models.BigAutoField(primary_key=True)
    call = models.UUIDField(null=True)
    body = models.JSONField()
    at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    projected_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], name="unprojected_facts", condition=models.Q(projected_at__isnull=True))
        ]

    def __str__(self) -> str:
        return str(self.id)


class EngineState(models.Model):
    """The core's state, a row a call, operator or waiting piece of work; written with the event that changed it.

    agents: whom a call concerns. version: the decision that wrote it.
    """

    kind = models.CharField(max_length=16)
    key = models.CharField(max_length=64)
    body = models.JSONField()
    agents = ArrayField(models.BigIntegerField(), default=list)
    version = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "key"], name="engine_state_key")]
        indexes: ClassVar = [GinIndex(fields=["agents"])]

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"


class EngineLead(models.Model):
    """One row: who leads. epoch rises with each take-over; writes of an older epoch are refused.

    holder: the process that leads. until: by the database's clock, when another may take over unless it is renewed.
    """

    epoch = models.BigIntegerField(default=0)
    holder = models.CharField(max_length=100, blank=True)
    until = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)
    cursor = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.epoch)
