from __future__ import annotations

from typing import ClassVar

from django.db import models

from perezvon.foundation.partitions.models import CutByMonth


class Change(CutByMonth):
    """One row changed, written by a database trigger: nobody can forget it.

    before / after: only the columns that differ; whole rows for an insert or a delete.
    command: who and why, in the command record; empty for a change made by hand in the database.
    """

    id = models.BigAutoField(primary_key=True)
    table = models.CharField(max_length=63)
    row = models.CharField(max_length=64)
    act = models.CharField(max_length=1)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    command = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["table", "row", "-id"]),
            models.Index(fields=["command"]),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.row} {self.act}"
