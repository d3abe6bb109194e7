"""Fields that an administrator adds to records. Their values lie in the record's own column `custom`."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.utils.translation import get_language, pgettext_lazy

from perezvon.kernel.texts import text_in


class Type(models.TextChoices):
    TEXT = "text", pgettext_lazy("field", "Text")
    NUMBER = "number", pgettext_lazy("field", "Number")
    MONEY = "money", pgettext_lazy("field", "Money")
    DATE = "date", pgettext_lazy("field", "Date")
    CHOICE = "choice", pgettext_lazy("field", "One of a list")
    CHOICES = "choices", pgettext_lazy("field", "Several of a list")
    TREE = "tree", pgettext_lazy("field", "One of a tree")
    PHONE = "phone", pgettext_lazy("field", "Telephone")
    EMAIL = "email", pgettext_lazy("field", "E-mail")
    LINK = "link", pgettext_lazy("field", "Link")
    FILE = "file", pgettext_lazy("field", "Files")
    COMPUTED = "computed", pgettext_lazy("field", "Computed")


class FieldSection(models.Model):
    """Where fields of a record stand together. key: fixed, e.g. "finance"."""

    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=30)
    label = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "fields.manage"
    history_hides = ("version",)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "key"], name="field_section_key")]

    def __str__(self) -> str:
        return text_in(self.label, get_language() or "ru")


class CustomField(models.Model):
    """A field of records of one kind. One that is out of use keeps its values, which nobody sees or changes.

    options: what its type allows, as `fields.options` reads it. access: role → level ("hidden", "masked", "seen",
    "edited"); when empty everybody edits, else roles that are not named have the least of these levels. variants: of
    the records that have it, e.g. only companies; all when empty. index_state: of the index that sorting and searching
    need.
    """

    class Index(models.TextChoices):
        NONE = "", pgettext_lazy("index", "none")
        WANTED = "wanted", pgettext_lazy("index", "being prepared")
        READY = "ready", pgettext_lazy("index", "ready")
        FAILED = "failed", pgettext_lazy("index", "could not be prepared")

    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=30)
    label = models.JSONField(default=dict)
    type = models.CharField(max_length=8, choices=Type)
    options = models.JSONField(default=dict, blank=True)
    section = models.ForeignKey(FieldSection, on_delete=models.PROTECT, related_name="fields")
    position = models.PositiveIntegerField(default=0)
    access = models.JSONField(default=dict, blank=True)
    variants = models.JSONField(default=list, blank=True)
    is_required = models.BooleanField(default=False)
    is_searchable = models.BooleanField(default=False)
    is_sortable = models.BooleanField(default=False)
    is_importable = models.BooleanField(default=True)
    is_exportable = models.BooleanField(default=True)
    in_use = models.BooleanField(default=True)
    index_state = models.CharField(max_length=8, choices=Index, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "fields.manage"
    history_hides = ("version", "index_state")

    class Meta:
        ordering: ClassVar = ["section__position", "section_id", "position", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "key"], name="custom_field_key")]

    def __str__(self) -> str:
        return text_in(self.label, get_language() or "ru")

    @property
    def wants_index(self) -> bool:
        return self.in_use and (self.is_searchable or self.is_sortable)


class FieldsStamp(models.Model):
    """Another stamp after each change of a kind's fields, so that processes know when to read them again."""

    kind = models.CharField(max_length=32, primary_key=True)
    stamp = models.UUIDField()

    def __str__(self) -> str:
        return self.kind

    @classmethod
    def renew(cls, kind: str) -> None:
        """Tell all processes. Chance and not a number: a number that was rolled back would come again."""
        cls.objects.filter(pk=kind).update(stamp=uuid4())
