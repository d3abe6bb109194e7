"""The people who work here, as a list."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Concat, Greatest
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.columns import Choice, Column, Moment, Related, Row, Text
from perezvon.foundation.lists.declare import Action, Bulk, RecordList
from perezvon.foundation.people import services
from perezvon.foundation.people.models import Keeper, User
from perezvon.foundation.people.roles import NAMES
from perezvon.foundation.people.selectors import (
    find_people,
    list_groups,
    list_people,
    list_projects,
    list_roles,
    list_teams,
)
from perezvon.foundation.search.selectors import Found
from perezvon.kernel.texts import text_in
from perezvon.modules.accounts.models import SignedIn

WORKING, BLOCKED = "working", "blocked"
_STATES = [(WORKING, pgettext_lazy("person", "Working")), (BLOCKED, pgettext_lazy("person", "Blocked"))]
_NAME = Concat("last_name", Value(" "), "first_name", Value(" "), "middle_name")
_STATE = Case(When(is_active=True, then=Value(WORKING)), default=Value(BLOCKED), output_field=CharField())
_IN_GROUPS, _IN_PROJECTS = User.groups.through.objects, User.projects.through.objects
# Signing out forgets the session, so the day of the last sign-in counts too.
_SEEN = Greatest(
    F("last_login"),
    Subquery(
        SignedIn.objects.filter(user=OuterRef("pk")).order_by().values("user").annotate(at=Max("seen_at")).values("at")
    ),
)


def _picks(rows: Callable[[Actor], Sequence[Any]]) -> Callable[[Actor], list[tuple[Any, str]]]:
    return lambda by: [(row.pk, str(row)) for row in rows(by)]


def _role(row: Row) -> str:
    code = row["role__code"]
    return text_in(row["role__name"], get_language() or "ru") or gettext(NAMES.get(code) or code)


def _names(rows: Sequence[Any] | None) -> str:
    return ", ".join(text_in(name, get_language() or "ru") for name in rows or ())


def _projects(row: Row) -> str:
    return gettext("all") if row["role__all_projects"] else _names(row["x_projects"])


def _among(through: Any, field: str) -> Callable[[str, Sequence[Any]], Q]:
    """A condition on rows that somebody has several of."""

    def query(operator: str, values: Sequence[Any]) -> Q:
        theirs = through.filter(**{f"{field}__in": list(values)}) if operator in {"any", "none"} else through.all()
        found = Q(pk__in=theirs.values("user"))
        return ~found if operator in {"none", "empty"} else found

    return query


def _block(keys: Collection[int], by: Actor, now: datetime) -> list[int]:
    """Those who worked. Nobody locks himself out among many others."""
    others = list_people(by=by).filter(pk__in=keys, is_active=True).values_list("pk", flat=True)
    return [services.block_user(user_id=key, by=by, now=now).pk for key in others if key != by.user_id]


def _unblock(keys: Collection[int], by: Actor, now: datetime) -> list[int]:
    blocked = list_people(by=by).filter(pk__in=keys, is_active=False)
    return [services.unblock_user(user_id=key, by=by, now=now).pk for key in blocked.values_list("pk", flat=True)]


def _blocked(count: int) -> str:
    return ngettext("{count} person blocked", "{count} people blocked", count).format(count=count)


def _unblocked(count: int) -> str:
    return ngettext("{count} person let in again", "{count} people let in again", count).format(count=count)


class People(RecordList):
    code, right, title, url_name = "people", "people.manage", lazy("People"), "accounts:people"
    above = ((lazy("Administration"), "administration:home"),)
    columns: ClassVar[Sequence[Column]] = (
        Text("name", lazy("Full name"), expression=_NAME, link=True, width=230),
        Text("login", lazy("Login"), width=110),
        Choice("state", lazy("State"), expression=_STATE, picks=_STATES, tones={BLOCKED: "bad"}, width=145),
        Related("role", lazy("Role"), width=190, value=_role, fields=("role__name", "role__code"), where="role",
                sort="role", picks=_picks(lambda by: list_roles())),
        Related("team", lazy("Team"), width=130, source="team__name", where="team",
                picks=_picks(lambda by: list_teams())),
        Related("groups", lazy("Groups"), width=110, value=lambda row: _names(row["x_groups"]), fields=("x_groups",),
                expression=ArraySubquery(_IN_GROUPS.filter(user=OuterRef("pk")).order_by("group").values("group__name")),
                query=_among(_IN_GROUPS, "group"), picks=_picks(lambda by: list_groups())),
        Related("projects", lazy("Projects"), width=160, value=_projects, fields=("x_projects", "role__all_projects"),
                expression=ArraySubquery(
                    _IN_PROJECTS.filter(user=OuterRef("pk")).order_by("project__number").values("project__name")
                ),
                query=_among(_IN_PROJECTS, "project"), picks=_picks(lambda by: list_projects(by=by))),
        Text("extension", lazy("Ext."), width=70),
        Moment("seen", lazy("Last seen"), expression=_SEEN, width=150),
        Text("position", lazy("Position"), shown=False),
        Text("email", lazy("E-mail"), shown=False),
        Text("mobile", lazy("Mobile phone"), shown=False),
        Choice("keeper", lazy("Who keeps the password"), picks=Keeper.choices, shown=False),
        Moment("created_at", lazy("Added"), shown=False),
    )  # fmt: skip
    default_sort = ("-state", "name")
    bulk = (
        Bulk("block", lazy("Block"), "lock", "people.manage", _block, _blocked, undo=_unblock, is_danger=True),
        Bulk("unblock", lazy("Let in again"), "circle-check", "people.manage", _unblock, _unblocked, undo=_block),
    )
    actions = (Action(lazy("Add"), "user-plus", "accounts:person_new", "people.manage"),)
    search_hint = lazy("Name, login, extension")
    empty = lazy("Nobody works here yet.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[User]:
        return list_people(by=by)

    def search(self, text: str, by: Actor, limit: int) -> Found:
        return find_people(text, by=by, limit=limit)

    def url(self, row: Row) -> str:
        return reverse("accounts:person", args=[row["id"]])

    def key_of(self, text: str) -> int:
        return int(text)


def people_url(column: str, key: int) -> str:
    """The list of those who work here and have this in that column."""
    where = ["and", ["state", "any", WORKING], [column, "any", str(key)]]
    return f"{reverse('accounts:people')}?{urlencode({'where': json.dumps(where)})}"
