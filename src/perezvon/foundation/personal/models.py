"""What was asked for one person's data: that nobody erases them, that they are erased."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class LegalHold(models.Model):
    """A person's data must stay, whoever asks to erase them. subject: the key of his record. until: its last day."""

    subject = models.UUIDField()
    reason = models.CharField(max_length=500)
    until = models.DateField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    keeps_history = True
    history_shown_with = "personal.hold"

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["subject"], name="hold_in_force", condition=models.Q(lifted_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.reason}"


class Erasure(models.Model):
    """A person's data are to be erased, or are. subject: the key of his record; number: what people call it by.

    done: {holder: how many rows} of those that have erased theirs. confirmed_at: from then on it goes on to the end.
    """

    id = models.UUIDField(primary_key=True)
    subject = models.UUIDField()
    number = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    done = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [models.Index(fields=["subject", "-at"], name="erasure_of")]

    def __str__(self) -> str:
        return f"{self.number} {self.at:%d.%m.%Y}"
