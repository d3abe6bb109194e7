from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.files.models import File
from perezvon.foundation.people.models import Project
from perezvon.kernel.texts import text_in


class Form(models.TextChoices):
    PAGE = "page", lazy("Written here, made as PDF")
    WORD = "word", lazy("A Word file, made as Word")


class Language(models.TextChoices):
    RU = "ru", lazy("Russian")
    EN = "en", lazy("English")


class DocumentTemplate(models.Model):
    """What documents of one sort are made of. kind: of the records they are about, see registry.py.

    project: of one line of business only. language: of what stands in it. is_signed: a block for the signature closes
    it. current: the version in force; None: nothing has been published yet.
    """

    id = models.UUIDField(primary_key=True)
    code = models.SlugField(max_length=40, unique=True)
    name = models.JSONField(default=dict)
    kind = models.CharField(max_length=32)
    form = models.CharField(max_length=4, choices=Form, default=Form.PAGE)
    language = models.CharField(max_length=2, choices=Language, default=Language.RU)
    category = models.CharField(max_length=100, blank=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_signed = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    current = models.ForeignKey("TemplateVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "documents.manage"
    history_hides: ClassVar = ("version",)

    class Meta:
        ordering: ClassVar = ["category", "code"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru") or self.code


class Stage(models.TextChoices):
    """Of a version. Nobody makes documents of a draft; one version of a template is in force."""

    DRAFT = "draft", pgettext_lazy("template", "Draft")
    IN_FORCE = "in_force", pgettext_lazy("template", "In force")
    REPLACED = "replaced", pgettext_lazy("template", "Replaced")


class TemplateVersion(models.Model):
    """What a template says. body: HTML of a page, cleaned when it was saved; file: the Word file."""

    template = models.ForeignKey(DocumentTemplate, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    body = models.TextField(blank=True)
    file = models.ForeignKey(File, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=8, choices=Stage, default=Stage.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)

    keeps_history = True
    history_shown_with = "documents.manage"

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "number"], name="one_template_version_a_number"),
            models.UniqueConstraint(fields=["template"], condition=Q(state="draft"), name="one_draft_a_template"),
            models.UniqueConstraint(fields=["template"], condition=Q(state="in_force"), name="one_in_force_a_template"),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} {self.number}"


class Document(models.Model):
    """A document that was made. It is never changed: another one is made. Its content is a file of kind `document`.

    kind, record: what it is about; customer, contact: keys of records of modules above, for their histories.
    message: the letter with which it was sent last. is_closed: it says what not everybody may read who sees the
    record, see `opens` in registry.py.
    """

    id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField(unique=True)
    template = models.ForeignKey(DocumentTemplate, on_delete=models.PROTECT, related_name="+")
    made_of = models.ForeignKey(TemplateVersion, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=32)
    record = models.UUIDField()
    about = models.CharField(max_length=300)
    client = models.CharField(max_length=300, blank=True)
    customer = models.UUIDField(null=True)
    contact = models.UUIDField(null=True)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="+")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    file = models.ForeignKey(File, on_delete=models.SET_NULL, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    is_closed = models.BooleanField(default=False)
    message = models.UUIDField(null=True)
    sent_at = models.DateTimeField(null=True)

    keeps_history = True
    history_shown_with = "documents.view"
    history_masks = ("about", "client")
    history_hides: ClassVar = ("sha256",)

    class Meta:
        ordering: ClassVar = ["-made_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-made_at", "-id"], name="document_newest"),
            models.Index(fields=["record", "-made_at"], name="document_of_record"),
            models.Index(fields=["customer", "-made_at"], name="document_of_customer"),
            models.Index(fields=["contact", "-made_at"], name="document_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.title} \u2116 {self.code}"

    @property
    def code(self) -> str:
        """The number as it stands in the document."""
        return f"{self.number:05}"
