"""Contacts as a list, and what the list of customers says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.columns import Choice, Code, Colleague, Column, Moment, Phone, Related, Row, Text
from perezvon.foundation.lists.declare import RecordList
from perezvon.foundation.people.models import User
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.search.selectors import Found
from perezvon.modules.interactions.models import Interaction, Result
from perezvon.modules.interactions.selectors import search_contacts, visible

_NAME = ("customer__company_name", "customer__last_name", "customer__first_name", "customer__middle_name")
_CHANNELS = [("phone", lazy("Telephone")), ("visit", lazy("Visit")), ("web", lazy("By a link"))]
_DIRECTIONS = [("inbound", lazy("Incoming")), ("outbound", lazy("Outgoing"))]
_STATES = [
    ("open", lazy("Under way")),
    ("wrap_up", lazy("To be written up")),
    ("done", pgettext_lazy("contact", "Done")),
]


def _projects(by: Actor) -> list[tuple[Any, Any]]:
    return [(project.pk, str(project)) for project in list_projects(by=by)]


def _results(by: Actor) -> list[tuple[Any, Any]]:
    """Those of several projects apart by the project's name."""
    projects = dict(_projects(by))
    results = Result.objects.filter(project__in=projects).order_by("project", "position", "id")
    several = len(projects) > 1
    return [(one.pk, f"{one} ({projects[one.project_id]})" if several else str(one)) for one in results]


def _operators(by: Actor) -> list[tuple[Any, Any]]:
    return [(user.pk, user.short_name) for user in User.objects.order_by("last_name", "first_name", "id")]


def _agent(row: Row) -> str:
    last, first = row["agent__last_name"] or "", row["agent__first_name"] or ""
    return f"{last} {first[:1]}." if first else last


def _customer(row: Row) -> str:
    return " ".join(row[name] for name in _NAME if row[name])


class Contacts(RecordList):
    code, right, title, url_name = "contacts", "interactions.view", lazy("Contacts"), "interactions:list"
    columns: ClassVar[Sequence[Column]] = (
        Moment("began_at", lazy("Began"), indexed=True),
        Code("number", lazy("Number"), indexed=True, link=True),
        Text("customer", lazy("Customer"), fields=_NAME, value=_customer, sort=None, where="customer__sort_key",
             folded=True),
        Phone("address", lazy("From or to")),
        Choice("direction", lazy("Direction"), picks=_DIRECTIONS, sort=None, width=120),
        Colleague("agent", lazy("Operator"), value=_agent, where="agent", picks=_operators,
                  fields=("agent__last_name", "agent__first_name")),
        Related("result", lazy("Result"), source="result__name", where="result", picks=_results),
        Choice("state", lazy("State"), picks=_STATES, sort=None),
        Related("project", lazy("Project"), source="project__name", where="project", picks=_projects, shown=False),
        Text("topic_text", lazy("Topic in words"), sort=None, shown=False),
        Text("line_name", lazy("Line"), sort=None, shown=False),
        Choice("channel", lazy("Channel"), picks=_CHANNELS, sort=None, shown=False),
        Moment("answered_at", lazy("Answered"), sort=None, shown=False),
        Moment("ended_at", lazy("Ended"), sort=None, shown=False),
    )  # fmt: skip
    default_sort = ("-began_at",)
    search_hint = lazy("number, telephone, customer")
    empty = lazy("Calls and visits appear here.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Interaction]:
        return visible(by).select_related(None)

    def search(self, text: str, by: Actor, limit: int) -> Found | None:
        return search_contacts(text, by=by, limit=limit)

    def url(self, row: Row) -> str:
        return reverse("interactions:contact", args=[row["id"]])


def of_customers(by: Actor) -> Sequence[Column]:
    """In the list of customers, for those who may see contacts: when somebody was last in touch, as far as they see."""
    if not by.may("interactions.view"):
        return ()
    last = visible(by).filter(customer=OuterRef("pk")).order_by("-began_at").values("began_at")[:1]
    return (Moment("last_contact", lazy("Last contact"), expression=Subquery(last), shown=False),)
