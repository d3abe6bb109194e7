"""Who gets which work, and when.

**The order.** Work is served by the constant key `joined - boost`: with ageing that grows as time passes, the
difference of two scores never changes, so nothing is ever scored again (PERF.md §1.2).

**Lanes.** All work with the same need (queue, skills with levels, a preferred agent) waits in one lane. When an
agent becomes free, the oldest of the first in his lanes is his; when work arrives, the agent idle longest in its
lane gets it. See `lanes`.

**Leases.** An offer is a lease with an expiry and a token that rises. Whoever lets it run out is *missed* and
gets nothing more until he says Ready; the work goes back with its old key, so it loses no place. An offer that
came to nothing through no fault of his costs the agent no place either.

| state of an agent                       | may be offered work                              |
| --------------------------------------- | ------------------------------------------------ |
| ready, phone reachable, no work in hand | yes                                              |
| ringing, busy                           | no, one at a time                                |
| wrap-up                                 | only the same customer, back again (`reopens`)   |
| not ready, missed, out, no phone        | no                                               |

Events about work that an agent does not hold, or that make no sense in its phase, change nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from perezvon.cores.routing.explain import Explanation, explain
from perezvon.cores.routing.lanes import Lanes
from perezvon.cores.routing.model import Agent, Item, Need, Phase, Work
from perezvon.cores.routing.timers import Timers
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
    RoutingEvent,
    RoutingOutput,
    Taken,
    Withdrawn,
    WrappedUp,
    WrapUp,
    WrapUpEnded,
    WrapUpExtended,
)
from perezvon.kernel.ids import AgentId, QueueId

UNKNOWN_QUEUE = QueueSet(queue=QueueId(0), version=0)

type Outputs = list[RoutingOutput]


class RoutingCore:
    """Rings the longest-idle suitable agent for the longest-waiting work, one piece at a time.

    changed_agents, changed_items: whose state is another than it was; whoever stores it empties them.
    """

    def __init__(self) -> None:
        self.queues: dict[QueueId, QueueSet] = {}
        self.agents: dict[AgentId, Agent] = {}
        self.items: dict[ItemId, Item] = {}
        self.changed_agents: set[AgentId] = set()
        self.changed_items: set[ItemId] = set()
        self._lanes = Lanes(self.agents)
        self._timers = Timers()
        self._reactions: dict[type, Callable[[Any, datetime], Outputs]] = {
            QueueSet: self._set_queue,
            AgentSet: self._set_agent,
            PresenceAsked: self._ask_presence,
            PhoneReachable: self._reach,
            Queued: self._queue,
            Withdrawn: self._withdraw,
            Taken: self._take,
            Accepted: self._accept,
            Declined: self._decline,
            Finished: self._finish,
            WrappedUp: self._wrap_up,
            WrapUpExtended: self._extend,
        }

    # --- the door ---------------------------------------------------------------------------------

    def handle(self, event: RoutingEvent, now: datetime) -> Outputs:
        """What follows from what is due by now, then from the event. A Tick is nothing but time."""
        wake = self._timers.next
        due = self._due(now) if wake is not None and wake <= now else []
        react = self._reactions.get(type(event))
        said = react(event, now) if react else []
        return due + said if due else said

    def next_wakeup(self) -> datetime | None:
        """When `handle(Tick(), …)` is due, for leases, widening and wrap-up."""
        return self._timers.next

    def position(self, item: ItemId) -> int | None:
        """Place of a waiting item among all waiting of its queue, from 1; None when it is not waiting."""
        this = self.items.get(item)
        if this is None or this.offered_to is not None:
            return None
        return 1 + self._lanes.count_before(this)

    def explain(self, item: ItemId) -> Explanation | None:
        """Who was considered for this work and what rules each out; None when it neither waits nor is on offer."""
        this = self.items.get(item)
        if this is None:
            return None
        candidates = {*self._lanes.members(this.need.queue), this.asked.preferred} - {None}
        return explain(this, [self.agents[one] for one in candidates if one in self.agents], self.position(item))

    # --- configuration ----------------------------------------------------------------------------

    def _set_queue(self, queue: QueueSet, now: datetime) -> Outputs:
        known = self.queues.get(queue.queue)
        if known is None or known.version < queue.version:
            self.queues[queue.queue] = queue
        return []

    def _set_agent(self, asked: AgentSet, now: datetime) -> Outputs:
        agent = self._agent(asked.agent)
        if agent.version >= asked.version:
            return []
        agent.version = asked.version
        self._lanes.part(agent)
        self._lanes.enrol(agent, asked.queues, dict(asked.skills))
        return self._settle(agent, now)

    # --- presence ---------------------------------------------------------------------------------

    def _ask_presence(self, asked: PresenceAsked, now: datetime) -> Outputs:
        agent = self._agent(asked.agent)
        if asked.after_contact and agent.work:
            agent.next = asked
            self.changed_agents.add(agent.id)
            return []
        agent.next, agent.missed = None, False
        agent.presence, agent.reason, agent.asked_by = asked.presence, asked.reason, asked.by
        out: Outputs = []
        work = agent.work
        if work and work.phase is Phase.OFFERED and asked.presence is not Presence.READY:
            out += self._give_back(agent, work, now, missed=False)
        elif work and work.phase is Phase.WRAP_UP and self._queue_of(work).wrap_up is WrapUp.OPTIONAL:
            out.append(self._put_pen_down(agent, work))
        return out + self._show(agent) + self._settle(agent, now)

    def _reach(self, event: PhoneReachable, now: datetime) -> Outputs:
        agent = self._agent(event.agent)
        (agent.phones.add if event.reachable else agent.phones.discard)(event.switch)
        agent.reachable = bool(agent.phones)
        return self._settle(agent, now)

    def _take_next(self, agent: Agent) -> None:
        """The presence chosen during the contact for after it."""
        if agent.next:
            asked, agent.next = agent.next, None
            agent.presence, agent.reason, agent.asked_by = asked.presence, asked.reason, asked.by

    # --- work comes and goes ----------------------------------------------------------------------

    def _queue(self, asked: Queued, now: datetime) -> Outputs:
        if asked.item in self.items:
            return []
        joined = asked.joined_at or now
        queue = self.queues.get(asked.queue, UNKNOWN_QUEUE)
        preferred = self._present(asked.preferred) if asked.preferred is not None else None
        named = preferred.id if preferred else None
        item = Item(
            asked=asked,
            joined_at=joined,
            key=joined.timestamp() - asked.boost_s,
            need=Need(asked.queue, asked.skills | queue.skills if queue.skills else asked.skills, named),
            passed=asked.passed_by,
        )
        self.items[asked.item] = item
        if preferred is None:
            return self._place(item, now)
        item.widens_at = self._timers.after(asked.patience_s, now, "widen", asked.item)
        if asked.reopens and preferred.reachable and self._writes(preferred, asked.reopens):
            preferred.behind, preferred.work = preferred.work, None
            return self._offer(item, preferred, now)
        return self._place(item, now)

    def _present(self, agent_id: AgentId) -> Agent | None:
        """The agent, unless he has gone: nobody waits for one who is not there."""
        agent = self.agents.get(agent_id)
        return agent if agent and agent.presence is not Presence.OUT else None

    def _writes(self, agent: Agent, item: ItemId) -> bool:
        return agent.work is not None and agent.work.phase is Phase.WRAP_UP and agent.work.item == item

    def _withdraw(self, event: Withdrawn, now: datetime) -> Outputs:
        item = self.items.pop(event.item, None)
        if item is None:
            return []
        self.changed_items.add(event.item)
        if item.offered_to is None:
            self._lanes.leave(item)
            return []
        agent = self.agents[item.offered_to]
        ended = self._end_offer(agent, missed=False)
        if agent.work is None:
            self._take_next(agent)
        return [*ended, *self._settle(agent, now)]

    def _take(self, event: Taken, now: datetime) -> Outputs:
        agent = self._agent(event.agent)
        work = agent.work
        if work and work.phase is Phase.OFFERED and work.item == event.item:
            return self._begin(agent, work, event.queue, now)
        if work and work.phase is Phase.ACTIVE and work.item not in {event.item, event.instead_of}:
            return []
        out = self._withdraw(Withdrawn(item=event.item), now)
        returned: Item | None = None
        if work and work.phase is Phase.OFFERED:
            out += self._end_offer(agent, missed=False)
            returned = self.items.get(work.item)
        if agent.work and agent.work.phase is Phase.WRAP_UP:
            out.append(self._put_pen_down(agent, agent.work))
        agent.work = Work(event.item, Phase.ACTIVE, event.queue)
        self._lanes.part(agent)
        out += self._settle(agent, now)
        return out + self._place(returned, now) if returned else out

    # --- work in one agent's hands ----------------------------------------------------------------

    def _held(self, agent_id: AgentId, item: ItemId, phase: Phase) -> tuple[Agent, Work] | None:
        agent = self.agents.get(agent_id)
        if agent and agent.work and agent.work.phase is phase and agent.work.item == item:
            return agent, agent.work
        return None

    def _accept(self, event: Accepted, now: datetime) -> Outputs:
        held = self._held(event.agent, event.item, Phase.OFFERED)
        return self._begin(*held, None, now) if held else []

    def _begin(self, agent: Agent, offered: Work, queue: QueueId | None, now: datetime) -> Outputs:
        """What he was offered is his; what he wrote about the same customer before goes on with it."""
        self.items.pop(offered.item, None)
        self.changed_items.add(offered.item)
        out: Outputs = []
        if agent.behind:
            out.append(self._put_pen_down(agent, agent.behind))
            agent.behind = None
        offered.phase, offered.until = Phase.ACTIVE, None
        if queue is not None:
            offered.queue = queue
        agent.work = offered
        return out + self._settle(agent, now)

    def _decline(self, event: Declined, now: datetime) -> Outputs:
        held = self._held(event.agent, event.item, Phase.OFFERED)
        return self._give_back(*held, now, missed=event.missed) if held else []

    def _finish(self, event: Finished, now: datetime) -> Outputs:
        if not (held := self._held(event.agent, event.item, Phase.ACTIVE)):
            return []
        agent, work = held
        if not event.wrap_up:
            agent.work = None
            self._take_next(agent)
            return self._settle(agent, now)
        agent.idle_since = None
        queue = self._queue_of(work)
        if queue.wrap_up is WrapUp.NONE:
            return self._end_wrap_up(agent, work, now)
        agent.work = work = replace(work, phase=Phase.WRAP_UP)
        if queue.wrap_up in {WrapUp.TIMED, WrapUp.LOCKED}:
            work.until = self._timers.after(queue.wrap_up_s, now, "wrap_up", work.item, agent.id)
        return self._settle(agent, now)

    def _wrap_up(self, event: WrappedUp, now: datetime) -> Outputs:
        if not (held := self._held(event.agent, event.item, Phase.WRAP_UP)):
            return []
        agent, work = held
        if self._queue_of(work).wrap_up is WrapUp.LOCKED:
            work.is_written = True
            self.changed_agents.add(agent.id)
            return []
        return self._end_wrap_up(agent, work, now)

    def _extend(self, event: WrapUpExtended, now: datetime) -> Outputs:
        held = self._held(event.agent, event.item, Phase.WRAP_UP)
        if held is None or event.seconds <= 0:
            return []
        agent, work = held
        most = self._queue_of(work).extensions
        if work.until is None or (most is not None and work.extended >= most):
            return []
        work.extended += 1
        work.until += timedelta(seconds=event.seconds)
        self._timers.set(work.until, "wrap_up", work.item, agent.id)
        return self._settle(agent, now)

    def _end_wrap_up(self, agent: Agent, work: Work, now: datetime, *, timed_out: bool = False) -> Outputs:
        ended = self._put_pen_down(agent, work, timed_out=timed_out)
        if agent.next:
            self._take_next(agent)
        elif agent.presence is Presence.READY and not self._queue_of(work).ready_after:
            agent.presence, agent.reason, agent.asked_by = Presence.NOT_READY, Reason.AFTER_CONTACT, None
        return [ended, *self._settle(agent, now)]

    def _put_pen_down(self, agent: Agent, work: Work, *, timed_out: bool = False) -> WrapUpEnded:
        agent.work = agent.idle_since = None
        return WrapUpEnded(item=work.item, agent=agent.id, timed_out=timed_out and not work.is_written)

    def _queue_of(self, work: Work | None) -> QueueSet:
        queue = self.queues.get(work.queue) if work and work.queue is not None else None
        return queue or UNKNOWN_QUEUE

    # --- matching ---------------------------------------------------------------------------------

    def _place(self, item: Item, now: datetime) -> Outputs:
        """Offer the work to the agent idle longest in its lane, or let it wait there."""
        chosen = self._lanes.place_or_keep(item)
        if chosen is not None:
            return self._offer(item, self.agents[chosen], now)
        self.changed_items.add(item.asked.item)
        return []

    def _offer(self, item: Item, agent: Agent, now: datetime) -> Outputs:
        name, queue = item.asked.item, item.asked.queue
        until = self._timers.after(self.queues.get(queue, UNKNOWN_QUEUE).ring_s, now, "offer", name)
        item.token, item.offered_to = item.token + 1, agent.id
        agent.work = Work(name, Phase.OFFERED, queue, item.token, until)
        agent.shown = (AgentStatus.RINGING, name, until)
        self.changed_agents.add(agent.id)
        self.changed_items.add(name)
        return [
            Offer(item=name, agent=agent.id, queue=queue, token=item.token, until=until),
            AgentChanged(agent=agent.id, status=AgentStatus.RINGING, reason="", by=None, until=until),
        ]

    def _give_back(self, agent: Agent, work: Work, now: datetime, *, missed: bool) -> Outputs:
        """End an offer that the agent did not take; the work keeps its key and goes to the next."""
        out = self._end_offer(agent, missed=missed)
        agent.missed = missed
        if agent.next and agent.work is None:
            self._take_next(agent)
        elif agent.presence is Presence.READY:
            agent.presence, agent.asked_by = Presence.NOT_READY, None
            agent.reason = Reason.MISSED if missed else Reason.DECLINED
        # Others first; but one who goes on being ready gets no younger work than this when nobody else is there.
        item = self.items.get(work.item)
        placed = self._place(item, now) if item else []
        return out + self._settle(agent, now) + placed

    def _end_offer(self, agent: Agent, *, missed: bool) -> Outputs:
        """Take back what the agent was offered, for somebody else to be found; give him his pen again."""
        work = agent.work
        if work is None:
            return []
        agent.work, agent.behind = agent.behind, None
        if agent.work and agent.work.until:
            self._timers.set(agent.work.until, "wrap_up", agent.work.item, agent.id)
        if item := self.items.get(work.item):
            item.offered_to = None
            item.passed |= {agent.id}
            if item.need.agent == agent.id:
                self._widen(item)
        return [OfferEnded(item=work.item, agent=agent.id, token=work.token, missed=missed)]

    def _widen(self, item: Item) -> None:
        """It is for anybody from now on."""
        item.need, item.widens_at = item.need._replace(agent=None), None

    # --- idleness ---------------------------------------------------------------------------------

    def _settle(self, agent: Agent, now: datetime) -> Outputs:
        """Say what changed, and give work to whoever has become free."""
        self.changed_agents.add(agent.id)
        if agent.status is AgentStatus.READY:
            if not self._lanes.is_idle(agent):
                agent.idle_since = agent.idle_since or now
                if (name := self._lanes.take_oldest(agent)) is not None:
                    return self._offer(self.items[name], agent, now)
                self._lanes.join(agent)
        elif agent.work is None:
            self._lanes.part(agent)
            agent.idle_since = None
        return self._show(agent)

    def _show(self, agent: Agent) -> Outputs:
        work, status = agent.work, agent.status
        until = work.until if work else None
        shown = (status, work.item if work else agent.reason, until)
        if shown == agent.shown:
            return []
        agent.shown = shown
        by, reason = (None, "") if work else (agent.asked_by, agent.reason)
        return [AgentChanged(agent=agent.id, status=status, reason=reason, by=by, until=until)]

    def _agent(self, agent_id: AgentId) -> Agent:
        agent = self.agents.get(agent_id)
        if agent is None:
            agent = self.agents[agent_id] = Agent(agent_id)
        return agent

    # --- time -------------------------------------------------------------------------------------

    def _due(self, now: datetime) -> Outputs:
        """A timer that no longer fits its item or agent changes nothing."""
        out: Outputs = []
        while timer := self._timers.pop(now):
            at, kind, name, agent_id = timer
            if kind == "wrap_up":
                held = self._held(agent_id, name, Phase.WRAP_UP)
                if held and held[1].until == at:
                    out += self._end_wrap_up(*held, now, timed_out=True)
            elif item := self.items.get(name):
                out += self._overdue(item, kind, at, now)
        return out

    def _overdue(self, item: Item, kind: str, at: datetime, now: datetime) -> Outputs:
        if item.offered_to is not None:
            agent = self.agents[item.offered_to]
            if kind == "offer" and agent.work and agent.work.until == at:
                return self._give_back(agent, agent.work, now, missed=True)
        elif kind == "widen" and item.widens_at == at:
            self._lanes.leave(item)
            self._widen(item)
            return self._place(item, now)
        return []

    # --- memory -----------------------------------------------------------------------------------

    def restore(self, agents: list[Agent], items: list[Item], now: datetime) -> Outputs:
        """Take up state that was stored, configuration having been set before. Returns what follows now."""
        for agent in agents:
            known = self._agent(agent.id)
            agent.version = known.version
            self.agents[agent.id] = agent
            self._lanes.enrol(agent, known.queues, known.skills)
            for work in (agent.work, agent.behind):
                if work and work.until and work.phase is Phase.WRAP_UP:
                    self._timers.set(work.until, "wrap_up", work.item, agent.id)
            if agent.status is AgentStatus.READY:
                agent.idle_since = agent.idle_since or now
                self._lanes.join(agent)
        out: Outputs = []
        for item in sorted(items, key=lambda this: (this.key, this.asked.item)):
            self.items[item.asked.item] = item
            out += self._take_up(item, now)
        return out

    def _take_up(self, item: Item, now: datetime) -> Outputs:
        if item.widens_at:
            self._timers.set(item.widens_at, "widen", item.asked.item)
        if item.offered_to is None:
            return self._place(item, now)
        work = self.agents[item.offered_to].work
        if work and work.until:
            self._timers.set(work.until, "offer", item.asked.item)
        return []
