"""From hand to hand: taking, offering, accepting, giving back; deputies; nothing stays with whoever has gone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.people.models import Team, User
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound, Refused
from perezvon.modules.tasks.models import Deputy, HandOver, State, Task
from perezvon.modules.tasks.registry import hand_over_other_work
from perezvon.modules.tasks.rules import Act
from perezvon.modules.tasks.selectors import ASSIGN, WRITE, colleagues, narrowed, offer_of
from perezvon.modules.tasks.services.keeping import NotYours, kept, locked, locked_for
from perezvon.modules.tasks.services.planning import TaskWrong

LONGEST_WORDS = 500


class NobodyTakes(Refused):
    """That person cannot be given tasks: blocked, without the right, or not of the project. facts: user."""

    code = "tasks.nobody_takes"


class ReasonMissing(Refused):
    """Whoever gives a task back says why."""

    code = "tasks.reason_missing"
    http_status = 422


class NothingOffered(Refused):
    """It was answered, taken back or closed meanwhile."""

    code = "tasks.nothing_offered"


@command("tasks.take", needs=WRITE)
def take(*, task_id: UUID, by: Person, now: datetime) -> Task:
    """What nobody has, or somebody whose deputy one is, becomes one's own. Twice does no harm. Raises NotYours."""
    task = locked(task_id, by)
    if task.owner_id == by.id:
        return task
    before = task.owner_id
    task = locked_for(Act.TAKE, task_id, by)
    task.owner_id, task.state = by.id, State.WORK if task.state == State.NEW else task.state
    return kept(task, now, also=(before,))


@command("tasks.let_go", needs=WRITE)
def let_go(*, task_id: UUID, team_id: int | None, by: Actor, now: datetime) -> Task:
    """To a team, or to anyone of the project: whoever takes it first has it. Raises NotYours, TaskWrong."""
    task = locked_for(Act.CHANGE, task_id, by)
    if team_id is not None and not Team.objects.filter(pk=team_id).exists():
        raise TaskWrong(problems={"team": Wrong("choice.unknown")})
    before = task.owner_id
    _settle(task, HandOver.State.WITHDRAWN, now)
    task.owner_id, task.team_id = None, team_id
    return kept(task, now, also=(before,))


@command("tasks.hand_over", needs=WRITE)
def hand_over(*, task_id: UUID, to_id: int, note: str, by: Actor, now: datetime) -> HandOver:
    """Offer it to somebody; until he accepts it stays where it is (F10.06). A second offer takes the first one back.

    Raises NotYours, NobodyTakes.
    """
    task = locked_for(Act.CHANGE, task_id, by)
    _must_take(to_id, task)
    if not task.is_open:
        raise NothingOffered(task=task_id)
    _settle(task, HandOver.State.WITHDRAWN, now)
    offer = HandOver.objects.create(task=task, by_id=by.user_id, to_id=to_id, note=_words(note), at=now)
    kept(task, now, also=(to_id,))
    return offer


@command("tasks.accept", needs=WRITE)
def accept(*, task_id: UUID, by: Person, now: datetime) -> Task:
    """What one was offered is one's own now. Raises NothingOffered, NotYours."""
    task, offer = _offered(task_id, by)
    before, task.owner_id, task.team_id = task.owner_id, by.id, None
    task.state = State.WORK if task.state == State.NEW else task.state
    _answer(offer, HandOver.State.ACCEPTED, "", now)
    return kept(task, now, also=(before, offer.by_id))


@command("tasks.give_back", needs=WRITE)
def give_back(*, task_id: UUID, reason: str, by: Person, now: datetime) -> Task:
    """Not mine, and why: whoever offered it still has it. Raises ReasonMissing, NothingOffered, NotYours."""
    if not reason.strip():
        raise ReasonMissing()
    task, offer = _offered(task_id, by)
    _answer(offer, HandOver.State.RETURNED, reason, now)
    return kept(task, now, also=(offer.by_id, offer.to_id))


@command("tasks.assign", needs=ASSIGN)
def assign(*, task_id: UUID, to_id: int, by: Actor, now: datetime) -> Task:
    """Give it to somebody without asking him. Raises NobodyTakes."""
    task = locked(task_id, by)
    _must_take(to_id, task)
    return _give(task, to_id, by, now)


@command("tasks.assign_many", needs=ASSIGN)
def assign_many(*, task_ids: Collection[UUID], to_id: int, by: Actor, now: datetime) -> list[UUID]:
    """Those of them that he can be given; which they were."""
    given = []
    for task_id in sorted(task_ids):  # one order for all, so that two never wait for each other
        try:
            assign(task_id=task_id, to_id=to_id, by=by, now=now)
        except (NobodyTakes, NotFound):
            continue
        given.append(task_id)
    return given


