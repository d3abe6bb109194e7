from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Draft(models.Model):
    """What somebody typed and has not saved yet. subject: what it belongs to, e.g. "interaction:<id>"."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=64)
    field = models.CharField(max_length=32)
    text = models.TextField(blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "subject", "field"], name="one_draft")]

    def __str__(self) -> str:
        return f"{self.subject} {self.field}"
