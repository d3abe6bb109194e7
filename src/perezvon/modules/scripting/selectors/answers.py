"""What was answered: per question, day by day, and by whom; the questionnaires of a customer and of a contact."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _

from perezvon.cores.scripting.knowing import fields_of
from perezvon.cores.scripting.model import Ask, Field
from perezvon.foundation.access import Actor
from perezvon.kernel.texts import text_in
from perezvon.modules.scripting.models import Form, Run, RunAnswer, ScenarioVersion
from perezvon.modules.scripting.selectors.definitions import MANAGE, scenario_of
from perezvon.modules.scripting.selectors.runs import visible_runs

_TEXTS, _LATEST, _OF_CUSTOMER = 20, 100, 30


@dataclass(frozen=True, slots=True)
class Share:
    """share: of those who answered the question (of a matrix, its row), in per cent."""

    row: str
    label: str
    count: int
    share: int


@dataclass(frozen=True, slots=True)
class Question:
    """people: how many answered it. mean: of numbers. texts: the latest ones."""

    label: str
    people: int
    counts: tuple[Share, ...]
    mean: float | None
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """fillings: the conversations that answered, the latest first, no more than a hundred; days: (day, count)."""

    people: int
    questions: tuple[Question, ...]
    days: tuple[tuple[date, int], ...]
    fillings: tuple[Run, ...]


def answers_of(
    version: ScenarioVersion, days: int, *, by: Actor, now: datetime, language: str, project: int | None = None
) -> Answers:
    """To one version, of conversations that have ended, in the projects that the actor sees. Six queries."""
    by.must(MANAGE)
    runs = Run.objects.filter(ended_at__gte=now - timedelta(days=days))
    runs = runs if by.projects is None else runs.filter(project__in=by.projects)
    runs = runs if project is None else runs.filter(project=project)
    given = RunAnswer.objects.filter(version=version, run__in=runs.values("pk")).order_by()
    answered = runs.filter(pk__in=given.values("run")).order_by()
    by_day = answered.annotate(day=TruncDate("ended_at")).values("day").annotate(count=Count("pk")).order_by("day")
    days_found = tuple((row["day"], row["count"]) for row in by_day)
    latest = answered.select_related("scenario", "by", "customer").order_by("-ended_at", "-id")[:_LATEST]
    return Answers(
        people=sum(count for _day, count in days_found),
        questions=_questions(version, given, language),
        days=days_found,
        fillings=tuple(latest),
    )


def _questions(version: ScenarioVersion, given: QuerySet[RunAnswer], language: str) -> tuple[Question, ...]:
    whole: dict[str, Mapping[str, Any]] = {
        row["field"]: dict(row)
        for row in given.values("field").annotate(people=Count("run", distinct=True), mean=Avg("number"))
    }
    rows = given.filter(text="").values("field", "row", "option", "number").annotate(count=Count("pk"))
    counted: dict[str, list[tuple[str, str, int]]] = {}
    for one in rows.order_by("field", "row", "number", "option"):
        answer = one["option"] or f"{(one['number'] or Decimal(0)).normalize():f}"
        counted.setdefault(one["field"], []).append((one["row"], answer, one["count"]))
    texts: dict[str, list[str]] = {}
    for field, text in given.exclude(text="").order_by("-pk").values_list("field", "text")[:1_000]:
        texts.setdefault(field, []).append(text)
    found = [
        _question(one, whole.get(one.code, {}), counted.get(one.code, []), texts.get(one.code, [])[:_TEXTS], language)
        for one in fields_of(scenario_of(version.pk))
    ]
    return tuple(found)


def _question(
    field: Field, whole: Mapping[str, Any], counted: list[tuple[str, str, int]], texts: list[str], language: str
) -> Question:
    people = int(whole.get("people", 0))
    found = {(row, answer): count for row, answer, count in counted}
    labels = {one.code: text_in(one.texts, language) or one.code for one in field.options}
    labels |= {"yes": _("yes"), "no": _("no")} if field.ask == Ask.FLAG else {}
    rows = {one.code: text_in(one.texts, language) or one.code for one in field.rows} or {"": ""}
    places = [(row, answer) for row in rows for answer in labels] if labels else list(found)
    return Question(
        label=text_in(field.label, language) or field.code,
        people=people,
        counts=tuple(
            Share(rows[row], labels.get(answer, answer), count, round(100 * count / people) if people else 0)
            for row, answer in places
            for count in [found.get((row, answer), 0)]
        ),
        mean=float(whole["mean"]) if whole.get("mean") is not None else None,
        texts=tuple(texts),
    )


def filled_for(customers: Collection[UUID], *, by: Actor) -> list[Run]:
    """Questionnaires that were filled for customers, the latest first. One query."""
    found = visible_runs(by).filter(customer__in=customers, scenario__form=Form.QUESTIONNAIRE)
    return list(found.order_by("-began_at", "-id")[:_OF_CUSTOMER])


def filled_in(contact: UUID, *, by: Actor) -> list[Run]:
    """Those of one contact, in their order. One query."""
    found = visible_runs(by).filter(interaction=contact, scenario__form=Form.QUESTIONNAIRE)
    return list(found.order_by("began_at", "id"))
