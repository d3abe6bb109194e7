"""Who gets which work, and when.

**The order.** Work is served by the constant key `joined - boost`: with ageing that grows as time passes, the
difference of two scores never changes, so nothing is ever scored again (PERF.md §1.2).

**Lanes.** All work with the same need (queue, skills with levels, a preferred agent) waits in one lane, a heap
by that key. An agent's *profile* is the set of lanes he may serve. When he becomes free, the oldest head of his
lanes is his; when work arrives, the agent idle longest in its lane gets it. Both heaps delete lazily: an entry
counts only if its generation is still the current one.

**Leases.** An offer is a lease with an expiry and a token that rises. Whoever lets it run out is *missed* and
gets nothing more until he says Ready; the work goes back with its old key, so it loses no place.

| state of an agent  | may be offered work |
| ------------------ | ------------------- |
| ready, phone reachable, no work in hand | yes |
| ringing, busy, wrap-up | no, one at a time |
| not ready, missed, out, no phone | no |
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from perezvon.cores.routing.words import (
    Accepted,
    AgentChanged,
    AgentSet,
    AgentStatus,
    Declined,
    Finished,
    ItemId,
    Offer,
    OfferEnded,
    PhoneReachable,
    Presence,
    PresenceAsked,
    Queued,
    QueueSet,
    Reason,
    Reopened,
    RoutingEvent,
    RoutingOutput,
    Taken,
    Tick,
    Withdrawn,
    WrappedUp,
    WrapUp,
    WrapUpEnded,
    WrapUpExtended,
)
from perezvon.kernel.ids import AgentId, QueueId


@dataclass(frozen=True, slots=True)
class Need:
    """What an agent must have to be given the work. The key of a lane."""

    queue: QueueId
    skills: frozenset[tuple[str, int]] = frozenset()
    agent: AgentId | None = None


class Phase(StrEnum):
    OFFERED = "offered"
    ACTIVE = "active"
    WRAP_UP = "wrap_up"


@dataclass(slots=True)
class Work:
    """One piece of work in an agent's hands."""

    item: ItemId
    phase: Phase
    queue: QueueId | None = None
    token: int = 0
    until: datetime | None = None


@dataclass(slots=True)
class Agent:
    id: AgentId
    version: int = 0
    queues: frozenset[QueueId] = frozenset()
    skills: dict[str, int] = field(default_factory=dict)
    presence: Presence = Presence.OUT
    reason: str = ""
    asked_by: AgentId | None = None
    missed: bool = False
    reachable: bool = False
    idle_since: datetime | None = None
    next: PresenceAsked | None = None
    work: Work | None = None
    generation: int = 0
    shown: tuple[AgentStatus, str, datetime | None] | None = None

    @property
    def status(self) -> AgentStatus:
        if self.work:
            return {
                Phase.OFFERED: AgentStatus.RINGING,
                Phase.ACTIVE: AgentStatus.BUSY,
                Phase.WRAP_UP: AgentStatus.WRAP_UP,
            }[self.work.phase]
        if self.missed:
            return AgentStatus.MISSED
        if self.presence is Presence.READY and not self.reachable:
            return AgentStatus.NO_PHONE
        return AgentStatus(self.presence.value)

    def serves(self, need: Need) -> bool:
        return (
            need.queue in self.queues
            and (need.agent is None or need.agent == self.id)
            and all(self.skills.get(name, 0) >= level for name, level in need.skills)
        )


@dataclass(slots=True)
class Item:
    """Work that is waiting or on offer. widens_at: when it leaves its preferred agent's lane."""

    asked: Queued
    key: float
    need: Need
    widens_at: datetime | None = None
    offered_to: AgentId | None = None
    token: int = 0
    generation: int = 0
    passed: set[AgentId] = field(default_factory=set)


class _Lane:
    """Waiting work and idle agents of one need."""

    __slots__ = ("idle", "waiting")

    def __init__(self) -> None:
        self.waiting: list[tuple[float, ItemId, int]] = []
        self.idle: list[tuple[datetime, AgentId, int]] = []


