"""Cases of the demo: a believable handful in every state, registered and worked on by its people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources

import yaml
from pydantic import BaseModel, Field

from perezvon.foundation.access import Actor, Person, System
from perezvon.foundation.commands.services import command, intent
from perezvon.foundation.people.models import Project, User
from perezvon.modules.cases import services
from perezvon.modules.cases.models import Case, CaseKind
from perezvon.modules.cases.selectors import WORK
from perezvon.modules.customers.models import Customer, Kind
from perezvon.project.demo.day import id_of

BY = System(name="demo")
# The states on the way to each, as the kinds of the blueprint have them.
_WAYS = {
    "new": (),
    "work": ("work",),
    "customer": ("work", "customer"),
    "others": ("work", "others"),
    "solved": ("work", "solved"),
    "closed": ("work", "solved", "closed"),
}


class Told(BaseModel):
    """days: before the end of the demo's history it was registered. stage: the code of its state."""

    kind: str
    project: str
    category: str
    days: int
    stage: str
    subject: str
    text: str
    note: str = ""
    answer: str = ""
    mark: int | None = Field(None, ge=1, le=5)


@dataclass(frozen=True, slots=True)
class _Crew:
    people: Sequence[Person]
    customers: Sequence[Customer]


def load_cases(blueprint: str, *, now: datetime) -> None:
    """Put in those that are missing. Every one has a command id of its own."""
    text = resources.files("perezvon.project.blueprints").joinpath(f"{blueprint}_cases.yaml").read_text("utf-8")
    operators = User.objects.filter(role__code__in=("operator", "extended_operator"), is_active=True).order_by("id")
    customers = Customer.objects.filter(kind=Kind.PERSON, deleted_at=None).order_by("number")
    rows = [Told.model_validate(row) for row in yaml.safe_load(text)["cases"]]
    crew = _Crew([user.actor() for user in operators], list(customers[: len(rows)]))
    for place, told in enumerate(rows):
        with intent(id_of("demo case", told.subject)):
            add_case(told=told, place=place, crew=crew, by=BY, now=now)


@command("demo.add_case", needs=WORK)
def add_case(*, told: Told, place: int, crew: _Crew, by: Actor, now: datetime) -> None:
    at = now - timedelta(days=told.days, hours=3, minutes=place * 7 % 60)
    kind = CaseKind.objects.get(code=told.kind)
    project = Project.objects.get(code=told.project)
    people = [one for one in crew.people if one.sees_project(project.pk)] or list(crew.people)
    registrar, worker = people[place % len(people)], people[(place + 1) % len(people)]
    category = kind.categories.get(code=told.category)
    case = services.register_case(
        kind_id=kind.pk,
        project_id=project.pk,
        typed={"subject": told.subject, "text": told.text, "category": str(category.pk)},
        customer_id=crew.customers[place].pk if place < len(crew.customers) else None,
        by=by if kind.after_identification else registrar,
        now=at,
    )
    _work(case, told, worker, at)


def _work(case: Case, told: Told, worker: Person, at: datetime) -> None:
    way = _WAYS[told.stage]
    if way:
        services.take_case(case_id=case.pk, by=worker, now=at + timedelta(minutes=12))
    for place, state in enumerate(way):
        moment = at + timedelta(minutes=15 + place * 95)
        if state == "work":
            services.move_case_to(case_id=case.pk, state=state, by=worker, now=moment)
            _say(case, told, worker, moment + timedelta(minutes=5))
            continue
        if state == "solved":
            _tick(case, worker, moment)
        step = case.kind.steps.get(source__code=way[place - 1], target__code=state)
        services.move_case(case_id=case.pk, step_id=step.pk, comment=told.note, by=BY, now=moment)
    if told.mark:
        services.mark_case(case_id=case.pk, mark=told.mark, by=worker, now=at + timedelta(hours=6))


def _say(case: Case, told: Told, worker: Person, at: datetime) -> None:
    services.comment_case(case_id=case.pk, text=told.note, by=worker, now=at)
    services.comment_case(case_id=case.pk, text=told.answer, is_public=True, by=worker, now=at)


def _tick(case: Case, worker: Person, at: datetime) -> None:
    for point in case.points.all():
        services.tick_point(case_id=case.pk, point_id=point.pk, done=True, by=worker, now=at)
