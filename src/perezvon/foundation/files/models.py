from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from perezvon.foundation.files.names import KINDS, PICTURES, ending_of


class FileQuerySet(models.QuerySet["File"]):
    def of(self, kind: str, record: object) -> Self:
        """Those of one record, not deleted."""
        return self.filter(kind=kind, record=record, deleted_at=None)


class File(models.Model):
    """A file of a record. Its content lies in the store under sha256; several rows may share it.

    kind, record: whose it is, see registry.py. field: the key of the field of an administrator's own that holds it.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=32)
    record = models.UUIDField()
    field = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=500, blank=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = FileQuerySet.as_manager()

    keeps_history = True
    history_shown_with = "files.view"
    history_masks = ("name", "description")
    history_hides = ("sha256",)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["record", "kind", "-at"], name="file_of_record")]

    def __str__(self) -> str:
        return self.name

    @property
    def picture(self) -> str:
        """The type of a picture that browsers show; empty of all else."""
        return PICTURES.get(ending_of(self.name), "")


class Scan(models.TextChoices):
    """What a virus scanner said. NEVER: there was none to ask. TOO_LARGE: it never looks at so large a file."""

    NEVER = "never"
    WAITING = "waiting"
    CLEAN = "clean"
    INFECTED = "infected"
    TOO_LARGE = "large"


SAID = (Scan.CLEAN, Scan.INFECTED, Scan.TOO_LARGE)  # for good
CLOSED = (Scan.INFECTED, Scan.TOO_LARGE)


class Reading(models.TextChoices):
    """How far the words of a content are known. NONE: there are none that could be read; FAILED: see `problem`."""

    WAITING = "waiting"
    DONE = "done"
    NONE = "none"
    FAILED = "failed"


class FileContent(models.Model):
    """What is known of a content, for all files that have it: whether it is safe, and its words.

    ending: of the file that brought it. blocks: as reader.py says. text: the same as one text; words: for the search.
    tried_at: when a worker took it up last.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    ending = models.CharField(max_length=10, blank=True)
    scan = models.CharField(max_length=8, choices=Scan, default=Scan.NEVER)
    threat = models.CharField(max_length=200, blank=True)
    scanned_at = models.DateTimeField(null=True, blank=True)
    reading = models.CharField(max_length=8, choices=Reading, default=Reading.WAITING)
    problem = models.CharField(max_length=20, blank=True)
    pages = models.PositiveIntegerField(default=0)
    is_cut = models.BooleanField(default=False)
    text = models.TextField(blank=True)
    blocks = models.JSONField(default=list)
    words = SearchVectorField(null=True)
    tried_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["words"], name="file_words"),
            models.Index(
                F("tried_at").asc(nulls_first=True),
                "sha256",
                name="file_to_do",
                condition=Q(reading="waiting") | Q(scan__in=["never", "waiting"]),
            ),
        ]

    def __str__(self) -> str:
        return self.sha256


def _usual_kinds() -> list[str]:
    return list(KINDS)


class FileRules(models.Model):
    """What may be attached, for the whole installation: one row. kinds: endings of names."""

    most_mb = models.PositiveIntegerField(default=25)
    most_files = models.PositiveIntegerField(default=200)
    most_mb_record = models.PositiveIntegerField(default=500)
    kinds = ArrayField(models.CharField(max_length=10), default=_usual_kinds)

    keeps_history = True

    def __str__(self) -> str:
        return "rules of files"

    @property
    def most_bytes(self) -> int:
        return self.most_mb * 2**20
