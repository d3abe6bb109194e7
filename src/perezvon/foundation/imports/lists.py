"""All imports, and the records that they wrote: lists."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.imports.models import Import, ImportRow, Profile, State
from perezvon.foundation.imports.registry import importable
from perezvon.foundation.imports.selectors import list_imports, list_rows
from perezvon.foundation.lists.columns import Choice, Code, Colleague, Column, Moment, Number, Related, Row, Text
from perezvon.foundation.lists.declare import Action, RecordList
from perezvon.foundation.people.models import User

_TONES = {
    State.DONE: "good",
    State.RUNNING: "accent",
    State.UNDOING: "accent",
    State.BROKEN: "bad",
    State.FAILED: "bad",
    State.STOPPED: "warn",
}
ACTS = (
    ("create", pgettext_lazy("row", "New")),
    ("change", pgettext_lazy("row", "Changed")),
    ("refuse", pgettext_lazy("row", "Refused")),
    ("several", pgettext_lazy("row", "Several fit")),
)
_OUTCOMES = (("undone", pgettext_lazy("row", "Taken back")), ("left", pgettext_lazy("row", "Left as it is")))


class Imports(RecordList):
    code, right, title, url_name = "imports", "imports.use", lazy("Imports"), "imports:list"
    above = ((lazy("Administration"), "administration:home"),)
    columns: ClassVar[Sequence[Column]] = (
        Text("file_name", lazy("File"), link=True, width=260),
        Choice("state", lazy("State"), picks=State.choices, tones=_TONES),
        Related("profile", lazy("Source"), source="profile__name", where="profile", picks=lambda by: _profiles(),
                sort="profile__name"),
        Number("rows", lazy("Rows")),
        Colleague("owner", lazy("By whom"), source="owner__last_name", where="owner", picks=lambda by: _people(),
                  sort="owner__last_name"),
        Moment("created_at", lazy("Begun"), indexed=True),
        Moment("ended_at", lazy("Ended")),
    )  # fmt: skip
    default_sort = ("-created_at",)
    actions = (
        Action(lazy("Sources of tables"), "rotate", "imports:sources", "imports.use", leads=True),
        Action(lazy("Import a table"), "upload", "imports:new", "imports.use"),
    )
    empty = lazy("Tables that you import appear here, with what became of each.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Import]:
        return list_imports(by=by)

    def url(self, row: Row) -> str:
        return reverse("imports:import", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)


class ImportedRows(RecordList):
    code, right, title, url_name = "imported", "imports.use", lazy("Imported records"), "imports:rows"
    above = ((lazy("Imports"), "imports:list"),)
    columns: ClassVar[Sequence[Column]] = (
        Text("title", lazy("Record"), link=True, width=280),
        Choice("act", lazy("What was done"), picks=ACTS),
        Code("number", lazy("Row of the table")),
        Related("of", lazy("Import"), source="of__file_name", where="of", picks=lambda by: _imports(by), sort="of"),
        Choice("outcome", lazy("Undone"), picks=_OUTCOMES),
    )
    default_sort = ("number",)
    fields = ("record", "of__kind")
    empty = lazy("Records that imports made or changed appear here.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[ImportRow]:
        return list_rows(by=by)

    def url(self, row: Row) -> str:
        return importable(row["of__kind"]).url(row["record"]) if row["record"] else ""

    def key_of(self, text: str) -> int:
        return int(text)


def _profiles() -> list[tuple[Any, Any]]:
    return [(one.pk, one.name) for one in Profile.objects.all()]


def imports_url(profile_id: int) -> str:
    """The list of the imports of one source."""
    where = ["and", ["profile", "any", str(profile_id)]]
    return f"{reverse('imports:list')}?{urlencode({'where': json.dumps(where)})}"


def _people() -> list[tuple[Any, Any]]:
    return [(user.pk, user.short_name) for user in User.objects.order_by("last_name", "first_name", "id")]


def _imports(by: Actor) -> list[tuple[Any, Any]]:
    newest = list_imports(by=by).order_by("-created_at")
    return [(str(one.pk), one.file_name) for one in newest.only("pk", "file_name")[:100]]


def rows_url(import_id: UUID, *acts: str, outcome: str = "") -> str:
    """The list of the rows of one import."""
    where: list[Any] = ["and", ["of", "any", str(import_id)]]
    where += [["act", "any", *acts]] if acts else []
    where += [["outcome", "any", outcome]] if outcome else []
    return f"{reverse('imports:rows')}?{urlencode({'where': json.dumps(where)})}"
