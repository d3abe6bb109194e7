"""Cases as a list (F09.03, F09.23)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext, pgettext_lazy

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.lists.columns import Choice, Code, Colleague, Column, Flag, Moment, Number, Related, Row, Text
from perezvon.foundation.lists.declare import Action, Bulk, RecordList
from perezvon.foundation.people.models import Team, User
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.search.selectors import Found
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import Refused
from perezvon.modules.cases import services
from perezvon.modules.cases.actions import case_actions
from perezvon.modules.cases.models import CaseCategory, CaseRule, CaseState, Priority, RuleRun, Source, Stage
from perezvon.modules.cases.selectors import (
    REGISTER,
    SET_UP,
    STAGE_TONES,
    VIEW,
    WORK,
    all_kinds,
    search_cases,
    visible,
)
from perezvon.modules.catalogue.selectors import list_products

_NAME = ("customer__company_name", "customer__last_name", "customer__first_name", "customer__middle_name")
PRIORITY_TONES = {Priority.LOW: "", Priority.NORMAL: "", Priority.HIGH: "warn", Priority.URGENT: "bad"}


def _customer(row: Row) -> str:
    return " ".join(row[name] for name in _NAME if row[name])


def _person(row: Row) -> str:
    last, first = row["person__last_name"] or "", row["person__first_name"] or ""
    return f"{last} {first[:1]}." if first else last


def _code(row: Row) -> str:
    return f"{row['kind__prefix']}{row['number']:05}"


def _kinds(by: Actor) -> list[tuple[Any, Any]]:
    return [(one.pk, str(one)) for one in all_kinds() if one.project_id is None or by.sees_project(one.project_id)]


def _states(by: Actor) -> list[tuple[Any, Any]]:
    rows = CaseState.objects.select_related("kind").order_by("kind__position", "position", "id")
    return [(one.pk, f"{one.kind}: {one}") for one in rows]


def _categories(by: Actor) -> list[tuple[Any, Any]]:
    rows = CaseCategory.objects.select_related("kind").order_by("kind__position", "position", "id")
    return [(one.pk, f"{one.kind}: {one}") for one in rows]


def _teams(by: Actor) -> list[tuple[Any, Any]]:
    return [(one.pk, str(one)) for one in Team.objects.order_by("code")]


def _people(by: Actor) -> list[tuple[Any, Any]]:
    return [(one.pk, one.short_name) for one in User.objects.order_by("last_name", "first_name", "id")]


def _projects(by: Actor) -> list[tuple[Any, Any]]:
    return [(one.pk, str(one)) for one in list_projects(by=by)]


def _products(by: Actor) -> list[tuple[Any, Any]]:
    return [(one.pk, str(one)) for one in list_products(by=by)]


def _take(keys: Any, by: Any, now: Any) -> Any:
    return services.take_cases(keys=keys, by=by, now=now) if isinstance(by, Person) else []


def _put_back(keys: Any, by: Any, now: Any) -> Any:
    return services.put_cases_back(keys=keys, by=by, now=now) if isinstance(by, Person) else []


def _taken(count: int) -> str:
    return ngettext("{count} case is yours now", "{count} cases are yours now", count).format(count=count)


class Cases(RecordList):
    code, right, title, url_name = "cases", VIEW, lazy("Cases"), "cases:list"
    columns: ClassVar[Sequence[Column]] = (
        Code("number", lazy("Number"), fields=("number", "kind__prefix"), value=_code, where="number", sort="number",
             link=True, width=96),
        Text("subject", pgettext_lazy("case", "Subject"), sort=None, width=210),
        Related("kind", lazy("Kind"), source="kind__name", where="kind", picks=_kinds, width=104),
        Related("state", lazy("State"), source="state__name", where="state", picks=_states, width=124),
        Choice("priority", lazy("Priority"), picks=Priority.choices, tones=PRIORITY_TONES, sort=None, width=104),
        Text("customer", lazy("Customer"), fields=_NAME, value=_customer, sort=None, where="customer__sort_key",
             folded=True, width=160),
        Colleague("person", lazy("Responsible"), value=_person, where="person", picks=_people,
                  fields=("person__last_name", "person__first_name"), width=118),
        Moment("due", lazy("Due"), nullable=True, indexed=True, width=145),
        Moment("created_at", lazy("Registered"), indexed=True, width=145),
        Choice("stage", pgettext_lazy("case", "Stage"), picks=Stage.choices, tones=STAGE_TONES, sort=None, shown=False),
        Related("team", lazy("Team"), source="team__name", where="team", picks=_teams, shown=False),
        Related("category", lazy("Category"), source="category__name", where="category", picks=_categories,
                shown=False),
        Related("product", lazy("Product"), source="product__name", where="product", picks=_products, shown=False),
        Related("project", lazy("Project"), source="project__name", where="project", picks=_projects, shown=False),
        Choice("source", lazy("Came in"), picks=Source.choices, sort=None, shown=False),
        Moment("over_at", lazy("Finished"), sort=None, nullable=True, shown=False),
        Moment("answered_at", lazy("First answer"), sort=None, nullable=True, shown=False),
        Number("mark", lazy("Mark"), sort=None, nullable=True, shown=False, width=80),
        Text("mark_words", lazy("What the customer said of it"), sort=None, shown=False, width=210),
        Flag("incident", lazy("Mass incident"), sort=None, shown=False),
    )  # fmt: skip
    default_sort = ("-created_at",)
    bulk = (Bulk("take", lazy("Take"), "user", WORK, _take, _taken, undo=_put_back),)
    actions = (Action(lazy("Register a case"), "plus", "cases:new", REGISTER),)
    search_hint = lazy("number, subject, customer")
    empty = lazy("Cases that customers bring appear here.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Any]:
        return visible(by).select_related(None)

    def search(self, text: str, by: Actor, limit: int) -> Found | None:
        return search_cases(text, by=by, limit=limit)

    def url(self, row: Row) -> str:
        return reverse("cases:case", args=[row["id"]])

    def key_of(self, text: str) -> UUID:
        return UUID(text)


# --- what rules did ---


def _rules(_by: Actor) -> list[tuple[Any, Any]]:
    return [(one.pk, str(one)) for one in CaseRule.objects.order_by("position", "id")]


def _done(row: Row) -> str:
    known = case_actions()
    return ", ".join(str(known[code].label) if code in known else code for code in row["done"])


def _run_case(row: Row) -> str:
    return f"{row['case__kind__prefix']}{row['case__number']:05}"


def _told(row: Row) -> str:
    return refusal_words(row["told"], row["facts"])


def refusal_words(code: str, facts: Mapping[str, Any]) -> str:
    """A refusal that was kept, in words; its code where the words want more than was kept."""
    if not code:
        return ""
    error = Refused(**facts)
    error.code = code
    try:
        return words_for(error)
    except (KeyError, TypeError, ValueError):
        return code


class RuleRuns(RecordList):
    """The log of rules: which rule, which case, what it did, or why not."""

    code, right, title, url_name = "case_rule_runs", SET_UP, lazy("What rules did"), "cases:rule_runs"
    columns: ClassVar[Sequence[Column]] = (
        Moment("at", lazy("When"), indexed=True, width=150),
        Related("rule", lazy("Rule"), source="rule__name", where="rule", picks=_rules, width=200),
        Code("case", lazy("Case"), fields=("case__number", "case__kind__prefix"), value=_run_case,
             where="case__number", sort=None, link=True, width=110),
        Text("subject", pgettext_lazy("case", "Subject"), fields=("case__subject",),
             value=lambda row: row["case__subject"], where="case__subject", sort=None, width=220),
        Choice("outcome", lazy("Outcome"), picks=RuleRun.Outcome.choices, sort=None, width=170,
               tones={"done": "good", "refused": "warn", "failed": "bad", "loop": ""}),
        Text("done", lazy("What was done"), fields=("done",), value=_done, where=None, sort=None, width=260),
        Text("told", lazy("Why not"), fields=("told", "facts"), value=_told, where=None, sort=None, width=260),
    )  # fmt: skip
    default_sort = ("-at",)
    search_hint = lazy("subject of the case")
    empty = lazy("No rule has acted yet.")

    def rows(self, by: Actor, *, deleted: bool) -> QuerySet[Any]:
        runs = RuleRun.objects.all()
        return runs if by.projects is None else runs.filter(case__project__in=by.projects)

    def url(self, row: Row) -> str:
        return reverse("cases:rule_run_line", args=[row["id"]])

    def key_of(self, text: str) -> int:
        return int(text)
