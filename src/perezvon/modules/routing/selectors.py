from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.db.models import QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from perezvon.cores.routing import AgentStatus, WrapUp
from perezvon.cores.routing import words as core
from perezvon.foundation.access import Actor
from perezvon.kernel.errors import NotFound
from perezvon.kernel.ids import AgentId, QueueId
from perezvon.modules.routing.models import Agent, AgentState, NotReadyReason, Queue
from perezvon.modules.routing.words import STATE_ICONS, STATE_WORDS, state_name

__all__ = [
    "STATE_ICONS",
    "STATE_WORDS",
    "agent_for_core",
    "configuration",
    "get_agent",
    "get_state",
    "list_agents",
    "list_queues",
    "list_reasons",
    "list_states",
    "queue_for_core",
    "shift_began_at",
    "state_name",
    "states_now",
]

LONG_AGO = Value(datetime(1970, 1, 1, tzinfo=UTC))


def list_reasons() -> QuerySet[NotReadyReason]:
    """Reasons that people may choose for not being ready."""
    return NotReadyReason.objects.filter(is_active=True)


def get_state(user_id: int) -> AgentState | None:
    """The operator's state now, as history knows it."""
    return AgentState.objects.filter(agent_id=user_id, ended_at__isnull=True).first()


def list_agents(*, by: Actor) -> QuerySet[Agent]:
    """Operators whom the actor may send work to or watch, with their users."""
    agents = Agent.objects.filter(user__is_active=True).select_related("user", "user__team")
    if by.projects is not None:
        agents = agents.filter(queues__project__in=by.projects).distinct()
    return agents.order_by("user__last_name", "user__first_name", "id")


def get_agent(user_id: int, *, by: Actor) -> Agent:
    """Raises NotFound."""
    found = list_agents(by=by).filter(user=user_id).first()
    if found is None:
        raise NotFound(user=user_id)
    return found


def states_now(users: Iterable[int]) -> dict[int, AgentState]:
    """The state of each now, as history knows it. One query."""
    rows = AgentState.objects.filter(agent_id__in=list(users), ended_at__isnull=True)
    return {row.agent_id: row for row in rows}


def list_queues(*, by: Actor) -> QuerySet[Queue]:
    queues = Queue.objects.select_related("project").order_by("id")
    return queues if by.projects is None else queues.filter(project__in=by.projects)


def shift_began_at(user_id: int) -> datetime | None:
    """Since when the operator has not been off shift; None while he is. One query."""
    states = AgentState.objects.filter(agent_id=user_id)
    off = states.filter(status=AgentStatus.OUT).order_by("-began_at").values("began_at")[:1]
    on = states.exclude(status=AgentStatus.OUT).filter(began_at__gte=Coalesce(Subquery(off), LONG_AGO))
    first = on.order_by("began_at").first()
    return first.began_at if first else None


def list_states(user_id: int, *, since: datetime) -> QuerySet[AgentState]:
    """The operator's log from `since` on, oldest first."""
    return AgentState.objects.filter(agent_id=user_id, began_at__gte=since).order_by("began_at")


def configuration() -> Iterator[core.QueueSet | core.AgentSet]:
    """All queues and operators as the core takes them. Two queries and one for the memberships."""
    for queue in Queue.objects.order_by("id"):
        yield queue_for_core(queue)
    for agent in Agent.objects.filter(user__is_active=True).prefetch_related("queues").order_by("id"):
        yield agent_for_core(agent)


def queue_for_core(queue: Queue) -> core.QueueSet:
    return core.QueueSet(
        queue=QueueId(queue.pk),
        version=queue.version,
        ring_s=queue.ring_s,
        skills=frozenset((name, int(level)) for name, level in queue.skills.items()),
        wrap_up=WrapUp(queue.wrap_up),
        wrap_up_s=queue.wrap_up_s,
        ready_after=queue.ready_after,
        extensions=queue.extensions,
    )


def agent_for_core(agent: Agent) -> core.AgentSet:
    return core.AgentSet(
        agent=AgentId(agent.user_id),
        version=agent.version,
        queues=frozenset(QueueId(queue.pk) for queue in agent.queues.all()),
        skills={name: int(level) for name, level in agent.skills.items()},
    )
