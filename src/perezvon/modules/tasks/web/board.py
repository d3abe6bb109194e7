"""The board of columns with swim-lanes, and the board tree of customers, business and contents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.interactions.selectors import topic_paths
from perezvon.modules.tasks.models import State, Task
from perezvon.modules.tasks.registry import subject_cards
from perezvon.modules.tasks.rules import over_limits
from perezvon.modules.tasks.selectors import VIEW, WRITE, column_limits, end_of_today, visible, who_of
from perezvon.modules.tasks.web.rows import row_of
from perezvon.modules.tasks.web.tabs import tabs
from perezvon.modules.tasks.web.views import number_of

MOST = 300
DONE_SHOWN = 20
DONE_FOR = timedelta(days=7)
COLUMNS = {
    State.NEW: pgettext_lazy("column", "New"),
    State.WORK: pgettext_lazy("column", "In work"),
    State.WAITING: pgettext_lazy("column", "Waiting for the customer"),
    State.DONE: pgettext_lazy("column", "Done"),
}
_WHOSE = (("mine", lazy("Mine")), ("team", lazy("My team's")), ("all", lazy("Everybody's")))
_UNTIL = (
    ("", lazy("Any time")),
    ("late", lazy("Overdue")),
    ("today", lazy("Until tonight")),
    ("week", lazy("Within a week")),
)
_LANES = (("", lazy("No lanes")), ("owner", lazy("By person")), ("kind", lazy("By kind")), ("topic", lazy("By topic")))


@needs(VIEW)
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """Three queries and what the rows need, whatever their number."""
    by, now = person_of(request), clock.now()
    asked = _asked(request, by)
    tasks = _chosen(visible(by), asked, by, now)
    who = who_of(by)
    open_ones = list(tasks.filter(closed_at=None).order_by("due_at", "id")[: MOST + 1])
    done = list(tasks.filter(state=State.DONE, closed_at__gte=now - DONE_FOR).order_by("-closed_at")[:DONE_SHOWN])
    rows = [row_of(task, who, by, now, "board") for task in (*open_ones[:MOST], *done)]
    limits = column_limits()
    context = {
        "tabs": tabs("tasks:board", by),
        "lanes": _lanes(rows, asked["lanes"]),
        "columns": [
            {
                "state": state,
                "label": label,
                "count": sum(row["task"].state == state for row in rows),
                "limit": limits.get(state),
            }
            for state, label in COLUMNS.items()
        ],
        "over": _over(rows, limits),
        "has_more": len(open_ones) > MOST,
        "most": MOST,
        "choices": _choices(asked),
        "query": request.GET.urlencode(),
        "here": request.get_full_path(),
        "may_write": by.may(WRITE),
        "now": now,
    }
    return render_page(request, "tasks/board.html", context, part="workspace")


def _over(rows: list[dict[str, Any]], limits: dict[str, int]) -> list[str]:
    """Who has more in hand than was agreed, in words."""
    held = [(row["task"].owner.short_name, row["task"].state) for row in rows if row["task"].owner]
    return [
        _("{person}: {count} in “{column}”, {most} were agreed").format(
            person=person, count=count, column=COLUMNS[State(state)], most=limits[state]
        )
        for (person, state), count in over_limits(held, limits).items()
    ]


def _asked(request: HttpRequest, by: Person) -> dict[str, str]:
    usual = "team" if by.team_id else "all"
    known = {"whose": _WHOSE, "until": _UNTIL, "lanes": _LANES}
    asked = {name: request.GET.get(name, "") for name in known}
    asked = {name: code if code in dict(known[name]) else "" for name, code in asked.items()}
    return asked | {"whose": asked["whose"] or usual, "project": request.GET.get("project", "")}


def _chosen(tasks: QuerySet[Task], asked: dict[str, str], by: Person, now: datetime) -> QuerySet[Task]:
    if asked["whose"] == "mine":
        tasks = tasks.filter(owner=by.id)
    elif asked["whose"] == "team" and by.team_id:
        tasks = tasks.filter(owner__team=by.team_id) | tasks.filter(owner=None, team=by.team_id)
    if project := number_of(asked["project"]):
        tasks = tasks.filter(project=project)
    match asked["until"]:
        case "late":
            return tasks.filter(due_at__lt=now)
        case "today":
            return tasks.filter(due_at__lt=end_of_today(now))
        case "week":
            return tasks.filter(due_at__lt=end_of_today(now) + timedelta(days=6))
        case _:
            return tasks


def _choices(asked: dict[str, str]) -> list[dict[str, Any]]:
    labels = {"whose": _("Whose"), "until": _("Term"), "lanes": _("Lanes")}
    options = {"whose": _WHOSE, "until": _UNTIL, "lanes": _LANES}
    return [
        {
            "name": name,
            "label": labels[name],
            "options": [(code, text, code == asked[name]) for code, text in options[name]],
        }
        for name in labels
    ]


_KEYS: dict[str, Callable[[dict[str, Any]], tuple[str, str]]] = {
    "": lambda _row: ("", ""),
    "owner": lambda row: (str(row["task"].owner_id or ""), row["who"]),
    "kind": lambda row: (row["task"].kind, row["task"].get_kind_display()),
    "topic": lambda row: (str(row["task"].topic_id or ""), str(row["task"].topic or _("without a topic"))),
}


def _lanes(rows: list[dict[str, Any]], by: str) -> list[dict[str, Any]]:
    """A lane is a row of cells, one for each column."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        key, label = _KEYS[by](row)
        lane = found.setdefault(key, {"key": key, "label": label, "cells": {state: [] for state in COLUMNS}})
        lane["cells"][State(row["task"].state)].append(row)
    if not found:
        found[""] = {"key": "", "label": "", "cells": {state: [] for state in COLUMNS}}
    lanes = sorted(found.values(), key=lambda lane: (lane["key"] == "", lane["label"]))
    for lane in lanes:
        lane["cells"] = [
            {"state": state, "label": label, "rows": lane["cells"][state], "takes": state}
            for state, label in COLUMNS.items()
        ]
    return lanes


