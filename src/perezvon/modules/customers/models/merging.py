"""Cards of one person: pairs that may be, and merges that can be undone."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from perezvon.modules.customers.models.cards import Customer


class Duplicate(models.Model):
    """Two cards that may be one person's. one has the smaller number. reasons: codes of what agrees.

    dismissed_at: somebody looked and said no; the pair is not offered again.
    """

    one = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    reasons = models.JSONField(default=list)
    found_at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    keeps_history = True

    class Meta:
        ordering: ClassVar = ["-found_at", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["one", "other"], name="duplicate_once")]

    def __str__(self) -> str:
        return f"{self.one_id} = {self.other_id}"


class Merge(models.Model):
    """`gone` was merged into `kept`. before / after: the columns of `kept` that became others.

    left: what undoing left as it was, because it had been changed since: [{"table", "row" or "field"}].
    """

    kept = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges")
    gone = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    left = models.JSONField(default=list, blank=True)

    keeps_history = True

    class Meta:
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.gone_id} into {self.kept_id}"


class MergeMove(models.Model):
    """A value that became another one; mostly it pointed at `gone` and now at `kept`. row: its key as text."""

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="moves")
    table = models.CharField(max_length=63)
    column = models.CharField(max_length=63)
    row = models.CharField(max_length=64)
    before = models.JSONField()
    after = models.JSONField()

    def __str__(self) -> str:
        return f"{self.table}.{self.column} {self.row}"
