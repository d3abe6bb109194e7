"""Cases counted by something: product, level of the customer, place, or any field with choices (F09.20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.fields.models import Type
from perezvon.foundation.fields.selectors import fields_of
from perezvon.foundation.ui.templatetags.ui import duration
from perezvon.kernel.texts import text_in
from perezvon.modules.cases.models import Case, Priority, Stage
from perezvon.modules.cases.selectors.reading import KIND, UNDER_WAY, visible

MOST_GROUPS = 60

# What cases can be counted by: the path of its value and of its name.
BY: dict[str, tuple[Any, str, str]] = {
    "kind": (lazy("Kind"), "kind", "kind__name"),
    "category": (lazy("Category"), "category", "category__name"),
    "state": (lazy("State"), "state", "state__name"),
    "product": (lazy("Product"), "product", "product__name"),
    "level": (lazy("Customer level"), "customer__segment", ""),
    "region": (lazy("Region"), "customer__region", ""),
    "town": (lazy("Town"), "customer__town", ""),
    "topic": (lazy("Topic"), "topic", "topic__name"),
    "team": (lazy("Team"), "team", "team__name"),
    "priority": (lazy("Priority"), "priority", ""),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """How many cases have this value. overdue: of those under way."""

    key: Any
    label: str
    open: int
    paused: int
    overdue: int
    all: int
    share: float


def ways_to_count(by: Actor) -> list[tuple[str, Any]]:
    """(code, label): the shipped ones, and an administrator's fields with choices. One query."""
    own = [one for one in fields_of(KIND, by) if one.type == Type.CHOICE]
    return [(code, label) for code, (label, _path, _name) in BY.items()] + [(one.name, one.label) for one in own]


def counted_by(code: str, *, by: Actor, now: datetime, since: datetime | None = None) -> list[Counted]:
    """Cases under way, or with `since` all registered since then; the largest groups first. One query."""
    cases = visible(by).select_related(None).filter(merged_into=None).order_by()
    cases = cases.filter(created_at__gte=since) if since else cases.filter(stage__in=UNDER_WAY)
    path, name = _path(code, by)
    shown = [path, *([name] if name else [])]
    rows = cases.values(*shown).annotate(
        all=Count("pk"),
        open=Count("pk", filter=Q(stage=Stage.OPEN)),
        paused=Count("pk", filter=Q(stage=Stage.PAUSED)),
        overdue=Count("pk", filter=Q(stage__in=UNDER_WAY, due__lt=now)),
    )
    found = list(rows.order_by("-all")[:MOST_GROUPS])
    whole = max((row["all"] for row in found), default=1)
    words = _words(code, by)
    return [
        Counted(
            row[path],
            _label(row, path, name, words),
            row["open"],
            row["paused"],
            row["overdue"],
            row["all"],
            row["all"] / whole,
        )
        for row in found
    ]


def _path(code: str, by: Actor) -> tuple[str, str]:
    if code in BY:
        return BY[code][1], BY[code][2]
    own = {one.name: one for one in fields_of(KIND, by) if one.type == Type.CHOICE}
    field = own.get(code)
    return (f"custom__{field.key}", "") if field else (BY["kind"][1], BY["kind"][2])


def _words(code: str, by: Actor) -> Mapping[Any, str]:
    if code == "priority":
        return {one.value: str(one.label) for one in Priority}
    own = {one.name: one for one in fields_of(KIND, by)}
    return {choice.code: choice.label for choice in own[code].all_choices.values()} if code in own else {}


def _label(row: Mapping[str, Any], path: str, name: str, words: Mapping[Any, str]) -> str:
    value = row[name] if name else row[path]
    if isinstance(value, dict):
        return text_in(value, get_language() or "ru")
    return words.get(value, str(value)) if value not in (None, "") else ""


# --- reports ---


@dataclass(frozen=True, slots=True)
class Processed:
    """Of a category in a period: how many came in, how many were finished, how long those took (F09.09, F09.10)."""

    kind: str
    category: str
    received: int
    finished: int
    open: int
    average: str
    answered: str
    mark: float | None


def processed(*, by: Actor, since: datetime, until: datetime, project_id: int | None = None) -> list[Processed]:
    """By kind and category. Two queries."""
    cases = visible(by).select_related(None).filter(merged_into=None).order_by()
    if project_id:
        cases = cases.filter(project=project_id)
    came = _by_category(cases.filter(created_at__gte=since, created_at__lt=until), received=Count("pk"))
    took = ExpressionWrapper(F("over_at") - F("created_at"), output_field=DurationField())
    to_answer = ExpressionWrapper(F("answered_at") - F("created_at"), output_field=DurationField())
    over = _by_category(
        cases.filter(over_at__gte=since, over_at__lt=until),
        finished=Count("pk"),
        took=Avg(took),
        to_answer=Avg(to_answer),
        mark=Avg("mark"),
    )
    still = _by_category(cases.filter(stage__in=UNDER_WAY, created_at__lt=until), open=Count("pk"))
    keys = sorted({**came, **over, **still}, key=lambda one: (one[0], one[2]))
    return [_processed(key, came.get(key, {}), over.get(key, {}), still.get(key, {})) for key in keys]


@dataclass(frozen=True, slots=True)
class Marked:
    """What customers thought of the cases of a category that were finished in a month. average: of 1 to 5.

    finished: how many there were, marked or not. low: how many marks are 1 or 2.
    """

    month: datetime
    kind: str
    category: str
    finished: int
    marks: int
    average: float
    low: int


def marked(*, by: Actor, since: datetime, until: datetime, project_id: int | None = None) -> list[Marked]:
    """Where anybody gave a mark; the latest month first, months of the zone in force. One query."""
    cases = visible(by).select_related(None).filter(merged_into=None, over_at__gte=since, over_at__lt=until).order_by()
    if project_id:
        cases = cases.filter(project=project_id)
    language = get_language() or "ru"
    rows: Any = (
        cases.annotate(month=TruncMonth("over_at"))
        .values("month", "kind", "kind__name", "category", "category__name")
        .annotate(
            finished=Count("pk"), marks=Count("mark"), average=Avg("mark"), low=Count("pk", filter=Q(mark__lte=2))
        )
        .filter(marks__gt=0)
    )
    found = [
        Marked(
            row["month"],
            text_in(row["kind__name"], language),
            text_in(row["category__name"] or {}, language),
            row["finished"],
            row["marks"],
            row["average"],
            row["low"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.month.timestamp(), one.kind, one.category))


type _Key = tuple[int, str, int, str]


def _by_category(cases: QuerySet[Case], **sums: Any) -> dict[_Key, dict[str, Any]]:
    language = get_language() or "ru"
    rows: Any = cases.values("kind", "kind__name", "category", "category__name").annotate(**sums)
    return {
        (
            row["kind"],
            text_in(row["kind__name"], language),
            row["category"] or 0,
            text_in(row["category__name"] or {}, language),
        ): row
        for row in rows
    }


def _processed(key: _Key, came: dict[str, Any], over: dict[str, Any], still: dict[str, Any]) -> Processed:
    return Processed(
        key[1],
        key[3],
        came.get("received", 0),
        over.get("finished", 0),
        still.get("open", 0),
        duration(over["took"]) if over.get("took") else "",
        duration(over["to_answer"]) if over.get("to_answer") else "",
        over.get("mark"),
    )
