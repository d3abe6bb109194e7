"""Messages that go out, templates they are made of, and who carries them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Value
from django.utils.translation import get_language, pgettext_lazy

from perezvon.foundation.messages.registry import SERVICE
from perezvon.foundation.people.models import Project
from perezvon.kernel.texts import text_in
from perezvon.ports.messages import Way


class Channel(models.TextChoices):
    SMS = Way.SMS.value, pgettext_lazy("channel", "SMS")
    EMAIL = Way.EMAIL.value, pgettext_lazy("channel", "E-mail")


class State(models.TextChoices):
    QUEUED = "queued", pgettext_lazy("message", "Waiting")
    SENDING = "sending", pgettext_lazy("message", "Being sent")
    SENT = "sent", pgettext_lazy("message", "Sent")
    DELIVERED = "delivered", pgettext_lazy("message", "Delivered")
    FAILED = "failed", pgettext_lazy("message", "Not sent")
    CANCELLED = "cancelled", pgettext_lazy("message", "Cancelled")


TONES = {
    State.QUEUED: "accent",
    State.SENDING: "accent",
    State.SENT: "good",
    State.DELIVERED: "good",
    State.FAILED: "bad",
    State.CANCELLED: "",
}


class Template(models.Model):
    """A text with places in braces, see placeholders.py. project: of one project only; none: of all."""

    code = models.CharField(max_length=30, unique=True)
    name = models.JSONField(default=dict)
    channel = models.CharField(max_length=5, choices=Channel)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    subject = models.JSONField(default=dict)
    text = models.JSONField(default=dict)
    in_use = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_hides = ("version",)

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru") or self.code


class Sender(models.Model):
    """Who carries the messages of a channel, for one project or for all that have none of their own.

    connector: the code of a port's Kind. values: its settings; secret: the one that nobody is shown, encrypted.
    report_key: stands in the address that the other side calls about deliveries.
    """

    channel = models.CharField(max_length=5, choices=Channel)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    connector = models.CharField(max_length=30)
    values = models.JSONField(default=dict)
    secret = models.TextField(blank=True)
    report_key = models.CharField(max_length=64, unique=True)
    in_use = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "messages.set_up"
    history_hides = ("secret", "report_key", "version")

    class Meta:
        ordering: ClassVar = ["channel", "project_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "project"], name="sender_once", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.connector}"


class Message(models.Model):
    """Something to be told to somebody. kind, record: whom or what it is about; contact: in which contact it was sent.
    files: keys of those that go with a letter.

    is_secret: a code, which is not kept in what people read. problem: why it did not go, as words.py tells it; said:
    what the other side said. provider_id: what the other side calls it. until: while it is being sent, when somebody
    else may take it up; next_at: when it is tried again.
    """

    id = models.UUIDField(primary_key=True)
    channel = models.CharField(max_length=5, choices=Channel)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    is_secret = models.BooleanField(default=False)
    purpose = models.CharField(max_length=30, default=SERVICE)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, null=True, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=32, blank=True)
    record = models.UUIDField(null=True)
    contact = models.UUIDField(null=True, db_index=True)
    files = ArrayField(models.UUIDField(), default=list, db_default=Value([], ArrayField(models.UUIDField())))
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=40, blank=True)
    said = models.CharField(max_length=400, blank=True)
    sender = models.ForeignKey(Sender, on_delete=models.SET_NULL, null=True, related_name="+")
    provider_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["created_at", "id"], name="message_newest"),
            models.Index(fields=["record", "-created_at"], name="message_of_record"),
            models.Index(
                fields=["next_at"], condition=models.Q(state__in=["queued", "sending"]), name="message_to_send"
            ),
            models.Index(fields=["provider_id"], condition=~models.Q(provider_id=""), name="message_of_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"

    @property
    def tone(self) -> str:
        return TONES[State(self.state)]

    @property
    def is_over(self) -> bool:
        return self.state in {State.SENT, State.DELIVERED, State.CANCELLED, State.FAILED}
