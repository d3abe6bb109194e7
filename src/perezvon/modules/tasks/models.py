"""Planned work: what is to be done, by whom, until when; how it changed hands; how far a contact has come."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext, pgettext_lazy

from perezvon.foundation.people.models import Project, Team
from perezvon.kernel.texts import text_in
from perezvon.modules.customers.models import Customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.topics.models import Topic


class Kind(models.TextChoices):
    TODO = "todo", pgettext_lazy("task", "To-do")
    MEETING = "meeting", pgettext_lazy("task", "Meeting")
    CALL = "call", pgettext_lazy("task", "Call")
    SMS = "sms", pgettext_lazy("task", "SMS")


class State(models.TextChoices):
    NEW = "new", pgettext_lazy("task", "New")
    WORK = "work", pgettext_lazy("task", "In work")
    WAITING = "waiting", pgettext_lazy("task", "Waiting for the customer")
    DONE = "done", pgettext_lazy("task", "Done")
    CANCELLED = "cancelled", pgettext_lazy("task", "Cancelled")


OPEN = (State.NEW, State.WORK, State.WAITING)


class Repeat(models.TextChoices):
    NEVER = "", pgettext_lazy("task", "once")
    DAILY = "daily", pgettext_lazy("task", "every day")
    WEEKDAYS = "weekdays", pgettext_lazy("task", "Monday to Friday")
    WEEKLY = "weekly", pgettext_lazy("task", "every week")
    MONTHLY = "monthly", pgettext_lazy("task", "every month")


class Stage(models.Model):
    """How far a contact has come (F04.09). project: of one only; none: of all. is_final: nothing is left to be done."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    code = models.SlugField(unique=True)
    name = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    is_final = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "tasks.set_up"

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class ActionKind(models.Model):
    """A possible next action (F10.03). from_stages: codes of the stages in which it can be chosen, none for any.

    to_stage: where the contact stands once it is done. usual_minutes: working time until it is due, as proposed.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    code = models.SlugField(unique=True)
    name = models.JSONField(default=dict)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TODO)
    from_stages = models.JSONField(default=list, blank=True)
    to_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    usual_minutes = models.PositiveIntegerField(default=480)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "tasks.set_up"

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class ColumnLimit(models.Model):
    """How many tasks one person should have in a column of the board at once. More is told, not forbidden."""

    state = models.CharField(max_length=10, choices=State, unique=True)
    most = models.PositiveSmallIntegerField()

    keeps_history = True
    history_shown_with = "tasks.set_up"

    class Meta:
        ordering: ClassVar = ["state"]

    def __str__(self) -> str:
        return f"{self.state}: {self.most}"


FIELDS = "task"  # as the kind of records that has an administrator's own fields


class Task(models.Model):
    """One piece of planned work. owner and team: nobody and no team means anyone of the project.

    due_local, zone: what was promised, a time on a wall ("2026-11-23T15:00") in a zone; due_at follows from them.
    address: the number to call or write to. subject_kind, subject: what else it belongs to, see registry.py.
    origin: what made it, "" for people. remind_min: minutes ahead of the due time; reminded_at: when that was done.
    sent: the message that a planned SMS became.
    """

    id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField(unique=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TODO)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    interaction = models.ForeignKey(Interaction, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    subject_kind = models.CharField(max_length=32, blank=True)
    subject = models.UUIDField(null=True, blank=True)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    action = models.ForeignKey(ActionKind, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    address = models.CharField(max_length=64, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    due_at = models.DateTimeField(null=True, blank=True)
    due_local = models.CharField(max_length=16, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    duration_min = models.PositiveIntegerField(default=0)
    remind_min = models.PositiveIntegerField(null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    repeat = models.CharField(max_length=8, choices=Repeat, blank=True)
    repeat_until = models.DateField(null=True, blank=True)
    result = models.TextField(blank=True)
    origin = models.CharField(max_length=16, blank=True)
    sent = models.UUIDField(null=True, blank=True)
    custom = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "tasks.view"
    history_masks = ("address", "custom")
    history_hides = ("version",)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["owner", "due_at"], condition=Q(closed_at=None), name="task_open_of_owner"),
            models.Index(fields=["project", "due_at"], condition=Q(closed_at=None), name="task_open_of_project"),
            models.Index(fields=["project", "-closed_at"], name="task_closed_of_project"),
            models.Index(fields=["customer", "-created_at"], name="task_of_customer"),
            models.Index(fields=["interaction"], name="task_of_contact"),
            models.Index(fields=["subject"], condition=Q(subject__isnull=False), name="task_of_subject"),
            models.Index(fields=["created_by", "due_at"], condition=Q(closed_at=None), name="task_open_of_author"),
            models.Index(fields=["remind_at"], condition=Q(reminded_at=None, closed_at=None), name="task_to_remind"),
            models.Index(fields=["due_at"], condition=Q(kind="sms", closed_at=None), name="task_sms_to_send"),
            models.Index(fields=["due_at", "id"], name="task_by_due"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=[State.DONE, State.CANCELLED], closed_at__isnull=False)
                | Q(state__in=[State.NEW, State.WORK, State.WAITING], closed_at=None),
                name="task_closed_with_its_time",
            ),
            models.UniqueConstraint(
                fields=["interaction", "origin"], condition=~Q(origin=""), name="task_once_for_a_contact"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def holder(self) -> str:
        """Who has it: a person, a team, or "anyone"."""
        if self.owner:
            return self.owner.short_name
        return str(self.team) if self.team else pgettext("task owner", "anyone")


class HandOver(models.Model):
    """A task offered by one to another. Whoever has it answers for it until the other one accepts (F10.05, F10.06).

    state: offered, accepted, returned (with a reason), withdrawn.
    """

    class State(models.TextChoices):
        OFFERED = "offered", pgettext_lazy("handover", "Offered")
        ACCEPTED = "accepted", pgettext_lazy("handover", "Accepted")
        RETURNED = "returned", pgettext_lazy("handover", "Returned")
        WITHDRAWN = "withdrawn", pgettext_lazy("handover", "Withdrawn")

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="hand_overs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OFFERED)
    note = models.CharField(max_length=500, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    keeps_history = True
    history_shown_with = "tasks.view"

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["to"], condition=Q(state="offered"), name="hand_over_to_answer")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task"], condition=Q(state="offered"), name="hand_over_one_at_a_time")
        ]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.by_id} > {self.to_id} {self.state}"


class StageChange(models.Model):
    """A contact came to a stage (F06.15). The latest one counts. task: by doing which, if by that."""

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="+")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey(Task, on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["interaction", "-at"], name="stage_of_contact")]

    def __str__(self) -> str:
        return f"{self.interaction_id} {self.stage_id}"


class Deputy(models.Model):
    """Who looks after somebody's tasks while he is away, both days included."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField()

    keeps_history = True
    history_shown_with = "tasks.view"

    class Meta:
        ordering: ClassVar = ["-since", "id"]

    def __str__(self) -> str:
        return f"{self.user_id} > {self.deputy_id}"


class Feed(models.Model):
    """The secret by which a person's calendar program reads his tasks: in an address, or as the password of CalDAV.

    Only its SHA-256 is kept: the secret is chance of 256 bits, so nobody finds it from that. A new one ends the old.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    key_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.user_id)
