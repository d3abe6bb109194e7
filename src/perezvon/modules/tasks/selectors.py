"""Reading tasks. Everything a person sees of them comes from here, cut to what he may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Prefetch, Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import pgettext

from perezvon.foundation import clock
from perezvon.foundation.access import Actor, Person, Scope
from perezvon.foundation.fields.selectors import found_by
from perezvon.foundation.people.models import Project, User
from perezvon.kernel.errors import NotFound
from perezvon.modules.customers.models import ContactPoint, Customer
from perezvon.modules.customers.selectors import Asked as CustomersAsked
from perezvon.modules.customers.selectors import search_keys
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.tasks.models import (
    FIELDS,
    OPEN,
    ActionKind,
    ColumnLimit,
    Deputy,
    Feed,
    HandOver,
    Kind,
    Stage,
    StageChange,
    State,
    Task,
)
from perezvon.modules.tasks.rules import Act, Hands, Who, is_permitted, may, read_hours
from perezvon.modules.tasks.zones import zone_of_number

VIEW, WRITE, ASSIGN, SET_UP = "tasks.view", "tasks.write", "tasks.assign", "tasks.set_up"
USUAL_HOURS = "09:00-21:00"
MOST = 200
MOST_CUSTOMERS = 50
LONGEST_NUMBER = 12


class NoSuchTask(NotFound):
    code = "tasks.no_such_task"


# --- what somebody sees -------------------------------------------------------------------------------


def visible(by: Actor) -> QuerySet[Task]:
    """Tasks of the projects that the actor sees, unless his role narrows it; with what pages say of them."""
    by.must(VIEW)
    return narrowed(Task.objects.select_related("customer", "owner", "team", "action", "topic", "project"), by)


def narrowed(tasks: QuerySet[Task], by: Actor) -> QuerySet[Task]:
    """Those of his projects; where he has the right for his own or his team's: what they have, made or were offered,
    and what lies open for them."""
    if by.projects is not None:
        tasks = tasks.filter(project__in=by.projects)
    if not isinstance(by, Person) or (scope := by.scope_of(VIEW)) == Scope.PROJECT:
        return tasks
    people: Collection[int] = [by.id, *stands_in_for(by.id, timezone.localdate(clock.now()))]
    if scope == Scope.TEAM and by.team_id is not None:
        people = list(User.objects.filter(team=by.team_id).values_list("pk", flat=True))
    offered = HandOver.objects.filter(to__in=people, state=HandOver.State.OFFERED).values("task")
    mine = Q(owner__in=people) | Q(created_by__in=people) | Q(pk__in=offered)
    return tasks.filter(mine | Q(owner=None, team=None) | Q(owner=None, team=by.team_id, team__isnull=False))


def get_task(task_id: UUID, *, by: Actor) -> Task:
    """One task with its hand-overs: two queries. Raises NoSuchTask."""
    found = (
        visible(by)
        .select_related("interaction", "created_by", "closed_by")
        .prefetch_related(Prefetch("hand_overs", HandOver.objects.select_related("by", "to")))
        .filter(pk=task_id)
        .first()
    )
    if found is None:
        raise NoSuchTask(task=task_id)
    return found


def search_tasks(text: str, *, by: Actor, limit: int) -> list[Task]:
    """By number; by the customer, whatever of him is typed; by words of the title, of open ones; by an
    administrator's own fields. Up to five queries.

    Titles of what is closed are not looked through: there may be millions.
    """
    words = text.strip().lstrip("\u2116#").strip()
    if not words:
        return []
    if words.isascii() and words.isdigit() and len(words) <= LONGEST_NUMBER:
        return list(visible(by).filter(number=int(words))[:1])
    fits = Q(closed_at=None, title__icontains=words) | found_by(FIELDS, words, by)
    found = list(visible(by).filter(fits).order_by("due_at", "id")[:limit])
    customers = search_keys(CustomersAsked(text=words), by=by, limit=MOST_CUSTOMERS) if len(found) < limit else None
    if customers is not None and customers.keys:
        known = {task.pk for task in found}
        theirs = visible(by).filter(customer__in=customers.keys).order_by("-created_at", "-id")[:limit]
        found += [task for task in theirs if task.pk not in known]
    return found[:limit]


def stands_in_for(user_id: int, today: object) -> frozenset[int]:
    """Whose deputy somebody is on that day. One query."""
    rows = Deputy.objects.filter(deputy=user_id, since__lte=today, until__gte=today)
    return frozenset(rows.values_list("user", flat=True))


def who_of(by: Actor) -> Who:
    """The actor as the rules know him. One query."""
    if not isinstance(by, Person):
        return Who(None, None, assigns=True)
    return Who(by.id, by.team_id, by.may(ASSIGN), stands_in_for(by.id, timezone.localdate(clock.now())))


def hands_of(task: Task) -> Hands:
    """`task` comes with its hand-overs, or they cost a query."""
    offered = offer_of(task)
    return Hands(task.owner_id, task.team_id, task.created_by_id, offered.to_id if offered else None)


def offer_of(task: Task) -> HandOver | None:
    """The offer that waits for an answer."""
    return next((one for one in task.hand_overs.all() if one.state == HandOver.State.OFFERED), None)


def may_do(act: Act, task: Task, who: Who) -> bool:
    return may(act, who, hands_of(task))


# --- my day -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Day:
    """What somebody has to do. free: what nobody has and he may take."""

    offered: list[HandOver] = field(default_factory=list)
    overdue: list[Task] = field(default_factory=list)
    today: list[Task] = field(default_factory=list)
    later: list[Task] = field(default_factory=list)
    free: list[Task] = field(default_factory=list)
    given_away: list[HandOver] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.offered) + len(self.overdue) + len(self.today)


def my_day(by: Person, now: datetime) -> Day:
    """Five queries."""
    day = Day(offered=list_offered(by), given_away=list_given_away(by, now))
    people = [by.id, *stands_in_for(by.id, timezone.localdate(now))]
    midnight = end_of_today(now)
    for task in visible(by).filter(owner__in=people, closed_at=None).order_by("due_at", "id")[:MOST]:
        if task.due_at is not None and task.due_at < now:
            day.overdue.append(task)
        elif task.due_at is not None and task.due_at < midnight:
            day.today.append(task)
        else:
            day.later.append(task)
    day.free = list_free(by)
    return day


def end_of_today(now: datetime) -> datetime:
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1)


def list_offered(by: Person) -> list[HandOver]:
    """What waits for his answer, oldest first. One query."""
    people = [by.id, *stands_in_for(by.id, timezone.localdate(clock.now()))]
    offers = HandOver.objects.filter(to__in=people, state=HandOver.State.OFFERED, task__closed_at=None)
    if by.projects is not None:
        offers = offers.filter(task__project__in=by.projects)
    return list(offers.select_related("task__customer", "by").order_by("at", "id")[:MOST])


def list_given_away(by: Person, now: datetime) -> list[HandOver]:
    """What he handed over lately, and what became of it (F10.05). One query."""
    since = now - timedelta(days=7)
    rows = HandOver.objects.filter(by=by.id, at__gte=since).exclude(to=by.id)
    return list(rows.select_related("task__customer", "task__owner", "to").order_by("-at", "-id")[:20])


def list_free(by: Person, limit: int = 20) -> list[Task]:
    """What nobody has: of his team, or of no team. One query."""
    free = visible(by).filter(owner=None, closed_at=None).filter(Q(team=None) | Q(team=by.team_id))
    return list(free.order_by("due_at", "id")[:limit])


def waiting_for(by: Person, most: int = 50) -> list[tuple[bool, datetime]]:
    """For a glance: since when offers wait for his answer (True), and what he may take (False). One query."""
    offers = HandOver.objects.filter(to=by.id, state=HandOver.State.OFFERED, task__closed_at=None)
    free = narrowed(Task.objects.filter(owner=None, closed_at=None), by)
    free = free.filter(Q(team=None) | Q(team=by.team_id)).annotate(is_offered=Value(False))
    both = offers.annotate(is_offered=Value(True)).values_list("is_offered", "at").order_by()[:most]
    taken = free.values_list("is_offered", "created_at").order_by()[:most]
    return list(both.union(taken, all=True).order_by())


def list_calls_to_make(by: Person, now: datetime, limit: int = 20) -> list[Task]:
    """Calls that are his, or anyone's, until the end of today; earliest first. Two queries."""
    free = Q(owner=None, team=None) | Q(owner=None, team=by.team_id, team__isnull=False)
    people = [by.id, *stands_in_for(by.id, timezone.localdate(now))]
    calls = visible(by).filter(kind=Kind.CALL, closed_at=None, due_at__lt=end_of_today(now))
    return list(calls.filter(Q(owner__in=people) | free).order_by("due_at", "id")[:limit])