# --- the tree -----------------------------------------------------------------------------------------


@needs(VIEW)
@require_GET
def tree(request: HttpRequest) -> HttpResponse:
    """Customers, their business, its contents (F10.01, F10.02); what belongs to no case hangs below the contact or the
    customer himself."""
    by, now = person_of(request), clock.now()
    asked = _asked(request, by)
    who = who_of(by)
    tasks = list(
        _chosen(visible(by), asked, by, now)
        .filter(closed_at=None)
        .select_related("interaction", "customer", "owner", "team", "action", "topic", "project")
        .order_by("customer__sort_key", "due_at", "id")[: MOST + 1]
    )
    context = {
        "tabs": tabs("tasks:tree", by),
        "customers": _customers(tasks[:MOST], who, by, now),
        "choices": [one for one in _choices(asked) if one["name"] != "lanes"],
        "query": request.GET.urlencode(),
        "here": request.get_full_path(),
        "has_more": len(tasks) > MOST,
        "most": MOST,
        "now": now,
    }
    return render_page(request, "tasks/tree.html", context, part="workspace")


def _customers(tasks: list[Task], who: Any, by: Person, now: datetime) -> list[dict[str, Any]]:
    cards = subject_cards({(one.subject_kind, one.subject) for one in tasks if one.subject}, by)
    paths = topic_paths({one.topic for one in tasks if one.topic})
    found: dict[UUID | None, dict[str, Any]] = {}
    for task in tasks:
        node = found.setdefault(task.customer_id, _customer_node(task))
        business = node["business"].setdefault(_business_key(task), _business_node(task, cards))
        category, _sign, topic = paths.get(task.topic_id or 0, "").partition(" \u203a ")
        business["rows"].append(
            {**row_of(task, who, by, now, "tree"), "category": category, "topic": topic or category}
        )
        node["count"] += 1
    return [{**node, "business": list(node["business"].values())} for node in found.values()]


def _customer_node(task: Task) -> dict[str, Any]:
    customer = task.customer
    return {
        "name": customer.full_name if customer else _("Without a customer"),
        "about": _("No. {number}").format(number=customer.number) if customer else "",
        "url": reverse("customers:card", args=[customer.pk]) if customer else "",
        "business": {},
        "count": 0,
    }


def _business_key(task: Task) -> tuple[str, UUID | None]:
    if task.subject:
        return task.subject_kind, task.subject
    return ("contact", task.interaction_id) if task.interaction_id else ("", None)


def _business_node(task: Task, cards: Any) -> dict[str, Any]:
    card = cards.get((task.subject_kind, task.subject)) if task.subject else None
    if card is not None:
        return {"name": card.title, "url": card.url, "at": card.opened_at, "rows": []}
    contact = task.interaction
    if contact is not None:
        name = _("Contact No. {number}").format(number=contact.number)
        return {
            "name": name,
            "url": reverse("interactions:contact", args=[contact.pk]),
            "at": contact.began_at,
            "rows": [],
        }
    return {"name": _("Planned for himself") if task.customer else _("Other work"), "url": "", "at": None, "rows": []}
