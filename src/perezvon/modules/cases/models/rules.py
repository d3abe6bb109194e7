"""Rules: when something happens to a case and conditions hold, something is done. And what each of them did."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from perezvon.foundation.people.models import Project
from perezvon.modules.cases.models.cases import Case
from perezvon.modules.cases.models.kinds import Named


class When(models.TextChoices):
    """What a rule waits for. waited: so long in one state. hand: an administrator runs it."""

    REGISTERED = "registered", pgettext_lazy("rule", "A case is registered")
    CHANGED = "changed", pgettext_lazy("rule", "Its fields are changed")
    MOVED = "moved", pgettext_lazy("rule", "It comes to another state")
    TOLD = "told", pgettext_lazy("rule", "Somebody writes or calls")
    WARNED = "warned", pgettext_lazy("rule", "A term runs out soon")
    BROKEN = "broken", pgettext_lazy("rule", "A term is broken")
    WAITED = "waited", pgettext_lazy("rule", "It has been in one state for so long")
    HAND = "hand", pgettext_lazy("rule", "Only when it is run by hand")


class CaseRule(Named):
    """project: of that one only. after, again: of `waited`, minutes in one state, and after how many more it is
    asked once more, 0 for never. where: cores/conditions as they are kept.

    actions: what is done, as {code: {field: text}} of registered actions, in the order of their registration.
    stops: when it has done something, those behind it are not asked. swept_at: until when `waited` was looked for.
    """

    code = models.SlugField(max_length=32, unique=True)
    when = models.CharField(max_length=10, choices=When)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    after = models.PositiveIntegerField(default=0)
    again = models.PositiveIntegerField(default=0)
    where = models.JSONField(default=list, blank=True)
    actions = models.JSONField(default=dict, blank=True)
    stops = models.BooleanField(default=False)
    swept_at = models.DateTimeField(null=True)

    history_hides = ("swept_at",)


class RuleRun(models.Model):
    """What a rule did for one case and one cause. held: each condition, and whether it held. done: codes of actions.

    told, facts: the code of the refusal, and what it says of itself.

    cause: what led to it in the end; all that a rule sets off has the cause of the rule.
    """

    class Outcome(models.TextChoices):
        DONE = "done", pgettext_lazy("rule", "Done")
        REFUSED = "refused", pgettext_lazy("rule", "Not possible")
        FAILED = "failed", pgettext_lazy("rule", "Failed")
        LOOP = "loop", pgettext_lazy("rule", "Held back: once for one cause")

    rule = models.ForeignKey(CaseRule, on_delete=models.CASCADE, related_name="runs")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    cause = models.CharField(max_length=80)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome)
    held = models.JSONField(default=list, blank=True)
    done = models.JSONField(default=list, blank=True)
    told = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-at", "-id"], name="case_rule_runs_newest"),
            models.Index(fields=["rule", "-at"], name="case_rule_runs_of_rule"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule", "case", "cause"], condition=~models.Q(outcome="loop"), name="case_rule_once_for_a_cause"
            ),
            models.UniqueConstraint(
                fields=["rule", "case", "cause"], condition=models.Q(outcome="loop"), name="case_rule_loop_told_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.case_id} {self.outcome}"