# --- of a customer and of a contact -------------------------------------------------------------------


def list_of_customers(customers: Collection[UUID], *, by: Actor, limit: int = 50) -> list[Task]:
    """Open ones first by their due time, then the closed ones, newest first. One query."""
    found = list(visible(by).filter(customer__in=customers).order_by("-created_at", "-id")[:limit])
    open_ones = sorted((task for task in found if task.is_open), key=_by_due)
    closed = sorted((task for task in found if not task.is_open), key=lambda task: str(task.closed_at), reverse=True)
    return open_ones + closed


def _by_due(task: Task) -> tuple[bool, str, int]:
    return task.due_at is None, str(task.due_at), task.number


def list_of_contact(interaction_id: UUID, *, by: Actor) -> list[Task]:
    return list(visible(by).filter(interaction=interaction_id).order_by("created_at", "id")[:MOST])


def next_of_contact(interaction_id: UUID, *, by: Actor) -> Task | None:
    """What is to be done next about it: of the open ones the one that is due first. One query."""
    found = visible(by).filter(interaction=interaction_id, closed_at=None).select_related("owner", "team")
    return found.order_by(F("due_at").asc(nulls_last=True), "number").first() if by.may(VIEW) else None


def list_of_subject(kind: str, key: UUID, *, by: Actor) -> list[Task]:
    """Of what else it belongs to, a case for one: open ones first. One query; none for whoever sees no tasks."""
    if not by.may(VIEW):
        return []
    found = list(visible(by).filter(subject_kind=kind, subject=key).order_by("created_at", "id")[:MOST])
    return sorted(found, key=lambda task: (not task.is_open, *_by_due(task)))


