"""The outbox as a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.columns import Choice, Colleague, Column, Moment, Number, Related, Row, Text
from perezvon.foundation.lists.declare import Action, RecordList
from perezvon.foundation.messages.models import TONES, Channel, State
from perezvon.foundation.messages.selectors import MANAGE, VIEW, visible
from perezvon.foundation.messages.words import problem_label
from perezvon.foundation.people.models import User
from perezvon.foundation.people.selectors import list_projects


def _projects(by: Actor) -> list[tuple[Any, Any]]:
    return [(project.pk, str(project)) for project in list_projects(by=by)]


def _people(by: Actor) -> list[tuple[Any, Any]]:
    return [(user.pk, user.short_name) for user in User.objects.order_by("last_name", "first_name", "id")]


def _person(row: Row) -> str:
    last, first = row["by__last_name"] or "", row["by__first_name"] or ""
    return f"{last} {first[:1]}." if first else last


def _problem(row: Row) -> str:
    return problem_label(row["problem"]) if row["problem"] else ""


class Messages(RecordList):
    code, right, title, url_name = "messages", VIEW, lazy("Messages"), "messages:list"
    above = ((lazy("Administration"), "administration:home"),)
    columns: ClassVar[Sequence[Column]] = (
        Moment("created_at", lazy("Queued at"), indexed=True, link=True),
        Choice("state", lazy("State"), picks=State.choices, tones=TONES, sort=None),
        Choice("channel", lazy("Channel"), picks=Channel.choices, sort=None),
        Text("to", lazy("To"), sort=None, width=190),
        Text("problem", lazy("Why not"), fields=("problem",), value=_problem, sort=None, where=None, width=220),
        Colleague("by", lazy("Author"), value=_person, where="by", picks=_people, sort=None,
                  fields=("by__last_name", "by__first_name")),
        Related("project", lazy("Project"), source="project__name", where="project", picks=_projects, sort=None),
        Number("attempts", lazy("Tries"), sort=None, shown=False),
        Moment("sent_at", lazy("Sent at"), sort=None, shown=False),
        Moment("delivered_at", lazy("Delivered at"), sort=None, shown=False),
    )  # fmt: skip
    default_sort = ("-created_at",)
    actions = (Action(lazy("Templates"), "message", "messages:templates", MANAGE, leads=True),)
    empty = lazy("SMS and letters appear here as soon as somebody sends one.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Any]:
        return visible(by).select_related(None)

    def url(self, row: Row) -> str:
        return reverse("messages:message", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)
