"""A case: what somebody wants from us until it is over, and all that happened on the way."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext_lazy

from perezvon.foundation.people.models import Project, Team
from perezvon.modules.cases.models.kinds import CaseCategory, CaseKind, CaseState, Priority, Stage
from perezvon.modules.catalogue.models import Product
from perezvon.modules.customers.models import Customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.topics.models import Topic

_OPEN = ("open", "paused")


class Source(models.TextChoices):
    """Where it came in."""

    CONTACT = "contact", pgettext_lazy("case", "From a contact")
    CARD = "card", pgettext_lazy("case", "From the customer's card")
    STAFF = "staff", pgettext_lazy("case", "By staff")
    API = "api", pgettext_lazy("case", "From another program")
    LETTER = "letter", pgettext_lazy("case", "From a letter")
    PORTAL = "portal", pgettext_lazy("case", "From the customers' portal")


class Case(models.Model):
    """stage: that of its state, kept here so that lists and clocks need no join. contact: in which it was registered.

    person, team: who is responsible; neither: it waits to be given out. promised: by hand; due: the earliest of that
    and of all terms. parent: the case of which it is a part. merged_into: the case that took this one's place.
    incident: many customers have the same, they are its parts; banner: what operators read of it, until banner_until.
    moved_at: since when it is in its state. paused_at: since when it rests. reopened: how often.
    """

    id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField(unique=True)
    kind = models.ForeignKey(CaseKind, on_delete=models.PROTECT, related_name="+", db_index=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.ForeignKey(CaseState, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=6, choices=Stage)
    category = models.ForeignKey(CaseCategory, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    subject = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    contact = models.ForeignKey(Interaction, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    source = models.CharField(max_length=8, choices=Source, default=Source.STAFF)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+")
    due = models.DateTimeField(null=True)
    promised = models.DateTimeField(null=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children", db_index=False)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged", db_index=False)
    incident = models.BooleanField(default=False)
    banner = models.CharField(max_length=200, blank=True, default="", db_default="")
    banner_until = models.DateTimeField(null=True)
    custom = models.JSONField(default=dict, blank=True)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    mark = models.PositiveSmallIntegerField(null=True)
    mark_words = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "cases.view"
    history_masks = ("custom",)
    history_hides = ("version", "changed_at", "due", "moved_at")

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="case_newest"),
            models.Index(fields=["customer", "-created_at"], name="case_of_customer"),
            # Every change of a case writes all of its indexes: none is there twice, and none holds what is empty.
            *(
                models.Index(fields=[name], condition=models.Q(**{f"{name}__isnull": False}), name=f"case_of_{name}")
                for name in ("contact", "category", "topic", "product", "parent", "merged_into")
            ),
            models.Index(fields=["project", "-created_at"], name="case_of_project"),
            models.Index(fields=["person", "due"], condition=models.Q(stage__in=_OPEN), name="case_open_of_person"),
            models.Index(fields=["team", "due"], condition=models.Q(stage__in=_OPEN), name="case_open_of_team"),
            models.Index(fields=["due"], condition=models.Q(stage__in=_OPEN), name="case_open_due"),
            models.Index(fields=["moved_at"], condition=models.Q(stage__in=_OPEN), name="case_open_moved"),
            models.Index(fields=["project"], condition=models.Q(incident=True), name="case_incidents"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(parent=models.F("id")), name="case_not_its_own_parent"),
            models.CheckConstraint(condition=models.Q(mark=None) | models.Q(mark__range=(1, 5)), name="case_mark"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def code(self) -> str:
        """The number as people say it."""
        return f"{self.kind.prefix}{self.number:05}"

    @property
    def title(self) -> str:
        """00192 (16.11.11) «Admission to hospital» (F09.12)."""
        day = date_format(timezone.localtime(self.created_at), "d.m.y")
        return f"{self.code} ({day}) \u00ab{self.subject}\u00bb"

    @property
    def is_over(self) -> bool:
        return self.stage in {Stage.SOLVED, Stage.CLOSED}


class Act(models.TextChoices):
    """What an entry tells."""

    REGISTERED = "registered", pgettext_lazy("case entry", "Registered")
    MOVED = "moved", pgettext_lazy("case entry", "State")
    HANDED = "handed", pgettext_lazy("case entry", "Handed over")
    COMMENT = "comment", pgettext_lazy("case entry", "Comment")
    CONTACT = "contact", pgettext_lazy("case entry", "Contact")
    LETTER = "letter", pgettext_lazy("case entry", "Message to the customer")
    CHANGED = "changed", pgettext_lazy("case entry", "Changed")
    LINKED = "linked", pgettext_lazy("case entry", "Linked")
    APPROVAL = "approval", pgettext_lazy("case entry", "Approval")
    MARK = "mark", pgettext_lazy("case entry", "Customer's mark")
    TERM = "term", pgettext_lazy("case entry", "Term")


class CaseEntry(models.Model):
    """One line of what happened. is_public: it may be told to the customer. facts: ids and codes, by the act.

    topic, category: those that the case had then (F09.12).
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="entries")
    act = models.CharField(max_length=10, choices=Act)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    is_public = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    facts = models.JSONField(default=dict, blank=True)
    contact = models.ForeignKey(Interaction, on_delete=models.PROTECT, null=True, related_name="+")
    message = models.UUIDField(null=True)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, related_name="+")
    category = models.ForeignKey(CaseCategory, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [models.Index(fields=["case", "at", "id"], name="case_entries")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.act}"


class CaseFollower(models.Model):
    """Somebody who wants to hear of every change."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="followers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "user"], name="case_follower_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.user_id}"


class CheckPoint(models.Model):
    """A point of the list of what has to be done."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="points")
    text = models.CharField(max_length=300)
    position = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.text


class CaseLink(models.Model):
    """Two cases that have to do with each other. The one with the smaller id is the first, so a pair is one row."""

    one = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links_first")
    other = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links_second")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["one", "other"], name="case_link_once"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="case_link_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} {self.other_id}"


class Approval(models.Model):
    """Somebody is asked whether it may go on. asked: by name; role: or anybody of that role. gone: whoever was asked by
    name cannot come in any more, another has to be asked."""

    class Answer(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("approval", "Waiting")
        GIVEN = "given", pgettext_lazy("approval", "Approved")
        REFUSED = "refused", pgettext_lazy("approval", "Refused")
        GONE = "gone", pgettext_lazy("approval", "Nobody left to answer")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="approvals")
    question = models.TextField(blank=True)
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=50, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    answer = models.CharField(max_length=8, choices=Answer, default=Answer.WAITING)
    reason = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    keeps_history = True
    history_shown_with = "cases.view"

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["asked"], condition=models.Q(answer="waiting"), name="approvals_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.answer}"


class Looker(models.Model):
    """Somebody has the case open in his browser. edits: in its form or composer."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="lookers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    edits = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "user"], name="case_looker_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.user_id}"
