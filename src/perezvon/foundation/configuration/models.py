from __future__ import annotations

from typing import ClassVar

from django.db import models


class Version(models.Model):
    """The whole configuration as it stood at a moment. text: YAML without secrets and without people.

    by: the key of the actor who last changed it, empty when several did since the version before; why: his reason.
    """

    number = models.PositiveIntegerField(unique=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=100, blank=True)
    why = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    added = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-number"]

    def __str__(self) -> str:
        return str(self.number)
