"""How an administrator arranges the cards of records."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language

from perezvon.foundation.people.models import Project, Role
from perezvon.kernel.texts import text_in


class CardLayout(models.Model):
    """An arrangement of a card, for some records and readers; of those that fit, the one that says most is taken.

    project, role, variant: for which; none: for all. arrangement: {"tabs": [{"code", "label": {language: text},
    "top": [codes of sections], "side": […], "main": […]}], "hidden": [codes]}. Sections that it does not name, because
    their module came later, stand at the end of the first tab.
    """

    kind = models.CharField(max_length=32)
    code = models.CharField(max_length=30)
    name = models.JSONField(default=dict)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    variant = models.CharField(max_length=32, blank=True)
    arrangement = models.JSONField(default=dict)
    in_use = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_hides = ("version",)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "code"], name="card_layout_code")]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")
