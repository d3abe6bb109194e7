"""The floor as it is now: queues, operators, and what became of the calls of today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from perezvon.cores.routing import Agent as Standing
from perezvon.cores.routing import AgentStatus
from perezvon.foundation.access import Actor, Person
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import NotFound
from perezvon.kernel.ids import AgentId, QueueId
from perezvon.modules.interactions.selectors import find_interaction
from perezvon.modules.reporting.selectors import Calls, calls_of_today, calls_since
from perezvon.modules.routing.models import AgentState, NotReadyReason, Queue
from perezvon.modules.routing.selectors import list_agents, list_queues, list_reasons, state_name, states_now
from perezvon.modules.supervision.models import FloorMessage, HelpMessage, HelpRequest, Threshold
from perezvon.modules.telephony.selectors import Waiting, get_standing, list_standings, list_waiting

RECENT = timedelta(minutes=30)
WATCH, ASK = "supervision.watch", "supervision.ask"


@dataclass(frozen=True, slots=True)
class QueueNow:
    """waiting: calls in it. since: when the one that waits longest came; None when nobody waits. ready: operators who
    are ready and serve it. recent: calls of the last half hour; today: of the day, as the report counts them."""

    queue: Queue
    threshold: Threshold
    waiting: int
    since: datetime | None
    ready: int
    recent: Calls
    today: Calls

    def waits_too_long(self, now: datetime) -> bool:
        return self.since is not None and now - self.since > timedelta(seconds=self.threshold.wait_s)

    @property
    def is_below_level(self) -> bool:
        level = self.recent.service_level_percent
        return level is not None and level < self.threshold.level_percent

    @property
    def loses_too_many(self) -> bool:
        lost = self.today.abandoned_percent
        return lost is not None and lost > self.threshold.lost_percent


@dataclass(frozen=True, slots=True)
class AgentNow:
    """label: his state in words. late: he has been so for longer than its reason allows. queue: of the work in hand.
    asks: for his senior."""

    user: User
    status: AgentStatus
    label: str
    since: datetime | None
    late: bool
    queue: str
    asks: bool


@dataclass(frozen=True, slots=True)
class Floor:
    """counts: how many operators are in each state, those off shift too."""

    at: datetime
    queues: tuple[QueueNow, ...]
    agents: tuple[AgentNow, ...]
    counts: Mapping[AgentStatus, int]
    recent: Calls
    today: Calls

    @property
    def waiting(self) -> int:
        return sum(one.waiting for one in self.queues)

    @property
    def longest(self) -> QueueNow | None:
        """Where somebody waits longest."""
        waiting = [one for one in self.queues if one.since is not None]
        return min(waiting, key=lambda one: one.since or self.at, default=None)


def get_floor(*, by: Actor, now: datetime) -> Floor:
    """What the actor watches over: queues and operators of his projects. Eighteen queries, however many they are."""
    by.must(WATCH)
    queues = list(list_queues(by=by))
    users = [agent.user for agent in list_agents(by=by)]
    standings, waiting = list_standings(), list_waiting()
    today, recent = calls_of_today(by=by, now=now), calls_since(now - RECENT, by=by, now=now)
    by_queue = {one.queue.pk: one.calls for one in today.queues if one.queue}
    thresholds = {one.queue_id: one for one in Threshold.objects.filter(queue__in=queues)}
    ready = [standings[user.pk] for user in users if _is_ready(standings.get(user.pk))]
    rows = tuple(
        _queue_now(
            queue,
            thresholds.get(queue.pk) or Threshold(queue=queue),
            [one for one in waiting if one.queue == queue.pk],
            ready,
            recent.get(queue.pk, Calls()),
            by_queue.get(queue.pk, Calls()),
        )
        for queue in queues
    )
    hands = set(HelpRequest.objects.filter(ended_at=None).values_list("agent", flat=True))
    agents = tuple(_agents(users, standings, {queue.pk: str(queue) for queue in queues}, hands, now))
    counts = Counter(one.status for one in agents)
    return Floor(now, rows, agents, counts, sum(recent.values(), Calls()), today.total)


def _is_ready(standing: Standing | None) -> bool:
    return standing is not None and standing.status is AgentStatus.READY


def _queue_now(
    queue: Queue, threshold: Threshold, waiting: list[Waiting], ready: Iterable[Standing], recent: Calls, today: Calls
) -> QueueNow:
    serving = sum(QueueId(queue.pk) in one.queues for one in ready)
    since = min((one.since for one in waiting), default=None)
    return QueueNow(queue, threshold, len(waiting), since, serving, recent, today)


def _agents(
    users: Iterable[User],
    standings: Mapping[int, Standing],
    queues: Mapping[int, str],
    hands: Collection[int],
    now: datetime,
) -> Iterable[AgentNow]:
    users = list(users)
    reasons, states = list(list_reasons()), states_now(user.pk for user in users)
    for user in users:
        standing = standings.get(user.pk) or Standing(AgentId(user.pk))
        asks = user.pk in hands
        yield replace(_agent_now(user, standing, states.get(user.pk), reasons, queues, now), asks=asks)


def _agent_now(
    user: User,
    standing: Standing,
    state: AgentState | None,
    reasons: list[NotReadyReason],
    queues: Mapping[int, str],
    now: datetime,
) -> AgentNow:
    label, limit = state_name(standing.status, standing.reason, reasons)
    since = state.began_at if state and state.status == standing.status.value else None
    work = standing.work
    return AgentNow(
        user,
        standing.status,
        label,
        since,
        bool(limit and since and now - since > timedelta(minutes=limit)),
        queues.get(work.queue, "") if work and work.queue else "",
        asks=False,
    )


@dataclass(frozen=True, slots=True)
class CallNow:
    """A conversation that an operator has in hand. customer, number: empty while unknown or withheld."""

    id: UUID
    interaction_id: UUID
    customer: str
    number: str
    since: datetime


def call_of(user_id: int, *, by: Actor) -> CallNow | None:
    """What the operator talks about, if somebody can come to it and the actor may see the contact. Two queries."""
    call = next((one for one in get_standing(user_id).calls if one.owner == user_id and one.is_conversation), None)
    contact = find_interaction(call.contact_id, by=by) if call else None
    if call is None or contact is None:
        return None
    name = contact.customer.full_name if contact.customer else ""
    return CallNow(call.id, contact.pk, name, call.number or "", call.answered_at or call.since)


def list_thresholds(*, by: Actor) -> list[Threshold]:
    """One for each queue of the actor's projects; those never set as they are first, without a key. Two queries."""
    by.must("supervision.set_up")
    queues = list(list_queues(by=by))
    known = {one.queue_id: one for one in Threshold.objects.filter(queue__in=queues)}
    return [known.get(queue.pk) or Threshold(queue=queue) for queue in queues]


