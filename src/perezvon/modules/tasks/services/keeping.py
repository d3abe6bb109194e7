"""What all services of tasks share: the lock, the rules, telling of a change."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from perezvon.foundation.access import Actor
from perezvon.foundation.outbox.services import publish, tell
from perezvon.kernel.errors import Refused
from perezvon.modules.tasks.events import TaskChanged
from perezvon.modules.tasks.models import HandOver, State, Task
from perezvon.modules.tasks.rules import MOVES, Act
from perezvon.modules.tasks.selectors import VIEW, NoSuchTask, may_do, narrowed, who_of

LIVE, MINE = "task", "planned"  # to boards of the project; to the desks of those whom it concerns


class NotYours(Refused):
    """Somebody else has it. facts: task."""

    code = "tasks.not_yours"


class NoSuchMove(Refused):
    """It cannot go there from where it is. facts: state, wanted."""

    code = "tasks.no_such_move"


class TaskMoved(Refused):
    """Somebody else changed it since the page was read. facts: version."""

    code = "tasks.changed_meanwhile"


def locked(task_id: UUID, by: Actor) -> Task:
    """The task, held for this transaction, with its hand-overs. Raises NoSuchTask."""
    by.must(VIEW)
    rows = narrowed(Task.objects.select_for_update(of=("self",)), by)
    waiting = Prefetch("hand_overs", HandOver.objects.filter(state=HandOver.State.OFFERED))
    found = rows.select_related("project").prefetch_related(waiting).filter(pk=task_id).first()
    if found is None:
        raise NoSuchTask(task=task_id)
    return found


def locked_for(act: Act, task_id: UUID, by: Actor, version: int | None = None) -> Task:
    """The same, when the actor may do that with it. Raises NotYours, TaskMoved, NoSuchTask."""
    task = locked(task_id, by)
    if not may_do(act, task, who_of(by)):
        raise NotYours(task=task_id)
    if version is not None and version != task.version:
        raise TaskMoved(version=task.version)
    return task


def move_to(task: Task, state: str, by: Actor, now: datetime) -> None:
    """Raises NoSuchMove. Where it is already is no move."""
    if state == task.state:
        return
    if state not in MOVES[task.state]:
        raise NoSuchMove(state=task.state, wanted=state)
    task.state = state
    is_over = state in {State.DONE, State.CANCELLED}
    task.closed_at, task.closed_by_id = (now, by.user_id) if is_over else (None, None)


def set_due(task: Task, local: datetime | None, zone: str) -> None:
    """local: what the wall shows in `zone`. A time that comes twice means its first coming."""
    task.zone = zone
    task.due_local = local.strftime("%Y-%m-%dT%H:%M") if local else ""
    task.due_at = local.replace(tzinfo=ZoneInfo(zone)) if local else None
    set_reminder(task)


def set_reminder(task: Task) -> None:
    """A reminder that was given is given anew when the time changes."""
    ahead = task.remind_min
    at = task.due_at - timedelta(minutes=ahead) if task.due_at is not None and ahead is not None else None
    if at != task.remind_at:
        task.remind_at, task.reminded_at = at, None


def kept(task: Task, now: datetime, *, also: tuple[int | None, ...] = ()) -> Task:
    """Save it, tell other modules, and whoever looks at it. also: people whom it has left."""
    task.version += 1
    task.save(force_insert=task._state.adding)
    publish(TaskChanged(task_id=task.pk, state=task.state), now=now)
    people = {task.owner_id, task.created_by_id, *also} - {None}
    audience = [f"project:{task.project_id}", "project:*", *(f"user:{person}" for person in people)]
    tell(LIVE, task.pk, task.version, to=audience, now=now)
    mine = {f"user:{person}" for person in (task.owner_id, *also) if person is not None}
    if task.owner_id is None and task.team_id is not None:
        mine.add(f"team:{task.team_id}")
    if mine:
        tell(MINE, task.pk, task.version, to=mine, now=now)
    return task
