"""All documents that were made (F27.04): by client, template, period; and the templates, for whoever writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.columns import Choice, Code, Colleague, Column, Flag, Moment, Number, Related, Row, Text
from perezvon.foundation.lists.declare import Action, RecordList
from perezvon.foundation.people.models import User
from perezvon.foundation.people.selectors import list_projects
from perezvon.kernel.texts import text_in
from perezvon.modules.documents.models import Document, DocumentTemplate, Form, Language
from perezvon.modules.documents.registry import sources
from perezvon.modules.documents.selectors import MANAGE, VIEW, visible, visible_templates


def _kinds(_by: Actor) -> list[tuple[Any, Any]]:
    return [(one.kind, one.title) for one in sources()]


def _kind(row: Row) -> str:
    return next((str(one.title) for one in sources() if one.kind == row["kind"]), row["kind"])


def _templates(_by: Actor) -> list[tuple[Any, Any]]:
    return [(one.pk, str(one)) for one in DocumentTemplate.objects.all()]


def _people(_by: Actor) -> list[tuple[Any, Any]]:
    return [(one.pk, one.short_name) for one in User.objects.order_by("last_name", "first_name", "id")]


def _projects(by: Actor) -> list[tuple[Any, Any]]:
    return [(one.pk, str(one)) for one in list_projects(by=by)]


def _categories(_by: Actor) -> list[tuple[Any, Any]]:
    found = DocumentTemplate.objects.exclude(category="").order_by("category").values_list("category", flat=True)
    return [(one, one) for one in found.distinct()]


def _maker(row: Row) -> str:
    last, first = row["made_by__last_name"] or "", row["made_by__first_name"] or ""
    return f"{last} {first[:1]}." if first else last


def _name(row: Row) -> str:
    return text_in(row["name"], get_language() or "ru")


class Documents(RecordList):
    code, right, title, url_name = "documents", VIEW, lazy("Made documents"), "documents:list"
    columns: ClassVar[Sequence[Column]] = (
        Code("number", lazy("Number"), indexed=True, link=True, width=90),
        Text("title", lazy("Document"), width=200, sort=None),
        Text("client", lazy("Customer"), width=190, sort=None),
        Text("about", pgettext_lazy("document", "About"), width=200, sort=None),
        Related("template", lazy("Template"), source="template__name", where="template", picks=_templates, shown=False),
        Choice("category", lazy("Category"), source="template__category", picks=_categories, sort=None, width=120),
        Choice("kind", lazy("Record"), picks=_kinds, fields=("kind",), value=_kind, where="kind", sort=None,
               shown=False),
        Moment("made_at", lazy("Made on"), indexed=True),
        Colleague("made_by", lazy("Made by"), value=_maker, where="made_by", picks=_people,
                  fields=("made_by__last_name", "made_by__first_name"), width=130),
        Moment("sent_at", lazy("Sent on"), nullable=True, sort=None),
        Related("project", lazy("Project"), source="project__name", where="project", picks=_projects, shown=False),
    )  # fmt: skip
    default_sort = ("-made_at",)
    actions = (Action(lazy("Templates of documents"), "versions", "documents:templates", MANAGE, leads=True),)
    search_hint = lazy("number, document, customer")
    empty = lazy("Documents appear here once they are made on a customer's card, in a contact or in a case.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Document]:
        return visible(by)

    def url(self, row: Row) -> str:
        return reverse("documents:document", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)


class Templates(RecordList):
    code, right, title, url_name = "document_templates", MANAGE, lazy("Templates of documents"), "documents:templates"
    columns: ClassVar[Sequence[Column]] = (
        Text("name", lazy("Title"), value=_name, fields=("name",), sort=None, where=None, link=True, width=280),
        Choice("kind", lazy("For"), picks=_kinds, fields=("kind",), value=_kind, where="kind", sort="kind", width=130),
        Text("category", lazy("Category"), width=170),
        Choice("form", pgettext_lazy("template", "Form"), picks=Form.choices, width=200),
        Choice("language", lazy("Language"), picks=Language.choices, width=110),
        Number("current", lazy("In force: version"), source="current__number", width=120),
        Flag("is_active", lazy("In use"), width=90),
        Related("project", lazy("Project"), source="project__name", where="project", picks=_projects),
        Text("code", lazy("Code"), shown=False),
    )  # fmt: skip
    default_sort = ("category", "code")
    above = ((lazy("Administration"), "administration:home"),)
    actions = (Action(lazy("New template"), "plus", "documents:template_new", MANAGE),)
    empty = lazy("No templates yet. The first one takes some minutes: a letter is written as any text.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[DocumentTemplate]:
        return visible_templates(by).select_related(None)

    def url(self, row: Row) -> str:
        return reverse("documents:template", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)
