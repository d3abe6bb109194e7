from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.foundation.people.models import Group, Project


class Kind(models.TextChoices):
    NEWS = "news", lazy("Announcement")
    INSTRUCTION = "instruction", lazy("Instruction")


class Importance(models.TextChoices):
    """Important ones are asked to be read; urgent ones stand above the work of everybody until they are."""

    NORMAL = "normal", pgettext_lazy("announcement", "Normal")
    IMPORTANT = "important", pgettext_lazy("announcement", "Important")
    URGENT = "urgent", pgettext_lazy("announcement", "Urgent")


class Stage(models.TextChoices):
    """How far people's screens have been told of it; what is shown follows its times alone."""

    PLANNED = "planned", pgettext_lazy("announcement", "Planned")
    SHOWN = "shown", pgettext_lazy("announcement", "Shown")
    OVER = "over", pgettext_lazy("announcement", "Over")


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def at(self, now: datetime) -> Self:
        """Those that are to be seen at this moment, by whomever they are for."""
        begun = self.filter(deleted_at=None, shown_from__lte=now)
        return begun.filter(Q(shown_until=None) | Q(shown_until__gt=now))


class Announcement(models.Model):
    """Something that people are told. Without projects and groups it is for all of them; with both, for who is in both.

    only_signed_in: for those alone who were signed in at the moment it appeared, `people`. section: under which an
    instruction stands.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=12, choices=Kind)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    section = models.CharField(max_length=100, blank=True)
    importance = models.CharField(max_length=12, choices=Importance, default=Importance.NORMAL)
    projects = models.ManyToManyField(Project, blank=True, related_name="+")
    groups = models.ManyToManyField(Group, blank=True, related_name="+")
    only_signed_in = models.BooleanField(default=False)
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    shown_from = models.DateTimeField()
    shown_until = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=8, choices=Stage, default=Stage.PLANNED)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = AnnouncementQuerySet.as_manager()

    keeps_history = True
    history_shown_with = "bulletin.post"

    class Meta:
        ordering: ClassVar = ["-shown_from", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-shown_from"], name="announcements_now", condition=Q(deleted_at=None)),
            models.Index(fields=["stage", "shown_from"], name="announcements_to_tell", condition=~Q(stage="over")),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def asks_to_be_read(self) -> bool:
        return self.importance != Importance.NORMAL


class Receipt(models.Model):
    """Somebody said that he has read it. A text that changes much is asked for again: its receipts are dropped."""

    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="receipts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["announcement", "user"], name="read_once")]

    def __str__(self) -> str:
        return f"{self.announcement_id} {self.user_id}"
