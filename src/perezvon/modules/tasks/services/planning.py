"""Planning work, changing it, getting it done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields.own import fill
from perezvon.foundation.numbering import next_number
from perezvon.foundation.people.models import Project, Team
from perezvon.foundation.people.selectors import list_projects
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import Refused
from perezvon.kernel.ids import uuid7
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.selectors import get_customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.tasks.models import ActionKind, HandOver, Kind, Repeat, StageChange, State, Task
from perezvon.modules.tasks.registry import is_known
from perezvon.modules.tasks.rules import Act, is_permitted, next_due
from perezvon.modules.tasks.selectors import (
    WRITE,
    actions_of,
    calling_hours,
    colleagues,
    number_of,
    place_of,
)
from perezvon.modules.tasks.services.keeping import kept, locked_for, move_to, set_due
from perezvon.modules.topics.selectors import NoSuchTopic, get_topic

LONGEST_TITLE, LONGEST_TEXT, LONGEST_DURATION, LONGEST_REMINDER = 200, 10_000, 24 * 60, 14 * 24 * 60
YEARS = range(2000, 2100)


class TaskWrong(Refused):
    """facts: problems {field: Wrong}."""

    code = "tasks.wrong"
    http_status = 422


class OutsideHours(Refused):
    """The customer must not be called at that hour of his. facts: there (his time), begins, ends, zone."""

    code = "tasks.outside_hours"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task as somebody wants it. due: what the wall shows in `zone`; zone "": the customer's, else the project's.

    owner_id: whose it shall be, the planner's own when neither it nor a team is named and `to_anyone` is not said.
    Another person is offered it, and the planner has it until he accepts. custom: an administrator's own fields as
    typed, by their names.
    """

    title: str
    kind: str = Kind.TODO
    text: str = ""
    due: datetime | None = None
    zone: str = ""
    duration_min: int = 0
    remind_min: int | None = None
    repeat: str = ""
    repeat_until: date | None = None
    project_id: int | None = None
    customer_id: UUID | None = None
    interaction_id: UUID | None = None
    subject: tuple[str, UUID] | None = None
    topic_id: int | None = None
    action_id: int | None = None
    address: str = ""
    owner_id: int | None = None
    team_id: int | None = None
    to_anyone: bool = False
    origin: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)


@command("tasks.plan", needs=WRITE)
def plan(*, wanted: Wanted, by: Actor, now: datetime) -> Task:
    """Plan a piece of work. Raises TaskWrong with all that is wrong at once, OutsideHours."""
    contact = get_interaction(wanted.interaction_id, by=by) if wanted.interaction_id else None
    task = Task(id=uuid7(now), number=0, created_at=now, created_by_id=by.user_id, origin=wanted.origin, version=0)
    task.interaction = contact
    problems: dict[str, Wrong] = {}
    if project := _project(wanted, contact, by):
        task.project = project
    else:
        raise TaskWrong(problems={"project": Wrong("field.required")})
    if wanted.subject is not None and is_known(wanted.subject[0]):
        task.subject_kind, task.subject = wanted.subject
    _set(task, wanted, contact, by, problems)
    _set_owner(task, wanted, by, problems)
    if problems:
        raise TaskWrong(problems=problems)
    task.number = next_number("task")
    kept(task, now)
    if wanted.owner_id and wanted.owner_id != by.user_id and by.user_id is not None:
        HandOver.objects.create(task=task, by_id=by.user_id, to_id=wanted.owner_id, at=now)
        kept(task, now, also=(wanted.owner_id,))
    return task


@command("tasks.edit", needs=WRITE)
def edit(*, task_id: UUID, version: int, wanted: Wanted, by: Actor, now: datetime) -> Task:
    """Change what it says and when it is due; who has it stays. Raises TaskWrong, OutsideHours, NotYours, TaskMoved."""
    task = locked_for(Act.CHANGE, task_id, by, version)
    problems: dict[str, Wrong] = {}
    contact = task.interaction
    _set(task, wanted, contact, by, problems)
    if problems:
        raise TaskWrong(problems=problems)
    return kept(task, now)


@command("tasks.move", needs=WRITE)
def move(*, task_id: UUID, state: str, by: Actor, now: datetime, version: int | None = None) -> Task:
    """To another column of the board. Whoever begins what nobody has, has it. Raises NoSuchMove, NotYours."""
    task = locked_for(Act.CHANGE, task_id, by, version)
    if state == State.DONE:
        return do(task_id=task_id, by=by, now=now)
    move_to(task, state, by, now)
    if task.owner_id is None and state == State.WORK:
        task.owner_id = by.user_id
    return kept(task, now)


