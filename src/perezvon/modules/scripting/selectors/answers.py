"""What was answered: per question, over the time, and by whom; the questionnaires of a customer and of a contact."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import batched
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, DateField, QuerySet
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek
from django.utils import timezone
from django.utils.translation import gettext as _

from perezvon.cores.scripting.knowing import fields_of
from perezvon.cores.scripting.model import Ask, Field
from perezvon.foundation.access import Actor
from perezvon.foundation.lists.columns import Exported
from perezvon.foundation.people.models import User
from perezvon.kernel.texts import text_in
from perezvon.modules.scripting.models import Form, Run, RunAnswer, ScenarioVersion
from perezvon.modules.scripting.selectors.definitions import MANAGE, scenario_of
from perezvon.modules.scripting.selectors.runs import visible_runs

_TEXTS, _LATEST, _OF_CUSTOMER = 20, 100, 30
_AT_ONCE, MOST_EXPORTED = 1_000, 50_000
STEPS = {"day": TruncDay, "week": TruncWeek, "month": TruncMonth}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which fillings: of the last `days`, in a project, led by a person (ids). step: a key of STEPS, how they are put
    together over the time."""

    days: int
    project: int | None = None
    person: int | None = None
    step: str = "day"


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
    """fillings: the conversations that answered, the latest first, no more than a hundred; steps: (first day, count).

    leaders: who led any of them, whoever is asked for.
    """

    people: int
    questions: tuple[Question, ...]
    steps: tuple[tuple[date, int], ...]
    fillings: tuple[Run, ...]
    leaders: tuple[User, ...]


def answers_of(version: ScenarioVersion, wanted: Wanted, *, by: Actor, now: datetime, language: str) -> Answers:
    """To one version, of conversations that have ended, in the projects that the actor sees. Seven queries."""
    everybodys = _answered(version, wanted, by, now)
    answered = everybodys if wanted.person is None else everybodys.filter(by=wanted.person)
    given = RunAnswer.objects.filter(version=version, run__in=answered.values("pk")).order_by()
    first = STEPS[wanted.step]("ended_at", output_field=DateField())
    by_step = answered.annotate(first=first).values("first").annotate(count=Count("pk")).order_by("first")
    steps = tuple((row["first"], row["count"]) for row in by_step)
    latest = answered.select_related("scenario", "by", "customer").order_by("-ended_at", "-id")[:_LATEST]
    return Answers(
        people=sum(count for _first, count in steps),
        questions=_questions(version, given, language),
        steps=steps,
        fillings=tuple(latest),
        leaders=tuple(User.objects.filter(pk__in=everybodys.values("by")).order_by("last_name", "first_name", "pk")),
    )


def _answered(version: ScenarioVersion, wanted: Wanted, by: Actor, now: datetime) -> QuerySet[Run]:
    by.must(MANAGE)
    runs = Run.objects.filter(ended_at__gte=now - timedelta(days=wanted.days))
    runs = runs if by.projects is None else runs.filter(project__in=by.projects)
    runs = runs if wanted.project is None else runs.filter(project=wanted.project)
    return runs.filter(pk__in=RunAnswer.objects.filter(version=version).order_by().values("run")).order_by()


def exported(
    version: ScenarioVersion, wanted: Wanted, *, by: Actor, now: datetime, language: str
) -> tuple[Sequence[tuple[str, int]], Iterator[Sequence[Exported]]]:
    """The heads of a table, and its rows: one for each filling, oldest first, a column for each question (of a matrix,
    for each of its rows). MOST_EXPORTED rows at most; one query, and one for each thousand."""
    by.must("lists.export")
    columns = [
        (field, row) for field in fields_of(scenario_of(version.pk)) for row in _rows_of(field, language).items()
    ]
    labels = {field.code: _labels(field, language) for field, _row in columns}
    heads = [(_("Ended"), 120), (_("Led by"), 160), (_("Project"), 120), (_("Score"), 70)]
    for field, (_code, name) in columns:
        label = text_in(field.label, language) or field.code
        heads.append((f"{label}: {name}" if name else label, 220))
    runs = _answered(version, wanted, by, now).select_related("by", "project").order_by("ended_at", "id")
    runs = runs if wanted.person is None else runs.filter(by=wanted.person)

    def rows() -> Iterator[Sequence[Exported]]:
        for some in batched(runs[:MOST_EXPORTED].iterator(chunk_size=_AT_ONCE), _AT_ONCE):
            said = _said(version, some, labels)
            for run in some:
                ended = timezone.localtime(run.ended_at).replace(tzinfo=None) if run.ended_at else None
                lead: list[Exported] = [ended, run.led_by, str(run.project), _plain(run.score)]
                yield [*lead, *(said.get((run.pk, field.code, row)) for field, (row, _name) in columns)]

    return heads, rows()


def _said(
    version: ScenarioVersion, runs: Sequence[Run], labels: Mapping[str, Mapping[str, str]]
) -> dict[tuple[UUID, str, str], Exported]:
    """In words by conversation, field and row of a matrix; several options one after the other."""
    found: dict[tuple[UUID, str, str], Exported] = {}
    for one in RunAnswer.objects.filter(version=version, run__in=[run.pk for run in runs]).order_by("id"):
        key = one.run_id, one.field, one.row
        words = one.text or labels.get(one.field, {}).get(one.option, one.option)
        if one.number is not None:
            found[key] = _plain(one.number)
        else:
            found[key] = f"{found[key]}; {words}" if key in found else words
    return found


def _questions(version: ScenarioVersion, given: QuerySet[RunAnswer], language: str) -> tuple[Question, ...]:
    whole: dict[str, Mapping[str, Any]] = {
        row["field"]: dict(row)
        for row in given.values("field").annotate(people=Count("run", distinct=True), mean=Avg("number"))
    }
    rows = given.filter(text="").values("field", "row", "option", "number").annotate(count=Count("pk"))
    counted: dict[str, list[tuple[str, str, int]]] = {}
    for one in rows.order_by("field", "row", "number", "option"):
        answer = one["option"] or str(_plain(one["number"] or Decimal(0)))
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
    labels, rows = _labels(field, language), _rows_of(field, language)
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


def _plain(number: Decimal) -> Decimal:
    """Without the noughts that the database keeps."""
    return Decimal(f"{number.normalize():f}")


def _labels(field: Field, language: str) -> dict[str, str]:
    found = {one.code: text_in(one.texts, language) or one.code for one in field.options}
    return found | ({"yes": _("yes"), "no": _("no")} if field.ask == Ask.FLAG else {})


def _rows_of(field: Field, language: str) -> dict[str, str]:
    """Of a matrix; one without a name of anything else."""
    return {one.code: text_in(one.texts, language) or one.code for one in field.rows} or {"": ""}


def filled_for(customers: Collection[UUID], *, by: Actor) -> list[Run]:
    """Questionnaires that were filled for customers, the latest first. One query."""
    found = visible_runs(by).filter(customer__in=customers, scenario__form=Form.QUESTIONNAIRE)
    return list(found.order_by("-began_at", "-id")[:_OF_CUSTOMER])
