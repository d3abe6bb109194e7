from __future__ import annotations

from typing import ClassVar

from django.db import models


class CommandRecord(models.Model):
    """Who did what and why. What changed by it stands in the history, joined by this id.

    The database keeps the rows as they were written (migration 0002).

    result: what a repeat of the same id gets back: {"model": label, "pk": …} or a plain value.
    """

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=100)
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()
    why = models.TextField(blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    facts = models.JSONField(default=dict)
    result = models.JSONField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["actor", "-at"]),
            models.Index(fields=["-at", "-id"], name="commands_newest"),
            models.Index(fields=["name", "-at"], name="commands_by_name"),
            # Few among many: without it a page of them would be looked for through everything.
            models.Index(
                fields=["-at", "-id"], name="commands_by_system", condition=~models.Q(actor__startswith="user:")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id}"
