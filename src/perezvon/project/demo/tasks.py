"""What the demo's people have planned: calls, meetings, to-dos of the blueprint's own list, each for a customer."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel

from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.people.models import Project, Team, User
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.models import Kind as CustomerKind
from perezvon.modules.tasks import services
from perezvon.modules.tasks.models import ActionKind, Kind, State, Task
from perezvon.modules.tasks.selectors import calling_hours
from perezvon.project.demo.day import id_of

_QUARTER = 15


class Planned(BaseModel):
    """hours: from the end of the demo's history until it is due. owner, to: logins."""

    title: str
    kind: Kind
    hours: float
    owner: str = ""
    team: str = ""
    to: str = ""
    note: str = ""
    action: str = ""
    text: str = ""
    minutes: int = 0
    repeat: str = ""
    state: State = State.NEW
    result: str = ""


def load_tasks(blueprint: str, *, now: datetime) -> None:
    """Put in those that are missing. Who has none of his own is nobody's and was planned by the supervisor."""
    text = resources.files("perezvon.project.blueprints").joinpath(f"{blueprint}_tasks.yaml").read_text("utf-8")
    people = {user.login: user for user in User.objects.select_related("role").filter(is_active=True)}
    customers = Customer.objects.filter(kind=CustomerKind.PERSON, deleted_at=None).exclude(zone="").order_by("number")
    rows = [Planned.model_validate(row) for row in yaml.safe_load(text)]
    for row, customer in zip(rows, customers[: len(rows)], strict=False):
        owner = people.get(row.owner) or people["lebedev"]
        _plan(row, customer, owner.actor(), people, now)


def _plan(row: Planned, customer: Customer, by: Person, people: dict[str, User], now: datetime) -> None:
    project = Project.objects.filter(users=by.id).order_by("number").first() or Project.objects.order_by("number")[0]
    action = ActionKind.objects.filter(code=row.action).first() if row.action else None
    team = Team.objects.filter(code=row.team).first() if row.team else None
    wanted = services.Wanted(
        title=row.title,
        kind=row.kind,
        text=row.text,
        due=_due(row, customer.zone, project, now),
        duration_min=row.minutes,
        remind_min=15,
        repeat=row.repeat,
        project_id=project.pk,
        customer_id=customer.pk,
        action_id=action.pk if action else None,
        owner_id=by.id if row.owner else None,
        team_id=team.pk if team else None,
        to_anyone=not row.owner and team is None,
    )
    with intent(id_of("demo task", row.title)):
        task = services.plan(wanted=wanted, by=by, now=now)
    _bring(task, row, by, people, now)


def _due(row: Planned, zone: str, project: Project, now: datetime) -> datetime:
    """A quarter of an hour, and for calls one at which the customer may be called."""
    due = (now + timedelta(hours=row.hours)).astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0, tzinfo=None)
    due -= timedelta(minutes=due.minute % _QUARTER)
    begins, ends = calling_hours(project)
    if row.kind in {Kind.CALL, Kind.SMS} and not begins <= due.time() < ends:
        due = due.replace(hour=begins.hour + 2, minute=0)
    return due


def _bring(task: Task, row: Planned, by: Person, people: dict[str, User], now: datetime) -> None:
    """To where it stands in the demo; what is there already, and was moved since, is left alone."""
    if task.state != State.NEW or task.hand_overs.exists():
        return
    if row.to:
        with intent(id_of("demo task offered", row.title)):
            services.hand_over(task_id=task.pk, to_id=people[row.to].pk, note=row.note, by=by, now=now)
    if row.state == State.DONE:
        with intent(id_of("demo task done", row.title)):
            services.do(task_id=task.pk, result=row.result, by=by, now=now)
    elif row.state != State.NEW:
        with intent(id_of("demo task moved", row.title)):
            services.move(task_id=task.pk, state=row.state, by=by, now=now)
