"""Agents and work as routing knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from perezvon.cores.routing.words import AgentStatus, ItemId, Presence, PresenceAsked, Queued
from perezvon.kernel.ids import AgentId, QueueId


class Need(NamedTuple):
    """What an agent must have to be given the work. The key of a lane. agent: he alone, whatever he can do."""

    queue: QueueId
    skills: frozenset[tuple[str, int]] = frozenset()
    agent: AgentId | None = None


class Phase(StrEnum):
    OFFERED = "offered"
    ACTIVE = "active"
    WRAP_UP = "wrap_up"


@dataclass(slots=True)
class Work:
    """One piece of work in an agent's hands.

    until: when the offer or the wrap-up ends by itself. extended: how often its time was extended.
    is_written: everything required is written, though a locked wrap-up goes on to its end.
    """

    item: ItemId
    phase: Phase
    queue: QueueId | None = None
    token: int = 0
    until: datetime | None = None
    extended: int = 0
    is_written: bool = False


@dataclass(slots=True)
class Agent:
    """phones: the telephone systems on which he can be rung. reachable: whether there is any.

    idle_since: his place among those who wait for work; kept while he is rung, given up when he works or leaves.

    next: the presence chosen for after the work in hand. behind: the wrap-up laid aside while the same customer,
    back again, rings. shown: what was last told of him.
    """

    id: AgentId
    version: int = 0
    queues: frozenset[QueueId] = frozenset()
    skills: dict[str, int] = field(default_factory=dict)
    presence: Presence = Presence.OUT
    reason: str = ""
    asked_by: AgentId | None = None
    missed: bool = False
    reachable: bool = False
    phones: set[str] = field(default_factory=set)
    idle_since: datetime | None = None
    next: PresenceAsked | None = None
    work: Work | None = None
    behind: Work | None = None
    shown: tuple[AgentStatus, str, datetime | None] | None = None

    @property
    def status(self) -> AgentStatus:
        work = self.work
        if work is not None:
            if work.phase is Phase.ACTIVE:
                return AgentStatus.BUSY
            return AgentStatus.RINGING if work.phase is Phase.OFFERED else AgentStatus.WRAP_UP
        if self.missed:
            return AgentStatus.MISSED
        if self.presence is Presence.READY:
            return AgentStatus.READY if self.reachable else AgentStatus.NO_PHONE
        return AgentStatus.OUT if self.presence is Presence.OUT else AgentStatus.NOT_READY

    def serves(self, need: Need) -> bool:
        if need.agent is not None:
            return need.agent == self.id
        return need.queue in self.queues and all(self.skills.get(name, 0) >= level for name, level in need.skills)


@dataclass(slots=True)
class Item:
    """Work that is waiting or on offer.

    key: what it is served by, see `core`. widens_at: when it leaves its preferred agent's lane.
    passed: who let it go by; they get it again only when nobody else is idle.
    """

    asked: Queued
    joined_at: datetime
    key: float
    need: Need
    widens_at: datetime | None = None
    offered_to: AgentId | None = None
    token: int = 0
    passed: frozenset[AgentId] = frozenset()
