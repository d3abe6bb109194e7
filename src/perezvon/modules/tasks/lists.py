"""Tasks as a list, for whoever looks for one or watches over many."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.columns import Choice, Code, Colleague, Column, Moment, Related, Row, Text
from perezvon.foundation.lists.declare import Action, Bulk, RecordList
from perezvon.foundation.people.models import User
from perezvon.foundation.people.selectors import list_projects, list_teams
from perezvon.foundation.search.selectors import Found, Guess
from perezvon.modules.tasks import services
from perezvon.modules.tasks.models import ActionKind, Kind, State, Task
from perezvon.modules.tasks.selectors import ASSIGN, VIEW, WRITE, search_tasks, visible

_TONES = {"new": "accent", "work": "talk", "waiting": "warn", "done": "good"}
_CUSTOMER = ("customer__company_name", "customer__last_name", "customer__first_name", "customer__middle_name")


def _people(by: Actor) -> list[tuple[Any, Any]]:
    return [(user.pk, user.short_name) for user in User.objects.order_by("last_name", "first_name", "id")]


def _projects(by: Actor) -> list[tuple[Any, Any]]:
    return [(project.pk, str(project)) for project in list_projects(by=by)]


def _teams(by: Actor) -> list[tuple[Any, Any]]:
    return [(team.pk, str(team)) for team in list_teams()]


def _actions(by: Actor) -> list[tuple[Any, Any]]:
    return [(action.pk, str(action)) for action in ActionKind.objects.all()]


def _owner(row: Row) -> str:
    last, first = row["owner__last_name"] or "", row["owner__first_name"] or ""
    return f"{last} {first[:1]}." if first else last


def _customer(row: Row) -> str:
    return " ".join(row[name] for name in _CUSTOMER if row[name])


def _done(keys: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    return _each(keys, lambda key: services.do(task_id=key, by=by, now=now))


def _reopened(keys: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    return _each(keys, lambda key: services.reopen(task_id=key, by=by, now=now))


def _cancelled(keys: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    return _each(keys, lambda key: services.cancel(task_id=key, why="", by=by, now=now))


def _taken(keys: Collection[UUID], by: Actor, now: datetime) -> list[UUID]:
    return services.assign_many(task_ids=keys, to_id=by.user_id or 0, by=by, now=now)


def _each(keys: Collection[UUID], act: Any) -> list[UUID]:
    """Those of them with which it could be done; in one order, so that two never wait for each other."""
    changed = []
    for key in sorted(keys):
        try:
            task: Task = act(key)
        except (services.NotYours, services.NoSuchMove):
            continue
        changed.append(task.pk)
    return changed


class Tasks(RecordList):
    code, right, title, url_name = "tasks", VIEW, lazy("All tasks"), "tasks:list"
    columns: ClassVar[Sequence[Column]] = (
        Moment("due_at", lazy("Until"), indexed=True, nullable=True),
        Code("number", lazy("Number"), indexed=True, link=True),
        Text("title", lazy("Task"), link=True),
        Choice("state", lazy("State"), picks=State.choices, sort=None, tones=_TONES),
        Colleague("owner", lazy("Who has it"), value=_owner, where="owner", picks=_people,
                  fields=("owner__last_name", "owner__first_name")),
        Text("customer", lazy("Customer"), fields=_CUSTOMER, value=_customer, sort=None, where="customer__sort_key",
             folded=True),
        Choice("kind", lazy("Kind"), picks=Kind.choices, sort=None, width=110),
        Related("action", lazy("Action"), source="action__name", where="action", picks=_actions),
        Related("team", lazy("Team"), source="team__name", where="team", picks=_teams, shown=False),
        Related("project", lazy("Project"), source="project__name", where="project", picks=_projects, shown=False),
        Moment("created_at", lazy("Planned"), sort=None, shown=False),
        Moment("closed_at", lazy("Closed"), sort=None, shown=False),
        Text("result", lazy("What came of it"), sort=None, shown=False),
    )  # fmt: skip
    default_sort = ("due_at",)
    search_hint = lazy("number, words of the task, customer")
    empty = lazy("Planned work appears here.")
    actions: ClassVar[Sequence[Action]] = (
        Action(lazy("My day"), "calendar", "tasks:day", VIEW, leads=True),
        Action(lazy("Board"), "columns", "tasks:board", VIEW, leads=True),
        Action(lazy("New task"), "plus", "tasks:new", WRITE),
    )
    bulk: ClassVar[Sequence[Bulk]] = (
        Bulk("done", lazy("Done"), "check", WRITE, run=_done, undo=_reopened,
             done=lambda count: ngettext(
                 "{count} task is done", "{count} tasks are done", count
             ).format(count=count)),
        Bulk("mine", lazy("Give them to me"), "user", ASSIGN, run=_taken,
             done=lambda count: ngettext(
                 "{count} task is yours", "{count} tasks are yours", count
             ).format(count=count)),
        Bulk("cancel", lazy("Cancel"), "x", WRITE, run=_cancelled, undo=_reopened, is_danger=True,
             done=lambda count: ngettext(
                 "{count} task cancelled", "{count} tasks cancelled", count
             ).format(count=count)),
    )  # fmt: skip

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Task]:
        return visible(by).select_related(None)

    def search(self, text: str, by: Actor, limit: int) -> Found | None:
        keys = tuple(task.pk for task in search_tasks(text, by=by, limit=limit + 1))
        return Found(keys[:limit], min(len(keys), limit), len(keys) <= limit, Guess.NONE, "")

    def url(self, row: Row) -> str:
        return reverse("tasks:task", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)