# --- raised hands -------------------------------------------------------------------------------------


def list_help(*, by: Actor) -> list[HelpRequest]:
    """Open requests of the actor's projects, the oldest first, with contact, customer and first words. Two queries."""
    by.must(WATCH)
    return list(_helps(by).filter(ended_at=None).order_by("asked_at"))


def get_help(request_id: UUID, *, by: Person) -> HelpRequest:
    """One's own, or one of the projects that one watches, ended or not; with its messages. Raises NotFound."""
    found = _helps(by).filter(pk=request_id).first()
    if found is None or not (found.agent_id == by.id or by.may(WATCH)):
        raise NotFound(request=request_id)
    return found


def help_of_contact(interaction_id: UUID, *, by: Person) -> HelpRequest | None:
    """What the actor asks for now in this contact. Two queries, or one."""
    return _helps(by).filter(interaction=interaction_id, agent=by.id, ended_at=None).first()


def _helps(by: Actor) -> QuerySet[HelpRequest]:
    requests = HelpRequest.objects.select_related("agent", "senior", "interaction__project", "interaction__customer")
    if by.projects is not None:
        requests = requests.filter(interaction__project__in=by.projects)
    return requests.prefetch_related(Prefetch("messages", HelpMessage.objects.select_related("author")))


def unread_messages(by: Person) -> list[FloorMessage]:
    """What supervisors said to the actor's desk and he has not read, the oldest first. One query."""
    return list(FloorMessage.objects.select_related("sender").filter(user=by.id, read_at=None))