def tasks_of_contacts(contacts: Collection[UUID], *, by: Actor) -> dict[UUID, list[Task]]:
    """For a history of contacts. One query."""
    found: dict[UUID, list[Task]] = {}
    if contacts and by.may(VIEW):
        for task in visible(by).filter(interaction__in=contacts).order_by("created_at", "id"):
            if task.interaction_id is not None:
                found.setdefault(task.interaction_id, []).append(task)
    return found


def contacts_with_callback(contacts: Collection[UUID]) -> set[UUID]:
    """Those of them whose promised call is a task. One query."""
    rows = Task.objects.filter(interaction__in=contacts, origin=CALLBACK)
    return {key for key in rows.values_list("interaction", flat=True) if key is not None}


CALLBACK = "callback"


def stage_of(interaction_id: UUID) -> StageChange | None:
    """Where a contact stands, and since when. One query."""
    return StageChange.objects.filter(interaction=interaction_id).select_related("stage", "by").first()


def list_stage_changes(interaction_id: UUID) -> list[StageChange]:
    return list(StageChange.objects.filter(interaction=interaction_id).select_related("stage", "by", "task")[:MOST])


def stages_of(project_id: int) -> list[Stage]:
    """The stages that contacts of a project can have, in order."""
    return list(Stage.objects.filter(Q(project=None) | Q(project=project_id), is_active=True))


