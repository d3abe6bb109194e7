"""Conversations that were led by a scenario: where each stands, and the way it went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext as _

from perezvon.foundation.people.models import Project
from perezvon.modules.customers.models import Customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.scripting.models.definitions import Scenario, ScenarioVersion


class Run(models.Model):
    """One conversation. It belongs to its contact, not to whoever leads it: who takes the call over goes on with it.

    pinned: ids of the versions of the scenario and of all it may enter; what is published later is for later runs.
    state: as `cores/scripting/codec` writes it. node: where it stands, scenario/node. said: what was answered on the
    way it took, [{label, value}] in words, for people. facts: what its ways have set, importance and queue for one
    (F06.24). by: None where the customer fills it in by himself. revision: rises with each step.
    """

    id = models.UUIDField(primary_key=True)
    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(ScenarioVersion, on_delete=models.PROTECT, related_name="+")
    pinned = ArrayField(models.BigIntegerField())
    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=8)
    state = models.JSONField()
    node = models.CharField(max_length=200)
    said = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    score = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    result = models.CharField(max_length=100, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["began_at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["interaction", "began_at"]),
            models.Index(fields=["customer", "-began_at"]),
            models.Index(fields=["version", "began_at"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["interaction", "scenario"], condition=models.Q(ended_at=None), name="one_run_under_way"
            ),
        ]

    @property
    def led_by(self) -> str:
        return self.by.short_name if self.by else _("the customer himself")

    opened: Sequence[object] = ()  # of this process alone: what an input has just opened for the operator

    def __str__(self) -> str:
        return f"{self.scenario_id} {self.began_at:%d.%m.%Y %H:%M}"


class RunStep(models.Model):
    """A stay at a node, on the way that the run took at last: what statistics are made of."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    place = models.PositiveIntegerField()
    scenario = models.CharField(max_length=40)
    node = models.CharField(max_length=150)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=150, blank=True)
    late = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["place"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "place"], name="one_step_a_place")]

    def __str__(self) -> str:
        return f"{self.place}: {self.scenario}/{self.node}"


class RunAnswer(models.Model):
    """What was answered on the way of a run that has ended, one row for each option ticked: for statistics.

    version: of the scenario that asked, which may have been entered from another one. row: of a matrix. One of option
    (its code; "yes" and "no" of a flag), number and text is filled.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="answers")
    version = models.ForeignKey(ScenarioVersion, on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=150)
    row = models.CharField(max_length=150, blank=True)
    option = models.CharField(max_length=150, blank=True)
    number = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    text = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["version", "field"])]

    def __str__(self) -> str:
        return f"{self.field}: {self.option or self.number or self.text}"
