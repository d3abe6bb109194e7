"""Queues, who serves them with which skills, and the log of everybody's states."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import get_language

from perezvon.cores.routing import AgentStatus, WrapUp
from perezvon.foundation.people.models import Project
from perezvon.kernel.texts import text_in


class Skill(models.Model):
    code = models.SlugField(unique=True)
    name = models.JSONField(default=dict)

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class Queue(models.Model):
    """Where work waits. skills: {code: least level}. service_level_s: the N of "answered within N seconds"."""

    code = models.SlugField(unique=True)
    name = models.JSONField(default=dict)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    ring_s = models.FloatField(default=20.0)
    skills = models.JSONField(default=dict, blank=True)
    wrap_up = models.CharField(max_length=16, choices=[(m.value, m.value) for m in WrapUp], default=WrapUp.MANDATORY)
    wrap_up_s = models.FloatField(default=60.0)
    extend_s = models.FloatField(default=30.0)
    extensions = models.PositiveSmallIntegerField(default=10)
    ready_after = models.BooleanField(default=False)
    pop_on_answer = models.BooleanField(default=False)
    may_decline = models.BooleanField(default=True)
    service_level_s = models.PositiveIntegerField(default=20)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "routing.configure"

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class Agent(models.Model):
    """A user as an operator. version rises with every change to his queues or skills."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    queues = models.ManyToManyField(Queue, related_name="agents")
    skills = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "routing.configure"

    def __str__(self) -> str:
        return str(self.user_id)


class NotReadyReason(models.Model):
    """Why somebody is not ready. limit_minutes: past it the time turns to the colour of a warning."""

    code = models.CharField(max_length=64, unique=True)
    name = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    limit_minutes = models.PositiveIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class AgentState(models.Model):
    """One stretch of one operator's time: state, reason, from, to, by whom. The open one is now."""

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=16, choices=[(s.value, s.value) for s in AgentStatus])
    reason = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["agent", "-began_at"]), models.Index(fields=["began_at"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agent"], name="one_state_at_a_time", condition=models.Q(ended_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.status}"
