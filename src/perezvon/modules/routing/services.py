"""Presence and configuration. The engine decides; these ask it, or write down what it decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from perezvon.cores.calls.words import AgentMoved
from perezvon.cores.routing import AgentStatus, Presence, Reason
from perezvon.cores.routing import words as core
from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.copying import copy_in
from perezvon.foundation.outbox.services import publish
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import Refused
from perezvon.kernel.ids import AgentId
from perezvon.modules.routing.events import for_the_engine
from perezvon.modules.routing.models import Agent, AgentState, Queue
from perezvon.modules.routing.selectors import agent_for_core, get_agent, list_queues, list_reasons, queue_for_core


class NoSuchReason(Refused):
    """The reason is not in the dictionary or was withdrawn."""

    code = "routing.no_such_reason"


@command("routing.ask_presence", needs="routing.set_own_presence")
def ask_presence(
    *, presence: Presence, reason: str = "", after_contact: bool = False, by: Person, now: datetime
) -> None:
    """Ask to be ready, not ready for a reason, or out; at once or after the contact in hand."""
    by_system = reason in set(Reason)
    if presence is Presence.NOT_READY and not by_system and not list_reasons().filter(code=reason).exists():
        raise NoSuchReason(reason=reason)
    asked = core.PresenceAsked(
        agent=AgentId(by.id), presence=presence, by=AgentId(by.id), reason=reason, after_contact=after_contact
    )
    publish(for_the_engine(asked), now=now)


@command("routing.set_presence", needs="routing.set_presence")
def set_presence(*, user_id: int, presence: Presence, reason: str = "", by: Person, now: datetime) -> None:
    """A supervisor changes the state of an operator of his projects; it is logged as his doing."""
    get_agent(user_id, by=by)
    by_system = reason in set(Reason)
    if presence is Presence.NOT_READY and not by_system and not list_reasons().filter(code=reason).exists():
        raise NoSuchReason(reason=reason)
    asked = core.PresenceAsked(agent=AgentId(user_id), presence=presence, by=AgentId(by.id), reason=reason)
    publish(for_the_engine(asked), now=now)


@command("routing.announce_configuration", needs="routing.configure")
def announce_configuration(*, by: Actor, now: datetime) -> None:
    """Hand all queues and operators to the engine. It ignores what it has in the same version."""
    for queue in list_queues(by=by):
        publish(for_the_engine(queue_for_core(queue)), now=now)
    for agent in Agent.objects.prefetch_related("queues"):
        publish(for_the_engine(agent_for_core(agent)), now=now)


@command("routing.follow_user", needs="routing.configure")
def follow_user(*, user_id: int, by: Actor, now: datetime) -> None:
    """Whoever may take calls serves the queues of his projects: all of a project that he came to, none of one that he
    left. Which queues of a project he serves, once he serves some, is nobody's affair here."""
    user = User.objects.select_related("role").filter(pk=user_id).first()
    agent = Agent.objects.select_for_update().filter(user=user_id).first()
    if user is None or (agent is None and "telephony.use" not in user.role.rights):
        return
    before = set(agent.queues.all()) if agent else set()
    projects = set(user.projects.values_list("pk", flat=True))
    served = {queue.project_id for queue in before}
    new = set(Queue.objects.filter(project__in=projects - served))
    wanted = {queue for queue in before if queue.project_id in projects} | new
    if agent is None:
        agent = Agent.objects.create(user=user)
    elif wanted == before:
        return
    agent.queues.set(wanted)
    agent.version += 1
    agent.save(update_fields=["version"])
    publish(for_the_engine(agent_for_core(agent)), now=now)


def record_state(
    *, user_id: int, status: AgentStatus, reason: str, changed_by: int | None, at: datetime
) -> AgentState | None:
    """Write down a state that the engine decided. The engine's own transaction is around it."""
    current = AgentState.objects.select_for_update().filter(agent_id=user_id, ended_at__isnull=True).first()
    if current and (current.status, current.reason) == (status.value, reason):
        return None
    if current:
        current.ended_at = max(at, current.began_at)
        current.save(update_fields=["ended_at"])
    return AgentState.objects.create(
        agent_id=user_id, status=status.value, reason=reason, by_id=changed_by, began_at=at
    )


@command("routing.record_past_states", needs="interactions.record")
def record_past_states(*, moves: Sequence[AgentMoved], until: Mapping[int, datetime], by: Actor, now: datetime) -> int:
    """Write days that are over into the log, as `record_state` would have; the last stretch of each ends at `until`.

    until: by operator. His stretches before the first that is not OUT are left out. Returns how many were written.
    """
    rows: list[AgentState] = []
    current: dict[int, AgentState] = {}
    for move in moves:
        last = current.get(move.agent)
        if last is None and move.status == AgentStatus.OUT:
            continue
        if last is not None:
            if (last.status, last.reason) == (move.status, move.reason):
                continue
            last.ended_at = max(move.at, last.began_at)
        row = AgentState(agent_id=move.agent, status=move.status, reason=move.reason, by_id=move.by, began_at=move.at)
        current[move.agent] = row
        rows.append(row)
    for row in current.values():
        row.ended_at = max(until[row.agent_id], row.began_at)
    copy_in(rows)
    return len(rows)
