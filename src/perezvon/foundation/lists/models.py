from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from perezvon.foundation.people.models import Role


class SavedView(models.Model):
    """A way to look at a list. state: the parts of an address that it stands for, see asked.py.

    is_default: its owner's list opens with it. default_for: so do the lists of these roles, unless people have a
    default of their own.
    """

    list = models.CharField(max_length=64)
    name = models.CharField(max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.JSONField(default=dict)
    is_shared = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)
    default_for = models.ManyToManyField(Role, blank=True, related_name="+")
    created_at = models.DateTimeField()

    keeps_history = True

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list", "owner", "name"], name="view_name_once"),
            models.UniqueConstraint(
                fields=["list", "owner"], condition=models.Q(is_default=True), name="view_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BulkRun(models.Model):
    """What was done with many rows at once, and with which, so that it can be undone."""

    id = models.UUIDField(primary_key=True)
    list = models.CharField(max_length=64)
    action = models.CharField(max_length=64)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    keys = ArrayField(models.CharField(max_length=64))
    at = models.DateTimeField(db_index=True)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.list} {self.action}"