@command("tasks.do", needs=WRITE)
def do(*, task_id: UUID, by: Actor, now: datetime, result: str = "", version: int | None = None) -> Task:
    """It is done: its contact comes to the action's stage, and the next one of a row is planned.

    What is done already stays as it is. Raises NotYours, NoSuchMove, TaskMoved.
    """
    task = locked_for(Act.CHANGE, task_id, by, version)
    if task.state == State.DONE:
        return task
    move_to(task, State.DONE, by, now)
    task.result = result.strip()[:LONGEST_TEXT] or task.result
    task.owner_id = task.owner_id or by.user_id
    _withdraw_offer(task, now)
    _advance(task, by, now)
    _plan_next(task, now)
    return kept(task, now)


@command("tasks.cancel", needs=WRITE)
def cancel(*, task_id: UUID, why: str, by: Actor, now: datetime) -> Task:
    """Not to be done after all; the rest of a row neither. Raises NotYours, NoSuchMove."""
    task = locked_for(Act.CHANGE, task_id, by)
    if task.state == State.CANCELLED:
        return task
    move_to(task, State.CANCELLED, by, now)
    task.result = why.strip()[:LONGEST_TEXT]
    _withdraw_offer(task, now)
    return kept(task, now)


@command("tasks.reopen", needs=WRITE)
def reopen(*, task_id: UUID, by: Actor, now: datetime) -> Task:
    """What was closed by mistake. Raises NotYours."""
    task = locked_for(Act.CHANGE, task_id, by)
    if task.is_open:
        return task
    move_to(task, State.WORK if task.state == State.DONE else State.NEW, by, now)
    return kept(task, now)


@command("tasks.postpone", needs=WRITE)
def postpone(
    *, task_id: UUID, due: datetime, by: Actor, now: datetime, version: int | None = None, duration: int | None = None
) -> Task:
    """Another time, on the wall of the task's zone. Raises OutsideHours, NotYours, TaskWrong for a closed one."""
    task = locked_for(Act.CHANGE, task_id, by, version)
    if not task.is_open:
        raise TaskWrong(problems={"due": Wrong("task.closed")})
    _must_be_a_year(due)
    set_due(task, due.replace(tzinfo=None), task.zone or task.project.zone)
    _must_be_permitted(task)
    if duration is not None and 0 <= duration <= LONGEST_DURATION:
        task.duration_min = duration
    return kept(task, now)


# --- what it says -------------------------------------------------------------------------------------


def _project(wanted: Wanted, contact: Interaction | None, by: Actor) -> Project | None:
    """Of the contact, the one that was named, the only one the planner works for."""
    if contact is not None:
        return contact.project
    mine = list_projects(by=by)
    if wanted.project_id is not None:
        return next((one for one in mine if one.pk == wanted.project_id), None)
    return mine[0] if len(mine) == 1 else None


def _set(task: Task, wanted: Wanted, contact: Interaction | None, by: Actor, problems: dict[str, Wrong]) -> None:
    task.title = " ".join(wanted.title.split())[:LONGEST_TITLE]
    task.text = wanted.text.strip()[:LONGEST_TEXT]
    task.customer = _customer(wanted, contact, by)
    task.topic_id = _topic(task, wanted, problems)
    task.action = _action(task, wanted, problems)
    if task.action is not None:
        task.title = task.title or str(task.action)
    if not task.title:
        problems["title"] = Wrong("field.required")
    problems |= fill(task, wanted.custom, by)
    _set_kind(task, wanted, problems)
    _set_times(task, wanted, problems)


def _customer(wanted: Wanted, contact: Interaction | None, by: Actor) -> Customer | None:
    if wanted.customer_id:
        return get_customer(wanted.customer_id, by=by)
    return contact.customer if contact else None


def _topic(task: Task, wanted: Wanted, problems: dict[str, Wrong]) -> int | None:
    if wanted.topic_id is None or wanted.topic_id == task.topic_id:
        return wanted.topic_id
    try:
        return get_topic(wanted.topic_id, project_id=task.project_id).pk
    except NoSuchTopic:
        problems["topic"] = Wrong("choice.unknown")
        return None


def _action(task: Task, wanted: Wanted, problems: dict[str, Wrong]) -> ActionKind | None:
    if wanted.action_id is None:
        return None
    known = {one.pk: one for one in actions_of(task.project_id)}
    if wanted.action_id not in known:
        if task.action_id == wanted.action_id:
            return task.action  # one that was withdrawn since stays where it is
        problems["action"] = Wrong("choice.unknown")
    return known.get(wanted.action_id)


