"""Terms: what is promised for which cases, and how each promise stands."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import pgettext_lazy

from perezvon.cores import sla
from perezvon.foundation.calendars.models import WorkingCalendar
from perezvon.foundation.people.models import Project, Team
from perezvon.modules.cases.models.cases import Case
from perezvon.modules.cases.models.kinds import CaseCategory, CaseKind, Named, Priority


class Promise(models.TextChoices):
    """sla.Kind, with words."""

    FIRST_RESPONSE = sla.Kind.FIRST_RESPONSE.value, pgettext_lazy("term", "First answer")
    UPDATE = sla.Kind.UPDATE.value, pgettext_lazy("term", "Next answer")
    SOLUTION = sla.Kind.SOLUTION.value, pgettext_lazy("term", "Solution")
    REACH = sla.Kind.REACH.value, pgettext_lazy("term", "State reached")


class TermPolicy(Named):
    """For which cases: kind, category, project, priority and the customer's level, where they are said; all must fit.

    calendar: by which it is reckoned; none: that of the case's team or project. Each promise in minutes of working
    time, 0 for none: answer, update, solution; reach to be in the state `reach_state`. warn: so many ahead. overdue_*:
    what is done so many minutes after a breach: priority raised, given to a team.
    """

    code = models.SlugField(max_length=32, unique=True)
    kind = models.ForeignKey(CaseKind, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    category = models.ForeignKey(CaseCategory, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    priority = models.PositiveSmallIntegerField(choices=Priority, null=True, blank=True)
    level = models.CharField(max_length=64, blank=True)
    calendar = models.ForeignKey(WorkingCalendar, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.PositiveIntegerField(default=0)
    update = models.PositiveIntegerField(default=0)
    solution = models.PositiveIntegerField(default=0)
    reach = models.PositiveIntegerField(default=0)
    reach_state = models.SlugField(max_length=32, blank=True)
    warn = models.PositiveIntegerField(default=0)
    raises_after = models.PositiveIntegerField(null=True, blank=True)
    hands_after = models.PositiveIntegerField(null=True, blank=True)
    hands_to = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True)


class CaseTerm(models.Model):
    """How one promise of a case stood when it was last reckoned. wake_at: when something changes by itself.

    done: what was done for it: "warned", "broken", codes of escalation. All rows of open cases may be written at once:
    the constraint finds those of a case, and nothing looks for those of a policy.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="terms", db_index=False)
    policy = models.ForeignKey(TermPolicy, on_delete=models.CASCADE, related_name="+", db_index=False)
    promise = models.CharField(max_length=16, choices=Promise)
    state = models.CharField(max_length=8)
    due_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    wake_at = models.DateTimeField(null=True)
    done = ArrayField(models.CharField(max_length=16), default=list, blank=True)

    class Meta:
        ordering: ClassVar = ["due_at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["wake_at"], condition=models.Q(wake_at__isnull=False), name="case_terms_to_wake")
        ]
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "policy", "promise"], name="case_term_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.promise} {self.state}"
