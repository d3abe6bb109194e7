from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class OutboxRow(models.Model):
    """Something that others must hear of, written in the transaction that made it so.

    number: given by the relay after the commit; it follows visibility, so a reader who fetches above his
    number can miss nothing. audience: for live messages, who may hear it (`user:7`, `project:2`, …).
    """

    id = models.BigAutoField(primary_key=True)
    number = models.BigIntegerField(null=True)
    topic = models.CharField(max_length=100)
    body = models.JSONField(encoder=DjangoJSONEncoder)
    audience = ArrayField(models.CharField(max_length=64), null=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], name="outbox_unnumbered", condition=models.Q(number__isnull=True)),
        ]
        # A writer pays for each index. This one he leaves to the relay.
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], name="outbox_number", condition=models.Q(number__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.number}"


class OutboxCounter(models.Model):
    """One row: the last number given."""

    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)


class OutboxCursor(models.Model):
    """How far a durable reader has come; moved in the transaction of its effect."""

    reader = models.CharField(max_length=64, unique=True)
    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.reader} {self.number}"
