from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perezvon.foundation.jobs.models import Job
from perezvon.foundation.people.models import Project


class State(models.TextChoices):
    READING = "reading", pgettext_lazy("import", "The file is being read")
    BROKEN = "broken", pgettext_lazy("import", "The file could not be read")
    SETUP = "setup", pgettext_lazy("import", "Being set up")
    CHECKING = "checking", pgettext_lazy("import", "Trial run under way")
    RUNNING = "running", pgettext_lazy("import", "Under way")
    STOPPED = "stopped", pgettext_lazy("import", "Stopped")
    FAILED = "failed", pgettext_lazy("import", "Broken off")
    DONE = "done", pgettext_lazy("import", "Done")
    UNDOING = "undoing", pgettext_lazy("import", "Being undone")
    UNDONE = "undone", pgettext_lazy("import", "Undone")


AT_WORK = (State.READING, State.CHECKING, State.RUNNING, State.UNDOING)
WRITTEN = (State.STOPPED, State.FAILED, State.DONE)


class Origin(models.TextChoices):
    UPLOAD = "upload", pgettext_lazy("origin", "Sent by hand")
    FOLDER = "folder", pgettext_lazy("origin", "Folder of the server")
    URL = "url", pgettext_lazy("origin", "Web address")


class Every(models.TextChoices):
    QUARTER = "15min", pgettext_lazy("every", "every 15 minutes")
    HOUR = "hour", pgettext_lazy("every", "every hour")
    DAY = "day", pgettext_lazy("every", "every day")
    WEEK = "week", pgettext_lazy("every", "every week")


class Profile(models.Model):
    """A named source: how its tables are read, for the next time. setup: as `setup.Setup` writes it, by header words.

    last_rows: of the last whole import, against which a much shorter table is held. origin: where its tables come from
    by themselves; place: a folder below that of the watched ones, or an address. every: how often it is looked there,
    in whose name: owner. problem: why nothing came of the last look.
    """

    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=80)
    setup = models.JSONField(default=dict)
    last_rows = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    origin = models.CharField(max_length=6, choices=Origin, default=Origin.UPLOAD)
    place = models.CharField(max_length=500, blank=True)
    every = models.CharField(max_length=6, choices=Every, blank=True, default="")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    problem = models.JSONField(default=dict)

    keeps_history = True
    history_shown_with = "imports.use"
    history_hides = ("due_at", "looked_at", "problem", "last_rows")

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "name"], name="import_profile_name")]

    def __str__(self) -> str:
        return self.name


class Import(models.Model):
    """One table on its way in. digest: of the file, by which the same one is known again.

    sheets: [{name, rows, columns, file}]. setup: as `setup.Setup` reads it. position: byte of the rows' file up to
    which rows are written; it moves in the transaction that writes them. totals: of acts, so far; trial: those of the
    trial run, with its first problems.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=32)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="+")
    profile = models.ForeignKey(Profile, on_delete=models.SET_NULL, null=True, related_name="imports")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.READING)
    problem = models.JSONField(default=dict)
    file_name = models.CharField(max_length=200)
    size_bytes = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, db_index=True)
    sheets = models.JSONField(default=list)
    setup = models.JSONField(default=dict)
    trial = models.JSONField(default=dict)
    totals = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("import")
        indexes: ClassVar = [models.Index(fields=["-created_at", "id"], name="import_newest")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def written(self) -> int:
        """Records made or changed."""
        return int(self.totals.get("create", 0)) + int(self.totals.get("change", 0))

    @property
    def refused(self) -> int:
        return int(self.totals.get("refuse", 0)) + int(self.totals.get("several", 0))


class ImportRow(models.Model):
    """A row that was written or refused. undo: what takes it back. cells, problems: of a refused one.

    What is personal in it (title, undo, cells) is kept as long as it can be undone.

    outcome: of undoing: "" not yet, "undone", "left" because the record was changed or used since.
    """

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="import_rows")
    number = models.PositiveIntegerField()
    act = models.CharField(max_length=8)
    record = models.UUIDField(null=True)
    title = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=0)
    undo = models.JSONField(null=True)
    problems = models.JSONField(null=True)
    cells = models.JSONField(null=True)
    outcome = models.CharField(max_length=6, blank=True, default="", db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["of", "act", "id"], name="import_row_act"),
            models.Index(fields=["record"], condition=models.Q(record__isnull=False), name="import_row_record"),
        ]

    def __str__(self) -> str:
        return f"{self.of_id} {self.number}"