class RoutingCore:
    """Rings the longest-idle suitable agent for the longest-waiting work, one piece at a time."""

    def __init__(self) -> None:
        self.queues: dict[QueueId, QueueSet] = {}
        self.agents: dict[AgentId, Agent] = {}
        self.items: dict[ItemId, Item] = {}
        self._lanes: dict[Need, _Lane] = {}
        self._profiles: dict[AgentId, list[Need]] = {}
        self._members: dict[QueueId, set[AgentId]] = {}
        self._idle: set[AgentId] = set()
        self._timers: list[tuple[datetime, int, str, ItemId, AgentId | None]] = []
        self._serial = 0
        self.touched: set[tuple[str, str]] = set()

    # --- the door ---------------------------------------------------------------------------------

    def handle(self, event: RoutingEvent, now: datetime) -> list[RoutingOutput]:
        out = self._due(now)
        match event:
            case Tick():
                pass
            case QueueSet():
                self._set_queue(event)
            case AgentSet():
                out += self._set_agent(event, now)
            case PresenceAsked():
                out += self._ask_presence(event, now)
            case PhoneReachable():
                out += self._reach(event, now)
            case Queued():
                out += self._queue(event, now)
            case Withdrawn():
                out += self._withdraw(event.item, now)
            case _:
                out += self._work(event, now)
        return out

    def next_wakeup(self) -> datetime | None:
        """When `handle(Tick(), …)` is due, for leases, widening and wrap-up."""
        return self._timers[0][0] if self._timers else None

    def position(self, item: ItemId) -> int | None:
        """Place of a waiting item among all waiting of its queue, from 1; None when it is not waiting."""
        this = self.items.get(item)
        if this is None or this.offered_to is not None:
            return None
        ahead = (
            other
            for name, other in self.items.items()
            if other.asked.queue == this.asked.queue
            and other.offered_to is None
            and (other.key, name) < (this.key, item)
        )
        return 1 + sum(1 for _ in ahead)

    # --- configuration ----------------------------------------------------------------------------

    def _set_queue(self, queue: QueueSet) -> None:
        known = self.queues.get(queue.queue)
        if known is None or known.version < queue.version:
            self.queues[queue.queue] = queue

    def _set_agent(self, asked: AgentSet, now: datetime) -> list[RoutingOutput]:
        agent = self._agent(asked.agent)
        if agent.version >= asked.version:
            return []
        for queue in agent.queues:
            self._members.get(queue, set()).discard(agent.id)
        agent.version, agent.queues, agent.skills = asked.version, asked.queues, dict(asked.skills)
        for queue in agent.queues:
            self._members.setdefault(queue, set()).add(agent.id)
        self._profiles[agent.id] = [need for need in self._lanes if agent.serves(need)]
        self._touch_agent(agent)
        self._leave_idle(agent)
        return self._settle(agent, now)

    # --- presence ---------------------------------------------------------------------------------

    def _ask_presence(self, asked: PresenceAsked, now: datetime) -> list[RoutingOutput]:
        agent = self._agent(asked.agent)
        if asked.after_contact and agent.work:
            agent.next = asked
            self._touch_agent(agent)
            return []
        agent.next = None
        agent.presence, agent.reason, agent.asked_by = asked.presence, asked.reason, asked.by
        agent.missed = False
        out: list[RoutingOutput] = []
        if asked.presence is not Presence.READY and agent.work and agent.work.phase is Phase.OFFERED:
            out += self._give_back(agent, now, missed=False)
        return out + self._settle(agent, now)

    def _reach(self, event: PhoneReachable, now: datetime) -> list[RoutingOutput]:
        agent = self._agent(event.agent)
        agent.reachable = event.reachable
        return self._settle(agent, now)

    # --- work -------------------------------------------------------------------------------------

    def _queue(self, asked: Queued, now: datetime) -> list[RoutingOutput]:
        if asked.item in self.items:
            return []
        joined = asked.joined_at or now
        widens = now + timedelta(seconds=asked.patience_s) if asked.preferred is not None else None
        skills = asked.skills | self.queues[asked.queue].skills if asked.queue in self.queues else asked.skills
        item = Item(
            asked=replace(asked, joined_at=joined),
            key=joined.timestamp() - asked.boost_s,
            need=Need(asked.queue, skills, asked.preferred),
            widens_at=widens,
        )
        self.items[asked.item] = item
        if widens:
            self._timer(widens, "widen", asked.item)
        return self._place(item, now)

    def _withdraw(self, name: ItemId, now: datetime) -> list[RoutingOutput]:
        item = self.items.pop(name, None)
        if item is None:
            return []
        self.touched.add(("item", name))
        item.generation += 1
        if item.offered_to is None:
            return []
        agent = self._agent(item.offered_to)
        ended = OfferEnded(item=name, agent=agent.id, token=item.token, missed=False)
        agent.work = None
        return [ended, *self._settle(agent, now)]

    def _work(self, event: RoutingEvent, now: datetime) -> list[RoutingOutput]:
        """Events about work in one agent's hands. Those about work he does not hold change nothing."""
        match event:
            case Taken(item=item, agent=who, queue=queue):
                agent = self._agent(who)
                self.items.pop(item, None)
                self.touched.add(("item", item))
                agent.work = Work(item, Phase.ACTIVE, queue)
                return self._settle(agent, now)
            case (
                Accepted(item=item, agent=who)
                | Declined(item=item, agent=who)
                | Finished(item=item, agent=who)
                | Reopened(item=item, agent=who)
                | WrappedUp(item=item, agent=who)
                | WrapUpExtended(item=item, agent=who)
            ):
                agent = self._agent(who)
                if agent.work is None or agent.work.item != item:
                    return []
                return self._progress(event, agent, agent.work, now)
            case _:
                return []

    def _progress(self, event: RoutingEvent, agent: Agent, work: Work, now: datetime) -> list[RoutingOutput]:
        match event, work.phase:
            case Accepted(), Phase.OFFERED:
                self.items.pop(work.item, None)
                self.touched.add(("item", work.item))
                agent.work = Work(work.item, Phase.ACTIVE, work.queue, work.token)
                return self._settle(agent, now)
            case Declined(missed=missed), Phase.OFFERED:
                return self._give_back(agent, now, missed=missed) + self._settle(agent, now)
            case Finished(wrap_up=True), Phase.ACTIVE:
                return self._finish(agent, work, now)
            case (Finished(), Phase.ACTIVE) | (Reopened(), Phase.WRAP_UP):
                agent.work = None
                self._take_next(agent)
                return self._settle(agent, now)
            case WrappedUp(), Phase.WRAP_UP:
                if self._wrap_up_of(work) is WrapUp.LOCKED:
                    return []
                return self._end_wrap_up(agent, now, timed_out=False)
            case WrapUpExtended(seconds=seconds), Phase.WRAP_UP if work.until:
                work.until += timedelta(seconds=seconds)
                self._timer(work.until, "wrap_up", work.item, agent.id)
                return self._settle(agent, now)
        return []

    def _finish(self, agent: Agent, work: Work, now: datetime) -> list[RoutingOutput]:
        mode = self._wrap_up_of(work)
        if mode is WrapUp.NONE:
            return self._end_wrap_up(agent, now, timed_out=False)
        until = None
        if mode in {WrapUp.TIMED, WrapUp.LOCKED} and work.queue in self.queues:
            until = now + timedelta(seconds=self.queues[work.queue].wrap_up_s)
            self._timer(until, "wrap_up", work.item, agent.id)
        agent.work = Work(work.item, Phase.WRAP_UP, work.queue, work.token, until)
        return self._settle(agent, now)

    def _end_wrap_up(self, agent: Agent, now: datetime, *, timed_out: bool) -> list[RoutingOutput]:
        work, agent.work = agent.work, None
        queue = self.queues.get(work.queue) if work and work.queue is not None else None
        if agent.next:
            self._take_next(agent)
        elif agent.presence is Presence.READY and not (queue and queue.ready_after):
            agent.presence, agent.reason, agent.asked_by = Presence.NOT_READY, Reason.AFTER_CONTACT, None
        out: list[RoutingOutput] = []
        if work:
            out.append(WrapUpEnded(item=work.item, agent=agent.id, timed_out=timed_out))
        return out + self._settle(agent, now)

    def _take_next(self, agent: Agent) -> None:
        """The presence chosen during the contact for after it."""
        if agent.next:
            asked, agent.next = agent.next, None
            agent.presence, agent.reason, agent.asked_by = asked.presence, asked.reason, asked.by

    def _wrap_up_of(self, work: Work) -> WrapUp:
        queue = self.queues.get(work.queue) if work.queue is not None else None
        return queue.wrap_up if queue else WrapUp.MANDATORY

    # --- matching ---------------------------------------------------------------------------------

    def _place(self, item: Item, now: datetime) -> list[RoutingOutput]:
        """Offer the work to the agent idle longest in its lane, or let it wait there."""
        lane = self._lane(item.need)
        skipped: list[tuple[datetime, AgentId, int]] = []
        chosen: Agent | None = None
        while lane.idle and chosen is None:
            entry = heapq.heappop(lane.idle)
            agent = self.agents[entry[1]]
            if agent.generation != entry[2] or agent.id not in self._idle or not agent.serves(item.need):
                continue
            if agent.id in item.passed and len(item.passed) < len(self._members.get(item.need.queue, ())):
                skipped.append(entry)
                continue
            chosen = agent
        if chosen is None and skipped:
            # All who are idle let it ring or declined it before: better one of them again than nobody.
            chosen = self.agents[skipped.pop(0)[1]]
        for entry in skipped:
            heapq.heappush(lane.idle, entry)
        if chosen:
            return self._offer(item, chosen, now)
        item.generation += 1
        heapq.heappush(lane.waiting, (item.key, item.asked.item, item.generation))
        self.touched.add(("item", item.asked.item))
        return []

    def _serve(self, agent: Agent, now: datetime) -> list[RoutingOutput]:
        """Give an agent who has become free the oldest work of his lanes."""
        best: tuple[float, ItemId, int] | None = None
        source: _Lane | None = None
        for need in self._profiles.get(agent.id, ()):
            lane = self._lanes[need]
            self._drop_stale(lane)
            if lane.waiting and (best is None or lane.waiting[0] < best):
                best, source = lane.waiting[0], lane
        if best is None or source is None:
            return []
        heapq.heappop(source.waiting)
        return self._offer(self.items[best[1]], agent, now)

    def _drop_stale(self, lane: _Lane) -> None:
        while lane.waiting:
            _, name, generation = lane.waiting[0]
            item = self.items.get(name)
            if item is not None and item.generation == generation and item.offered_to is None:
                return
            heapq.heappop(lane.waiting)

    def _offer(self, item: Item, agent: Agent, now: datetime) -> list[RoutingOutput]:
        queue = self.queues.get(item.asked.queue)
        until = now + timedelta(seconds=queue.ring_s if queue else 20.0)
        name = item.asked.item
        item.token, item.offered_to = item.token + 1, agent.id
        item.generation += 1
        agent.work = Work(name, Phase.OFFERED, item.asked.queue, item.token, until)
        self._timer(until, "offer", name)
        self.touched.add(("item", name))
        offer = Offer(item=name, agent=agent.id, queue=item.asked.queue, token=item.token, until=until)
        return [offer, *self._settle(agent, now)]

    def _give_back(self, agent: Agent, now: datetime, *, missed: bool) -> list[RoutingOutput]:
        """End an offer; the work keeps its key and goes to the next."""
        work, agent.work = agent.work, None
        if work is None:
            return []
        agent.missed = missed
        if agent.presence is Presence.READY:
            agent.presence, agent.asked_by = Presence.NOT_READY, None
            agent.reason = Reason.MISSED if missed else Reason.DECLINED
        out: list[RoutingOutput] = [OfferEnded(item=work.item, agent=agent.id, token=work.token, missed=missed)]
        out += self._settle(agent, now)
        item = self.items.get(work.item)
        if item is not None and item.offered_to == agent.id:
            item.offered_to = None
            item.passed.add(agent.id)
            if item.need.agent == agent.id:
                item.need, item.widens_at = replace(item.need, agent=None), None
            out += self._place(item, now)
        return out

    # --- lanes, idleness, timers -------------------------------------------------------------------

    def _lane(self, need: Need) -> _Lane:
        lane = self._lanes.get(need)
        if lane is None:
            lane = self._lanes[need] = _Lane()
            candidates = [need.agent] if need.agent is not None else self._members.get(need.queue, ())
            for agent_id in candidates:
                agent = self._agent(agent_id)
                if agent.serves(need):
                    self._profiles.setdefault(agent.id, []).append(need)
                    if agent.id in self._idle and agent.idle_since:
                        heapq.heappush(lane.idle, (agent.idle_since, agent.id, agent.generation))
        return lane

    def _settle(self, agent: Agent, now: datetime) -> list[RoutingOutput]:
        """Say what changed, and give work to whoever has become free."""
        self._touch_agent(agent)
        out = self._show(agent)
        if agent.status is not AgentStatus.READY:
            self._leave_idle(agent)
        elif agent.id not in self._idle:
            agent.idle_since = now
            served = self._serve(agent, now)
            if served:
                return out + served
            self._join_idle(agent, now)
        return out

    def _show(self, agent: Agent) -> list[RoutingOutput]:
        until = agent.work.until if agent.work else None
        reason = agent.reason if agent.work is None else agent.work.item
        shown = (agent.status, reason, until)
        if shown == agent.shown:
            return []
        agent.shown = shown
        return [
            AgentChanged(
                agent=agent.id,
                status=agent.status,
                reason="" if agent.work else agent.reason,
                by=agent.asked_by if agent.work is None else None,
                until=until,
            )
        ]

    def _join_idle(self, agent: Agent, now: datetime) -> None:
        agent.generation += 1
        self._idle.add(agent.id)
        for need in self._profiles.get(agent.id, ()):
            heapq.heappush(self._lanes[need].idle, (now, agent.id, agent.generation))

    def _leave_idle(self, agent: Agent) -> None:
        if agent.id in self._idle:
            self._idle.discard(agent.id)
            agent.generation += 1

    def _agent(self, agent_id: AgentId) -> Agent:
        agent = self.agents.get(agent_id)
        if agent is None:
            agent = self.agents[agent_id] = Agent(agent_id)
        return agent

    def _touch_agent(self, agent: Agent) -> None:
        self.touched.add(("agent", str(agent.id)))

    def _timer(self, at: datetime, kind: str, item: ItemId, agent: AgentId | None = None) -> None:
        self._serial += 1
        heapq.heappush(self._timers, (at, self._serial, kind, item, agent))

    def _due(self, now: datetime) -> list[RoutingOutput]:
        out: list[RoutingOutput] = []
        while self._timers and self._timers[0][0] <= now:
            at, _, kind, name, agent = heapq.heappop(self._timers)
            if kind == "wrap_up":
                out += self._expire_wrap_up(name, agent, at, now)
            else:
                out += self._expire(kind, name, at, now)
        return out

    def _expire(self, kind: str, name: ItemId, at: datetime, now: datetime) -> list[RoutingOutput]:
        """A timer that no longer fits its item or agent changes nothing."""
        item = self.items.get(name)
        if kind == "widen":
            if item and item.widens_at == at and item.offered_to is None:
                self._forget_personal_lane(item.need)
                item.need, item.widens_at = replace(item.need, agent=None), None
                return self._place(item, now)
            return []
        if kind == "offer":
            holder = self.agents[item.offered_to] if item and item.offered_to is not None else None
            if holder and holder.work and holder.work.item == name and holder.work.until == at:
                return self._give_back(holder, now, missed=True)
            return []
        return []

    def _expire_wrap_up(
        self, name: ItemId, agent_id: AgentId | None, at: datetime, now: datetime
    ) -> list[RoutingOutput]:
        agent = self.agents.get(agent_id) if agent_id is not None else None
        work = agent.work if agent else None
        if agent and work and work.item == name and work.phase is Phase.WRAP_UP and work.until == at:
            return self._end_wrap_up(agent, now, timed_out=True)
        return []

    def _forget_personal_lane(self, need: Need) -> None:
        if need.agent is not None and self._lanes.pop(need, None) is not None:
            self._profiles[need.agent] = [kept for kept in self._profiles.get(need.agent, []) if kept != need]

    # --- memory -----------------------------------------------------------------------------------

    def restore(self, agents: list[Agent], items: list[Item], now: datetime) -> list[RoutingOutput]:
        """Take up state that was stored, configuration having been set before. Returns what follows now."""
        for agent in agents:
            known = self._agent(agent.id)
            agent.version, agent.queues, agent.skills = known.version, known.queues, known.skills
            agent.generation = 0
            self.agents[agent.id] = agent
            if agent.work and agent.work.until:
                kind = "offer" if agent.work.phase is Phase.OFFERED else "wrap_up"
                self._timer(agent.work.until, kind, agent.work.item, agent.id)
            if agent.status is AgentStatus.READY:
                self._join_idle(agent, agent.idle_since or now)
        out: list[RoutingOutput] = []
        for item in sorted(items, key=lambda this: (this.key, this.asked.item)):
            self.items[item.asked.item] = item
            if item.widens_at:
                self._timer(item.widens_at, "widen", item.asked.item)
            if item.offered_to is None:
                out += self._place(item, now)
        return out
