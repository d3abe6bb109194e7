"""Kinds of cases as an administrator sets them up: their states, steps, categories, and macros."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language, pgettext_lazy

from perezvon.foundation.people.models import Project, Team
from perezvon.kernel.texts import text_in
from perezvon.modules.cases import flow


class Priority(models.IntegerChoices):
    LOW = 1, pgettext_lazy("priority", "Low")
    NORMAL = 2, pgettext_lazy("priority", "Normal")
    HIGH = 3, pgettext_lazy("priority", "High")
    URGENT = 4, pgettext_lazy("priority", "Urgent")


class Stage(models.TextChoices):
    """flow.Stage, with words."""

    OPEN = flow.Stage.OPEN.value, pgettext_lazy("case", "In work")
    PAUSED = flow.Stage.PAUSED.value, pgettext_lazy("case", "Waiting")
    SOLVED = flow.Stage.SOLVED.value, pgettext_lazy("case", "Solved")
    CLOSED = flow.Stage.CLOSED.value, pgettext_lazy("case", "Closed")


class Named(models.Model):
    """What administrators name, order and withdraw. A withdrawn one stays on the cases that have it."""

    name = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "cases.set_up"

    class Meta:
        abstract = True
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class CaseKind(Named):
    """Order, complaint, … project: of that one only. prefix: stands before the number of its cases.

    after_identification: registered only for a customer who was identified in the contact in hand.
    tells_after_identification: how it goes is told only then. checklist: points that each new case gets, as texts by
    language. team: who gets new ones.
    """

    code = models.SlugField(max_length=32, unique=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    prefix = models.CharField(max_length=8, blank=True)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    after_identification = models.BooleanField(default=False)
    tells_after_identification = models.BooleanField(default=True)
    asks_mark = models.BooleanField(default=False)
    checklist = models.JSONField(default=list, blank=True)


class CaseState(Named):
    """A state of a kind. told: what the customer hears of it, by language."""

    kind = models.ForeignKey(CaseKind, on_delete=models.PROTECT, related_name="states")
    code = models.SlugField(max_length=32)
    stage = models.CharField(max_length=6, choices=Stage)
    told = models.JSONField(default=dict, blank=True)

    class Meta(Named.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "code"], name="case_state_code")]

    @property
    def told_text(self) -> str:
        return text_in(self.told, get_language() or "ru")


class CaseStep(models.Model):
    """A way from one state to another. roles: codes of those who may take it, empty for all. requires: see flow."""

    kind = models.ForeignKey(CaseKind, on_delete=models.PROTECT, related_name="steps")
    source = models.ForeignKey(CaseState, on_delete=models.CASCADE, related_name="+")
    target = models.ForeignKey(CaseState, on_delete=models.CASCADE, related_name="+")
    name = models.JSONField(default=dict)
    roles = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    requires = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "cases.set_up"

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "target"], name="case_step_once"),
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="case_step_leads_elsewhere"),
        ]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class CaseCategory(Named):
    """What reports count cases by (F09.10), a tree of each kind."""

    kind = models.ForeignKey(CaseKind, on_delete=models.PROTECT, related_name="categories")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    code = models.SlugField(max_length=32)

    class Meta(Named.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "code"], name="case_category_code")]


class CaseMacro(Named):
    """A text that is often said, with what is often done together with it. kind: of that one only.

    text: with the places of message templates. step_to: the code of a state that the case then moves to. takes: whoever
    uses it becomes responsible.
    """

    code = models.SlugField(max_length=32, unique=True)
    kind = models.ForeignKey(CaseKind, on_delete=models.PROTECT, null=True, blank=True, related_name="macros")
    text = models.JSONField(default=dict, blank=True)
    is_public = models.BooleanField(default=False)
    step_to = models.SlugField(max_length=32, blank=True)
    priority = models.PositiveSmallIntegerField(choices=Priority, null=True, blank=True)
    takes = models.BooleanField(default=False)
