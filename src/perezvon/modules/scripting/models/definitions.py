"""Scenarios as they are drawn. The graph itself is `cores/scripting`; here are its versions and where it is offered."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.people.models import Project
from perezvon.kernel.texts import text_in
from perezvon.modules.topics.models import Topic


class Form(models.TextChoices):
    CONVERSATION = "conversation", lazy("Conversation")
    QUESTIONNAIRE = "questionnaire", lazy("Questionnaire")


class Direction(models.TextChoices):
    ANY = "any", pgettext_lazy("direction", "Any")
    IN = "in", pgettext_lazy("direction", "Incoming")
    OUT = "out", pgettext_lazy("direction", "Outgoing")


class Phase(models.TextChoices):
    """Of the contact in which it is offered."""

    ANY = "any", pgettext_lazy("phase", "At any time")
    RINGING = "ringing", pgettext_lazy("phase", "While it rings")
    TALK = "talk", pgettext_lazy("phase", "In the conversation")
    AFTER = "after", pgettext_lazy("phase", "After the conversation")


class Whom(models.TextChoices):
    """Customers it is offered with."""

    ANY = "any", pgettext_lazy("customers", "Everybody")
    UNKNOWN = "unknown", pgettext_lazy("customers", "Somebody unknown")
    KNOWN = "known", pgettext_lazy("customers", "Customers with a card")


class Scenario(models.Model):
    """code: its key in the core, for other scenarios too. current: the version that new runs take; None: nothing has
    been published yet.

    Offered where all of these fit: projects, topics (none named: in all of them), lines (their addresses; lines stand
    in a module above), direction, phase, whom. position: in the list of what is offered.
    """

    id = models.UUIDField(primary_key=True)
    code = models.SlugField(max_length=40, unique=True)
    name = models.JSONField(default=dict)
    form = models.CharField(max_length=16, choices=Form, default=Form.CONVERSATION)
    projects = models.ManyToManyField(Project, blank=True, related_name="+")
    topics = models.ManyToManyField(Topic, blank=True, related_name="+")
    lines = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    direction = models.CharField(max_length=4, choices=Direction, default=Direction.ANY)
    phase = models.CharField(max_length=8, choices=Phase, default=Phase.ANY)
    whom = models.CharField(max_length=8, choices=Whom, default=Whom.ANY)
    position = models.PositiveIntegerField(default=100)
    is_active = models.BooleanField(default=True)
    current = models.ForeignKey("ScenarioVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "scripting.manage"
    history_hides: ClassVar = ("version",)

    class Meta:
        ordering: ClassVar = ["position", "code"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru") or self.code


class ScenarioDraft(models.Model):
    """What is being drawn. It may be anything; only what is published has to be right.

    document: as `cores/scripting/codec` reads it, if it is right. places: {node: [x, y]}. revision: rises with each
    saving, so that two who draw at once are told. based_on: number of the version it was begun from; 0: of none.
    Its savings are no history: a version is.
    """

    scenario = models.OneToOneField(Scenario, on_delete=models.CASCADE, primary_key=True, related_name="draft")
    document = models.JSONField(default=dict)
    places = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    based_on = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.scenario_id} {self.revision}"


class ScenarioVersion(models.Model):
    """What was published; the database keeps it as it was. Runs hold on to the version they began with."""

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    places = models.JSONField(default=dict)
    note = models.CharField(max_length=300, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scenario", "number"], name="one_scenario_version_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.scenario_id} {self.number}"
