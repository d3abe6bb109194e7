"""Everything that was written, for those who may change it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.columns import Choice, Colleague, Column, Moment, Number, Row, Text
from perezvon.foundation.lists.declare import Action, Bulk, RecordList
from perezvon.foundation.people.models import User
from perezvon.modules.bulletin import services
from perezvon.modules.bulletin.models import Announcement, Importance, Kind, Receipt, Stage
from perezvon.modules.bulletin.selectors import POST, list_posted

_RECEIPTS = Receipt.objects.filter(announcement=OuterRef("pk")).order_by().values("announcement")
_READ_BY = Coalesce(Subquery(_RECEIPTS.values(count=Count("pk")), output_field=IntegerField()), 0)


def _delete(keys: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    return services.delete(announcement_ids=keys, by=by, now=now)


def _restore(keys: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    return services.restore(announcement_ids=keys, by=by, now=now)


def _deleted(count: int) -> str:
    return ngettext("{count} announcement taken down", "{count} announcements taken down", count).format(count=count)


def _restored(count: int) -> str:
    return ngettext("{count} announcement put back", "{count} announcements put back", count).format(count=count)


def _authors(_by: Actor) -> list[tuple[Any, Any]]:
    return [(user.pk, user.short_name) for user in User.objects.filter(role__rights__contains=[POST])]


def _author(row: Row) -> str:
    last, first = row["author__last_name"] or "", row["author__first_name"] or ""
    return f"{last} {first[:1]}." if first else last


class Posted(RecordList):
    code, right, title, url_name = "announcements", POST, lazy("All announcements"), "bulletin:list"
    columns: ClassVar[Sequence[Column]] = (
        Text("title", lazy("Title"), link=True, width=320),
        Choice("kind", lazy("Kind"), picks=Kind.choices),
        Choice("importance", lazy("Importance"), picks=Importance.choices,
               tones={"urgent": "bad", "important": "warn"}),
        Choice("stage", lazy("State"), picks=Stage.choices, tones={"shown": "good"}),
        Moment("shown_from", lazy("Shown from"), indexed=True),
        Moment("shown_until", lazy("Shown until"), nullable=True),
        Number("receipts", lazy("Read by"), expression=_READ_BY),
        Colleague("author", lazy("Author"), value=_author, where="author", picks=_authors,
                  fields=("author__last_name", "author__first_name")),
    )  # fmt: skip
    default_sort = ("-shown_from",)
    deleted_right = POST
    bulk = (
        Bulk("delete", lazy("Take down"), "trash", POST, _delete, _deleted, undo=_restore, is_danger=True),
        Bulk("restore", lazy("Put back"), "rotate", POST, _restore, _restored, undo=_delete, of_deleted=True),
    )
    actions = (Action(lazy("Write an announcement"), "plus", "bulletin:new", POST),)

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Announcement]:
        return list_posted(by=by, deleted=deleted)

    def url(self, row: Row) -> str:
        return reverse("bulletin:announcement", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)
