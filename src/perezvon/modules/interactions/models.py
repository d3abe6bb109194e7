"""Every contact on every channel, in one table, and the stretches of time it is made of."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.utils.translation import get_language, pgettext_lazy

from perezvon.foundation.people.models import Project
from perezvon.kernel.texts import text_in
from perezvon.modules.catalogue.models import Product
from perezvon.modules.customers.models import Customer
from perezvon.modules.topics.models import Topic

FIELDS = "contact"  # the kind of records that contacts are to an administrator's own fields


class Channel(models.TextChoices):
    PHONE = "phone"
    VISIT = "visit"
    WEB = "web"


class State(models.TextChoices):
    """open: under way; wrap_up: over, not yet written up; done."""

    OPEN = "open"
    WRAP_UP = "wrap_up"
    DONE = "done"


class Result(models.Model):
    """What came of a contact. requires: fields that must then be filled, of those `result_fields` knows.

    rules: {under, hint, when, prompt, must, must_words, follows, dialer, days, days_declined, wakes, records}, as
    `cores/results` judges them. reasons: [{code, name, requires, in_use}] with the same rules, each of them known with
    its result only. needs_topic: the contact was about something, so it says about what. system: given by the clock,
    not by people.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    code = models.SlugField()
    name = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    requires = models.JSONField(default=list, blank=True)
    reasons = models.JSONField(default=list, blank=True)
    needs_topic = models.BooleanField(default=True)
    system = models.BooleanField(default=False)
    rules = models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()))
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

    keeps_history = True
    history_shown_with = "interactions.set_up"

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["project", "code"], name="result_code")]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class Interaction(models.Model):
    """One contact with one customer. Made by the system at the first sign of it, never on anybody's screen.

    address: the customer's number, mailbox or the like; empty when withheld. queue: where it waited, as routing
    numbers its queues. topic_text: a topic in words, beside those of the
    tree. customer: set when somebody links it; speaker: who speaks, if not the customer himself.
    version: rises with every change a desk could see.
    """

    id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField(unique=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=16, choices=Channel.choices)
    direction = models.CharField(max_length=8)
    line = models.CharField(max_length=64, blank=True)
    line_name = models.CharField(max_length=200, blank=True)
    queue = models.BigIntegerField(null=True)
    address = models.CharField(max_length=64, blank=True)
    clarified = models.CharField(max_length=64, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    speaker = models.CharField(max_length=200, blank=True)
    on_behalf = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    began_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=16, blank=True)
    cause = models.CharField(max_length=32, blank=True)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    result = models.ForeignKey(Result, on_delete=models.PROTECT, null=True, related_name="+")
    result_fields = models.JSONField(default=dict, blank=True)
    topic_text = models.CharField(max_length=200, blank=True, default="", db_default="")
    dimensions = models.JSONField(default=dict, blank=True)
    custom = models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()))
    recording_refused = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "interactions.view"
    history_masks = ("custom",)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["customer", "-began_at"]),
            models.Index(fields=["project", "-began_at"]),
            models.Index(fields=["address", "-began_at"]),
            models.Index(fields=["agent", "-began_at"]),
            models.Index(fields=["-began_at", "-id"]),
        ]

    def __str__(self) -> str:
        return str(self.number)


class Segment(models.Model):
    """A stretch of a contact: queue, ring, talk, hold, … Reports add up these and nothing else."""

    id = models.UUIDField(primary_key=True)
    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="segments")
    call = models.UUIDField(null=True)
    kind = models.CharField(max_length=16)
    queue = models.BigIntegerField(null=True)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["interaction", "began_at"]),
            models.Index(fields=["began_at"]),
            models.Index(fields=["agent", "interaction"]),
        ]
        ordering: ClassVar = ["began_at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.began_at:%H:%M:%S}"


class Note(models.Model):
    """What somebody wrote about the contact; the time is set by itself."""

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    keeps_history = True
    history_shown_with = "interactions.view"

    class Meta:
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return self.text[:40]


class InteractionTopic(models.Model):
    """One of the topics of a contact."""

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="topics")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["interaction", "topic"], name="topic_once")]

    def __str__(self) -> str:
        return f"{self.interaction_id} {self.topic_id}"


class Offer(models.Model):
    """A product that was offered in a contact, and what the customer said to it (F19.01). At most once a contact."""

    class Answer(models.TextChoices):
        OFFERED = "offered", pgettext_lazy("offer", "Offered")
        INTERESTED = "interested", pgettext_lazy("offer", "Interested")
        REFUSED = "refused", pgettext_lazy("offer", "Refused")
        AGREED = "agreed", pgettext_lazy("offer", "Agreed")

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="offers")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=10, choices=Answer, default=Answer.OFFERED)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    keeps_history = True
    history_shown_with = "interactions.view"

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["interaction", "product"], name="offer_once")]

    def __str__(self) -> str:
        return f"{self.interaction_id} {self.product_id} {self.answer}"


class Identification(models.Model):
    """The questions put to whoever speaks, and whether they sufficed. Valid for this contact only.

    asked: [{"code": …, "passed": bool}] without the answers. outcome: passed, partial, failed, locked.
    """

    interaction = models.ForeignKey(Interaction, on_delete=models.CASCADE, related_name="identifications")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    asked = models.JSONField(default=list)
    outcome = models.CharField(max_length=8)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.interaction_id} {self.outcome}"