def actions_of(project_id: int, stage: str | None = None) -> list[ActionKind]:
    """The actions that may come next. stage: a code; "" before the first one, None for all of them."""
    rows = ActionKind.objects.filter(Q(project=None) | Q(project=project_id), is_active=True)
    found = list(rows.select_related("to_stage"))
    if stage is None:
        return found
    return [one for one in found if not one.from_stages or stage in one.from_stages]


# --- who, where and when ------------------------------------------------------------------------------


def colleagues(project_id: int) -> list[User]:
    """Who may be given a task of the project: active people who see it, by surname. One query."""
    people = User.objects.filter(is_active=True, role__rights__contains=[VIEW])
    return list(people.filter(Q(role__all_projects=True) | Q(projects=project_id)).distinct().order_by(
        "last_name", "first_name", "id"
    ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where the customer is, as far as we know. is_sure: he was asked, or it stands on his card."""

    zone: str
    is_sure: bool


def place_of(customer: Customer | None, address: str, project: Project) -> Place:
    """His zone: from his card, from a number of one zone only, else the project's. No query but for his numbers."""
    if customer is not None and customer.zone:
        return Place(customer.zone, is_sure=True)
    digits = address.lstrip("+")
    if digits.isdigit() and (zone := zone_of_number(digits)):
        return Place(zone, is_sure=False)
    return Place(project.zone, is_sure=False)


def calling_hours(project: Project) -> tuple[time, time]:
    """When people may be called by their own clock: the project's setting `calling_hours`."""
    try:
        return read_hours(str(project.settings.get("calling_hours", USUAL_HOURS)))
    except ValueError:
        return read_hours(USUAL_HOURS)


def may_be_called(task: Task, now: datetime) -> bool:
    return is_permitted(now, task.zone or task.project.zone, calling_hours(task.project))


def number_of(customer: Customer) -> str:
    """The number to call somebody at: his main one, a mobile before others; "" without any. One query."""
    points = customer.points.filter(kind=ContactPoint.Kind.PHONE, struck_reason="").exclude(digits="")
    best = sorted(points, key=lambda one: (not one.is_main, one.use != ContactPoint.Use.MOBILE, one.pk))
    return best[0].digits if best else ""


def local_due(task: Task) -> datetime | None:
    """The due time on the wall where it was promised."""
    return task.due_at.astimezone(ZoneInfo(task.zone or task.project.zone)) if task.due_at else None


# --- control ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Load:
    """What one person has. user: None for what nobody has."""

    user: User | None
    open: int
    overdue: int
    today: int
    offered: int
    done: int
    done_late: int


def loads(by: Actor, now: datetime, days: int = 7) -> list[Load]:
    """Who has how many, how many are late, what was done in the last days, the most late first (F10.07). Four
    queries."""
    by.must(ASSIGN)
    tasks = narrowed(Task.objects.all(), by)
    late = Q(due_at__lt=now)
    open_ones = tasks.filter(closed_at=None).order_by().values("owner").annotate(
        count=Count("id"), overdue=Count("id", filter=late),
        today=Count("id", filter=Q(due_at__gte=now, due_at__lt=end_of_today(now))),
    )  # fmt: skip
    since = now - timedelta(days=days)
    done = tasks.filter(state=State.DONE, closed_at__gte=since).order_by().values("closed_by").annotate(
        count=Count("id"), late=Count("id", filter=Q(due_at__lt=F("closed_at")))
    )  # fmt: skip
    offers = HandOver.objects.filter(state=HandOver.State.OFFERED, task__in=tasks).order_by().values("to").annotate(
        count=Count("id")
    )  # fmt: skip
    by_owner: dict[Any, dict[str, Any]] = {row["owner"]: dict(row) for row in open_ones}
    by_done: dict[Any, dict[str, Any]] = {row["closed_by"]: dict(row) for row in done}
    by_offer: dict[Any, int] = {row["to"]: row["count"] for row in offers}
    keys = {*by_owner, *by_done, *by_offer}
    people = {user.pk: user for user in User.objects.filter(pk__in=[key for key in keys if key]).select_related("team")}
    found = []
    for key in keys:
        has, closed = by_owner.get(key, {}), by_done.get(key, {})
        found.append(
            Load(
                people.get(key),
                open=has.get("count", 0),
                overdue=has.get("overdue", 0),
                today=has.get("today", 0),
                offered=by_offer.get(key, 0),
                done=closed.get("count", 0),
                done_late=closed.get("late", 0),
            )
        )
    return sorted(found, key=lambda one: (-one.overdue, -one.open, str(one.user or "")))


def list_deputies(today: object) -> list[Deputy]:
    """Those of today and to come. One query."""
    return list(Deputy.objects.filter(until__gte=today).select_related("user", "deputy"))


def column_limits() -> dict[str, int]:
    """How many tasks one person should have in a column of the board, by state. One query."""
    return dict(ColumnLimit.objects.values_list("state", "most"))


def hash_of_key(key: str) -> str:
    """As a feed keeps its secret."""
    return sha256(key.encode()).hexdigest()


def find_feed_owner(key: str) -> User | None:
    """Whose secret it is, if he still works here. One query."""
    found = Feed.objects.select_related("user__role").filter(key_hash=hash_of_key(key), user__is_active=True).first()
    return found.user if found else None


def open_of(user_ids: Iterable[int]) -> QuerySet[Task]:
    return Task.objects.filter(owner__in=list(user_ids), state__in=OPEN)


def contact_of(interaction_id: UUID | None) -> Interaction | None:
    return Interaction.objects.filter(pk=interaction_id).first() if interaction_id else None


def colleagues_of(by: Actor) -> list[User]:
    """Who can have tasks in the projects that the actor sees, by surname. One query."""
    people = User.objects.filter(is_active=True, role__rights__contains=[VIEW]).select_related("team")
    if by.projects is not None:
        people = people.filter(Q(role__all_projects=True) | Q(projects__in=by.projects))
    return list(people.distinct().order_by("last_name", "first_name", "id"))


def may_do_row(act: Act, task: Task, who: Who) -> bool:
    """The same for a row of many, whose offers nobody reads: for everything but answering them."""
    return may(act, who, Hands(task.owner_id, task.team_id, task.created_by_id, None))


# --- forms in which others ask for the next step ------------------------------------------------------


def next_step_form(
    contact: Interaction, given: Mapping[str, str], *, by: Person, error: str = ""
) -> dict[str, Any] | None:
    """As tasks/_next_step.html takes it; nothing where nothing is set up to be chosen.

    given: what was typed in an attempt that was refused. Four queries.
    """
    present = stage_of(contact.pk)
    stages, actions = (
        stages_of(contact.project_id),
        actions_of(contact.project_id, present.stage.code if present else ""),
    )
    if not stages and not actions:
        return None
    stage = given.get("next_stage", "") or (present.stage.code if present else "")
    action, owner = given.get("next_action", ""), given.get("next_owner", "")
    people = [(str(user.pk), user.short_name) for user in colleagues(contact.project_id) if user.pk != by.id]
    words = {"me": pgettext("task owner", "me"), "team": pgettext("task owner", "my group")}
    hands = [*words.items(), ("anyone", pgettext("task owner", "anyone")), *people]
    return {
        "stages": [(one.code, str(one), one.code == stage) for one in stages],
        "actions": [(str(one.pk), str(one), str(one.pk) == action) for one in actions],
        "owners": [(code, name, code == (owner or "me")) for code, name in hands],
        "date": given.get("next_date", ""),
        "time": given.get("next_time", ""),
        "error": error,
    }


def time_there(contact: Interaction, moment: datetime) -> tuple[Place, datetime, bool]:
    """Where the customer of a contact is, what his clock shows at a moment, and whether he may be called then."""
    place = place_of(contact.customer, contact.address, contact.project)
    return place, moment.astimezone(ZoneInfo(place.zone)), is_permitted(
        moment, place.zone, calling_hours(contact.project)
    )  # fmt: skip
