"""Recordings as a list: what may be heard, and whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.columns import Code, Colleague, Column, Moment, Number, Phone, Related, Row, Text
from perezvon.foundation.lists.declare import RecordList
from perezvon.foundation.people.models import User
from perezvon.foundation.people.selectors import list_projects
from perezvon.modules.telephony.models import Recording
from perezvon.modules.telephony.selectors import visible_recordings

_NAME = tuple(f"interaction__customer__{name}" for name in ("company_name", "last_name", "first_name", "middle_name"))
_AGENT = ("interaction__agent__last_name", "interaction__agent__first_name")


def _customer(row: Row) -> str:
    return " ".join(row[name] for name in _NAME if row[name])


def _agent(row: Row) -> str:
    last, first = (row[name] or "" for name in _AGENT)
    return f"{last} {first[:1]}." if first else last


def _seconds(row: Row) -> int | None:
    return None if row["seconds"] is None else round(row["seconds"])


def _projects(by: Actor) -> list[tuple[Any, Any]]:
    return [(project.pk, str(project)) for project in list_projects(by=by)]


def _operators(by: Actor) -> list[tuple[Any, Any]]:
    return [(user.pk, user.short_name) for user in User.objects.order_by("last_name", "first_name", "id")]


class Recordings(RecordList):
    code, right, title, url_name = "recordings", "telephony.listen", lazy("Recordings"), "telephony:recordings"
    columns: ClassVar[Sequence[Column]] = (
        Moment("began_at", lazy("Began"), indexed=True, link=True),
        Number("seconds", lazy("Seconds"), sort=None, nullable=True, value=_seconds,
               fields=("seconds",)),
        Code("number", lazy("Contact"), source="interaction__number", sort=None),
        Text("customer", lazy("Customer"), fields=_NAME, value=_customer, sort=None,
             where="interaction__customer__sort_key", folded=True),
        Phone("address", lazy("From or to"), source="interaction__address", sort=None),
        Colleague("agent", lazy("Operator"), value=_agent, where="interaction__agent", picks=_operators, fields=_AGENT,
                  sort=None),
        Related("result", lazy("Result"), source="interaction__result__name", where="interaction__result", sort=None),
        Related("project", lazy("Project"), source="interaction__project__name", where="interaction__project",
                picks=_projects, sort=None),
    )  # fmt: skip
    default_sort = ("-began_at",)
    empty = lazy("Recorded calls appear here.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Recording]:
        return visible_recordings(by)

    def url(self, row: Row) -> str:
        return reverse("telephony:recording", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)
