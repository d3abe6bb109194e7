"""All articles, for those who write them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.columns import Choice, Code, Column, Day, Moment, Number, Related, Row, Text
from perezvon.foundation.lists.declare import Action, Bulk, RecordList
from perezvon.modules.knowledge import services
from perezvon.modules.knowledge.models import Article, ArticleVersion, Audience, Kind, State
from perezvon.modules.knowledge.selectors import APPROVE, ARRANGE, WRITE, visible_articles, visible_sections

_NEWEST = ArticleVersion.objects.filter(article=OuterRef("pk")).order_by("-number")


def _delete(keys: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    return services.delete(article_ids=keys, by=by, now=now)


def _restore(keys: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    return services.restore(article_ids=keys, by=by, now=now)


def _deleted(count: int) -> str:
    return ngettext("{count} article taken out", "{count} articles taken out", count).format(count=count)


def _restored(count: int) -> str:
    return ngettext("{count} article put back", "{count} articles put back", count).format(count=count)


def _sections(by: Actor) -> list[tuple[Any, Any]]:
    return [(one.pk, str(one)) for one in visible_sections(by, with_withdrawn=True)]


class Articles(RecordList):
    code, right, title, url_name = "articles", WRITE, lazy("All articles"), "knowledge:list"
    columns: ClassVar[Sequence[Column]] = (
        Code("number", lazy("Number"), indexed=True, width=90),
        Text("title", lazy("Title"), expression=Subquery(_NEWEST.values("title")[:1]), link=True, width=320),
        Choice("kind", lazy("Kind"), picks=Kind.choices),
        Related("section", lazy("Section"), source="section__name", where="section", picks=_sections),
        Choice("state", lazy("Newest version"), expression=Subquery(_NEWEST.values("state")[:1]), picks=State.choices,
               tones={"in_force": "good", "waiting": "warn", "refused": "bad"}),
        Choice("audience", lazy("Customers see"), picks=Audience.choices, shown=False),
        Day("check_by", lazy("Check by"), nullable=True),
        Number("read", lazy("Read")),
        Number("used", lazy("Taken")),
        Number("solved", lazy("Solved")),
        Number("not_solved", lazy("Did not help"), shown=False),
        Moment("created_at", lazy("Begun on"), shown=False),
    )  # fmt: skip
    default_sort = ("-number",)
    deleted_right = APPROVE
    bulk = (
        Bulk("delete", lazy("Take out"), "trash", APPROVE, _delete, _deleted, undo=_restore, is_danger=True),
        Bulk("restore", lazy("Put back"), "rotate", APPROVE, _restore, _restored, undo=_delete, of_deleted=True),
    )
    actions = (
        Action(lazy("Sections"), "list-tree", "knowledge:sections", ARRANGE, leads=True),
        Action(lazy("Write an article"), "plus", "knowledge:new", WRITE),
    )

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Article]:
        return visible_articles(by, deleted=deleted)

    def url(self, row: Row) -> str:
        return reverse("knowledge:article", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)
