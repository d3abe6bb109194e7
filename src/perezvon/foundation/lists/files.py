"""Files that were made of lists: a list itself."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.jobs.models import State
from perezvon.foundation.jobs.selectors import list_own_jobs
from perezvon.foundation.lists.columns import Choice, Column, Moment, Number, Row, Text
from perezvon.foundation.lists.declare import RecordList

_TONES = {State.DONE: "good", State.FAILED: "bad", State.RUNNING: "accent"}


class Files(RecordList):
    code, right, title, url_name = "files", "lists.export", lazy("My files"), "lists:files"
    columns: ClassVar[tuple[Column, ...]] = (
        Text("title", lazy("List"), link=True),
        Text("file", lazy("File"), expression=KT("result__name"), sort=None),
        Choice("state", lazy("State"), picks=State.choices, tones=_TONES),
        Number("done", lazy("Rows")),
        Moment("created_at", lazy("Asked for"), indexed=True),
        Moment("expires_at", lazy("Kept until")),
    )
    default_sort = ("-created_at",)
    empty = lazy("Large files that you save from lists appear here.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Any]:
        return list_own_jobs(by=by).filter(facts__has_key="format")  # jobs that write tables

    def url(self, row: Row) -> str:
        return reverse("jobs:progress", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)
