from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language

from perezvon.foundation.people.models import Project
from perezvon.kernel.texts import text_in


class Topic(models.Model):
    """A node of a project's topic tree. A withdrawn one stays on the contacts that carry it.

    needs_identification: with this topic the customer must be identified first. tool: a code of registry.py, of what
    the topic opens.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    name = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    needs_identification = models.BooleanField(default=False)
    tool = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "topics.edit"

    class Meta:
        ordering: ClassVar = ["position", "id"]
        indexes: ClassVar = [models.Index(fields=["project", "parent", "position"])]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")
