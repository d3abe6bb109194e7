"""How conversations are judged: by which card, what was found, what the operator says to it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as lazy

from perezvon.cores import quality as core
from perezvon.kernel.texts import text_in
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.telephony.models import Recording

LONGEST_TEXT = 4000


class Scorecard(models.Model):
    """What is asked of a conversation. questions: [{code, section: texts, text: texts, most, weight, fatal, critical}].

    Evaluations keep the questions with which they began, so it may be changed at any time.
    """

    code = models.SlugField(unique=True)
    name = models.JSONField(default=dict)
    questions = models.JSONField(default=list)
    pass_percent = models.PositiveSmallIntegerField(default=80)
    critical_percent = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "quality.set_up"
    history_hides = ("version",)

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


def card_of(kept: dict[str, Any]) -> core.Scorecard:
    """As the core takes it, of what an evaluation keeps: {questions, pass_percent, critical_percent}."""
    questions = tuple(
        core.Question(
            one["code"],
            section_key(one),
            int(one.get("most", 1)),
            int(one.get("weight", 1)),
            bool(one.get("fatal")),
            bool(one.get("critical")),
        )
        for one in kept["questions"]
    )
    return core.Scorecard(questions, kept["pass_percent"], kept["critical_percent"])


def section_key(question: dict[str, Any]) -> str:
    """One section is one whatever the language: its first text."""
    texts: dict[str, str] = question.get("section", {})
    return next((text for _language, text in sorted(texts.items()) if text), "")


class State(models.TextChoices):
    """draft -> published -> accepted | appealed; appealed -> draft (the operator was right) | upheld."""

    DRAFT = "draft", pgettext_lazy("evaluation", "Draft")
    PUBLISHED = "published", pgettext_lazy("evaluation", "Published")
    ACCEPTED = "accepted", pgettext_lazy("evaluation", "Accepted")
    APPEALED = "appealed", pgettext_lazy("evaluation", "Appealed")
    UPHELD = "upheld", pgettext_lazy("evaluation", "Upheld")


class Evaluation(models.Model):
    """A conversation judged by somebody. agent: whose it was.

    card: what the scorecard asked when it began. answers, notes: by code of the question; an answer of None does not
    apply. calibration: made to compare evaluators; the operator never sees it, and no report counts it.
    percent, critical, passed: as the core says, of what is answered so far.
    """

    id = models.UUIDField(primary_key=True)
    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="+")
    recording = models.ForeignKey(Recording, on_delete=models.SET_NULL, null=True, related_name="+")
    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="+")
    card = models.JSONField()
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    evaluator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    calibration = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    answers = models.JSONField(default=dict)
    notes = models.JSONField(default=dict)
    comment = models.TextField(blank=True)
    coaching = models.TextField(blank=True)
    appeal = models.TextField(blank=True)
    decision = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    percent = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    critical = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    passed = models.BooleanField(null=True)
    began_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "quality.evaluate"
    history_hides = ("version",)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["interaction"]),
            models.Index(fields=["agent", "-began_at"]),
            models.Index(fields=["-began_at", "-id"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["interaction", "scorecard", "evaluator", "calibration"], name="one_evaluation_of_each"
            ),
            models.UniqueConstraint(
                fields=["interaction", "scorecard"],
                condition=models.Q(calibration=False),
                name="one_evaluation_that_counts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id} {self.scorecard_id}"


class EvaluationMark(models.Model):
    """A place of the recording and what is to be said to it. at_s: seconds from its beginning."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="marks")
    at_s = models.FloatField()
    text = models.CharField(max_length=500)

    class Meta:
        ordering: ClassVar = ["at_s", "id"]

    def __str__(self) -> str:
        return self.text


class Sampled(models.Model):
    """A conversation that was drawn to be evaluated. It waits while there is no evaluation of it by this card."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="+")
    scorecard = models.ForeignKey(Scorecard, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    week = models.DateField(verbose_name=lazy("week"))
    drawn_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["drawn_at", "id"]
        indexes: ClassVar = [models.Index(fields=["scorecard", "week"])]
        constraints: ClassVar = [models.UniqueConstraint(fields=["recording", "scorecard"], name="drawn_once")]

    def __str__(self) -> str:
        return f"{self.recording_id} {self.scorecard_id}"