def _set_kind(task: Task, wanted: Wanted, problems: dict[str, Wrong]) -> None:
    """Calls and SMS go to a number: the one that is given, of the contact, of the customer."""
    task.kind = wanted.kind
    if wanted.kind not in Kind.values:
        problems["kind"] = Wrong("choice.unknown")
        return
    if wanted.kind not in {Kind.CALL, Kind.SMS}:
        task.address = ""
        return
    if wanted.kind == Kind.SMS and not task.text:
        problems["text"] = Wrong("field.required")
    contact = task.interaction
    typed = wanted.address or task.address or (contact.address if contact else "")
    typed = typed or (number_of(task.customer) if task.customer else "")
    phone = parse_phone(typed if not typed.isdigit() else f"+{typed}") or parse_phone(typed)
    if phone is None:
        problems["address"] = Wrong("phone.form") if typed else Wrong("field.required")
        return
    task.address = phone.digits


def _set_times(task: Task, wanted: Wanted, problems: dict[str, Wrong]) -> None:
    zone = wanted.zone or place_of(task.customer, task.address, task.project).zone
    if zone not in available_timezones():
        problems["zone"] = Wrong("zone.unknown")
        return
    if wanted.due is None and wanted.kind == Kind.SMS:
        problems["due"] = Wrong("field.required")
    if wanted.due is not None and wanted.due.year not in YEARS:
        problems["due"] = Wrong("date.wrong")
        return
    if not 0 <= wanted.duration_min <= LONGEST_DURATION:
        problems["duration"] = Wrong("number.most", most=LONGEST_DURATION)
    if wanted.repeat not in Repeat.values:
        problems["repeat"] = Wrong("choice.unknown")
    if wanted.repeat and wanted.due is None:
        problems["due"] = Wrong("field.required")
    if problems:
        return
    task.duration_min, task.repeat, task.repeat_until = wanted.duration_min, wanted.repeat, wanted.repeat_until
    task.remind_min = None if wanted.remind_min is None else min(max(wanted.remind_min, 0), LONGEST_REMINDER)
    moved = (task.due_local, task.zone)
    set_due(task, wanted.due, zone)
    if moved != (task.due_local, task.zone):
        _must_be_permitted(task)


def _must_be_a_year(due: datetime) -> None:
    if due.year not in YEARS:
        raise TaskWrong(problems={"due": Wrong("date.wrong")})


def _must_be_permitted(task: Task) -> None:
    """Calls and SMS at hours at which people may be disturbed. Raises OutsideHours."""
    if task.kind not in {Kind.CALL, Kind.SMS} or task.due_at is None:
        return
    hours = calling_hours(task.project)
    if not is_permitted(task.due_at, task.zone, hours):
        there = task.due_at.astimezone(ZoneInfo(task.zone))
        raise OutsideHours(there=f"{there:%H:%M}", begins=f"{hours[0]:%H:%M}", ends=f"{hours[1]:%H:%M}", zone=task.zone)


def _set_owner(task: Task, wanted: Wanted, by: Actor, problems: dict[str, Wrong]) -> None:
    if wanted.team_id is not None:
        if not Team.objects.filter(pk=wanted.team_id).exists():
            problems["owner"] = Wrong("choice.unknown")
        task.team_id = wanted.team_id
        return
    if wanted.to_anyone:
        return
    task.owner_id = by.user_id
    if wanted.owner_id is None or wanted.owner_id == by.user_id:
        return
    if wanted.owner_id not in {user.pk for user in colleagues(task.project_id)}:
        problems["owner"] = Wrong("choice.unknown")
    elif by.user_id is None:
        task.owner_id = wanted.owner_id  # the system itself has no hands to keep it in


# --- what doing it brings along -----------------------------------------------------------------------


def _withdraw_offer(task: Task, now: datetime) -> None:
    HandOver.objects.filter(task=task, state=HandOver.State.OFFERED).update(
        state=HandOver.State.WITHDRAWN, answered_at=now
    )


def _advance(task: Task, by: Actor, now: datetime) -> None:
    """The contact comes to the stage that the action leads to (F10.03, F06.15)."""
    if task.interaction_id and task.action and task.action.to_stage_id:
        StageChange.objects.create(
            interaction_id=task.interaction_id, stage_id=task.action.to_stage_id, task=task, by_id=by.user_id, at=now
        )


def _plan_next(task: Task, now: datetime) -> None:
    """The next one of a row, in the same hands. One of a row is planned at a time."""
    if not task.repeat or not task.due_local:
        return
    due = next_due(datetime.fromisoformat(task.due_local), task.repeat, task.repeat_until)
    if due is None:
        return
    again = Task.objects.get(pk=task.pk)
    again.pk, again.number, again.version = uuid7(now), next_number("task"), 0
    again.state, again.closed_at, again.closed_by_id = State.NEW, None, None
    again.result, again.reminded_at, again.sent, again.created_at, again.origin = "", None, None, now, ""
    again._state.adding = True
    set_due(again, due, task.zone or task.project.zone)
    task.repeat = ""  # the row goes on with the next one; reopened, this one does not begin a second row
    kept(again, now)
