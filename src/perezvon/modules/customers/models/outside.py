"""Where else customers are known: a base of the company, its CRM."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language

from perezvon.foundation.people.models import Project
from perezvon.kernel.texts import text_in


class OutsideSource(models.Model):
    """Asked about callers whom nobody here knows; for one project, or for all that have none of their own.

    url, header, paths: as ports.customers.SourceSettings has them; secret: encrypted. facts: [[label, path]].
    """

    name = models.JSONField(default=dict)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    url = models.CharField(max_length=500)
    header = models.CharField(max_length=300, blank=True)
    secret = models.TextField(blank=True)
    paths = models.JSONField(default=dict)
    facts = models.JSONField(default=list)
    in_use = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "customers.outside_sources"
    history_hides = ("secret", "version")

    class Meta:
        ordering: ClassVar = ["project_id", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project"], name="outside_source_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")