@command("tasks.hand_over_all", needs=ASSIGN)
def hand_over_all(*, from_id: int, to_id: int | None, by: Actor, now: datetime) -> int:
    """All open work of somebody who leaves, tasks and what modules above have, to somebody, or to anyone of his team.
    How many.

    What he was offered goes back to whoever offered it.
    """
    leaver = User.objects.filter(pk=from_id).first()
    if leaver is None or (to_id is not None and not User.objects.filter(pk=to_id, is_active=True).exists()):
        raise NotFound(user=from_id)
    tasks = narrowed(Task.objects.select_for_update(of=("self",)), by).filter(owner=from_id, closed_at=None)
    moved = 0
    for task in tasks.select_related("project").order_by("pk"):
        if to_id is not None and not _takes(to_id, task):
            continue
        if to_id is None:
            task.owner_id, task.team_id = None, leaver.team_id
            kept(task, now, also=(from_id,))
        else:
            _give(task, to_id, by, now)
        moved += 1
    _refuse_all(from_id, now)
    return moved + hand_over_other_work(from_id, to_id, by, now)


@dataclass(frozen=True, slots=True)
class Absence:
    """Who is away from when until when, both days included."""

    user_id: int
    deputy_id: int
    since: date
    until: date


@command("tasks.set_deputy", needs=WRITE)
def set_deputy(*, absence: Absence, by: Actor, now: datetime) -> Deputy:
    """Who looks after the tasks of whoever is away; one's own deputy, or a supervisor anybody's. Raises TaskWrong."""
    if absence.user_id != by.user_id:
        by.must(ASSIGN)
    problems: dict[str, Wrong] = {}
    if absence.until < absence.since:
        problems["until"] = Wrong("date.order")
    known = User.objects.filter(pk__in=[absence.user_id, absence.deputy_id], is_active=True).count()
    if absence.user_id == absence.deputy_id or known != 2:
        problems["deputy"] = Wrong("choice.unknown")
    if problems:
        raise TaskWrong(problems=problems)
    return Deputy.objects.create(
        user_id=absence.user_id, deputy_id=absence.deputy_id, since=absence.since, until=absence.until
    )


@command("tasks.end_deputy", needs=WRITE)
def end_deputy(*, deputy_id: int, by: Actor, now: datetime) -> None:
    found = Deputy.objects.filter(pk=deputy_id).first()
    if found is None:
        raise NotFound(deputy=deputy_id)
    if found.user_id != by.user_id:
        by.must(ASSIGN)
    found.delete()


def release(user_id: int, now: datetime) -> int:
    """Whoever cannot come in any more has nothing: it lies open for his team. For events; twice does no harm."""
    user = User.objects.filter(pk=user_id).first()
    if user is None or user.is_active:
        return 0
    tasks = Task.objects.select_for_update(of=("self",)).filter(owner=user_id, closed_at=None)
    released = 0
    for task in tasks.order_by("pk"):
        task.owner_id, task.team_id = None, user.team_id
        kept(task, now)
        released += 1
    _refuse_all(user_id, now)
    return released


# --- the smaller pieces -------------------------------------------------------------------------------


def _offered(task_id: UUID, by: Person) -> tuple[Task, HandOver]:
    task = locked(task_id, by)
    offer = offer_of(task)
    if offer is None:
        raise NothingOffered(task=task_id)
    try:
        locked_for(Act.ANSWER, task_id, by)
    except NotYours:
        raise NothingOffered(task=task_id) from None
    return task, offer


def _answer(offer: HandOver, state: str, reason: str, now: datetime) -> None:
    offer.state, offer.reason, offer.answered_at = state, _words(reason), now
    offer.save(update_fields=["state", "reason", "answered_at"])


def _settle(task: Task, state: str, now: datetime) -> None:
    HandOver.objects.filter(task=task, state=HandOver.State.OFFERED).update(state=state, answered_at=now)


def _refuse_all(user_id: int, now: datetime) -> None:
    """What somebody was offered who cannot answer."""
    offers = HandOver.objects.filter(to=user_id, state=HandOver.State.OFFERED)
    offers.update(state=HandOver.State.RETURNED, answered_at=now)


def _give(task: Task, to_id: int, by: Actor, now: datetime) -> Task:
    before = task.owner_id
    _settle(task, HandOver.State.WITHDRAWN, now)
    if before != to_id:
        HandOver.objects.create(
            task=task, by_id=by.user_id, to_id=to_id, state=HandOver.State.ACCEPTED, at=now, answered_at=now
        )
    task.owner_id, task.team_id = to_id, None
    return kept(task, now, also=(before,))


def _must_take(user_id: int, task: Task) -> None:
    if not _takes(user_id, task):
        raise NobodyTakes(user=user_id)


def _takes(user_id: int, task: Task) -> bool:
    return any(user.pk == user_id for user in colleagues(task.project_id))


def _words(text: str) -> str:
    return " ".join(text.split())[:LONGEST_WORDS]
