"""Why this agent, and why not that one: the rules of routing told for one piece of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perezvon.cores.routing.model import Agent, Item, Need
from perezvon.cores.routing.words import AgentStatus, ItemId
from perezvon.kernel.ids import AgentId


@dataclass(frozen=True, slots=True)
class Lack:
    """A skill that the work asks for and the agent has not, or not well enough."""

    skill: str
    needed: int
    has: int


@dataclass(frozen=True, slots=True)
class Considered:
    """One agent looked at. Nothing rules him out: he is, or would be, the one.

    status: ready is what it takes. waits_for_another: until `widens_at` the work is for one whom it names.
    has_passed: he let it go by, so others who are idle come before him.
    """

    agent: AgentId
    status: AgentStatus
    idle_since: datetime | None
    lacks: tuple[Lack, ...] = ()
    is_member: bool = True
    waits_for_another: bool = False
    has_passed: bool = False

    @property
    def is_ruled_out(self) -> bool:
        is_able = self.is_member and not self.lacks and not self.waits_for_another
        return not is_able or self.status is not AgentStatus.READY


@dataclass(frozen=True, slots=True)
class Explanation:
    """need: the lane in which the work waits. place: in its queue, None while it is on offer.

    agents: all who were looked at; those whom nothing rules out first, in the order in which they would be rung,
    then those whom only their state keeps from it.
    """

    item: ItemId
    need: Need
    place: int | None
    offered_to: AgentId | None
    widens_at: datetime | None
    agents: tuple[Considered, ...]


def explain(item: Item, agents: list[Agent], place: int | None) -> Explanation:
    looked_at = sorted((_consider(item, agent) for agent in agents), key=_order)
    return Explanation(item.asked.item, item.need, place, item.offered_to, item.widens_at, tuple(looked_at))


def _consider(item: Item, agent: Agent) -> Considered:
    need = item.need
    is_named = need.agent == agent.id
    lacks = () if is_named else _lacks(need, agent)
    return Considered(
        agent=agent.id,
        status=agent.status,
        idle_since=agent.idle_since,
        lacks=lacks,
        is_member=is_named or need.queue in agent.queues,
        waits_for_another=need.agent is not None and not is_named,
        has_passed=agent.id in item.passed,
    )


def _lacks(need: Need, agent: Agent) -> tuple[Lack, ...]:
    asked = sorted(need.skills)
    return tuple(Lack(name, level, has) for name, level in asked if (has := agent.skills.get(name, 0)) < level)


def _order(one: Considered) -> tuple[object, ...]:
    able = one.is_member and not one.lacks and not one.waits_for_another
    idle = one.idle_since.timestamp() if one.idle_since else float("inf")
    return (one.is_ruled_out, not able, one.has_passed, idle, one.agent)
