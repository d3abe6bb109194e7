"""Who waits where, and who may serve whom.

A *lane* is all that has the same need: its waiting work by key, the agents who may serve it, and those of them who
are idle, longest first. Work leaves its lane at once. Idle agents stand in the heaps of all their lanes, so they
leave lazily: an entry counts while the agent is idle since that very moment, and a heap is cleaned when three quarters
of it no longer count. Lanes that nobody used for long are forgotten: needs named once would pile up else.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from perezvon.cores.routing.model import Agent, Item, Need
from perezvon.cores.routing.ranking import Ranking
from perezvon.cores.routing.words import ItemId
from perezvon.kernel.ids import AgentId, QueueId

FEW = 64

type Idle = tuple[datetime, AgentId]


class Lane:
    __slots__ = ("idle", "is_used", "servers", "waiting")

    def __init__(self) -> None:
        self.waiting: Ranking[tuple[float, ItemId]] = Ranking()
        self.idle: list[Idle] = []
        self.servers: set[AgentId] = set()
        self.is_used = True


class Lanes:
    """All lanes. agents: everyone, as the core keeps them."""

    def __init__(self, agents: Mapping[AgentId, Agent]) -> None:
        self._agents = agents
        self._lanes: dict[Need, Lane] = {}
        self._lanes_of: dict[AgentId, dict[Need, Lane]] = {}
        self._members: defaultdict[QueueId, set[AgentId]] = defaultdict(set)
        self._skilled: defaultdict[str, set[AgentId]] = defaultdict(set)
        self._idle: set[AgentId] = set()
        self._enough = FEW

    def __len__(self) -> int:
        return len(self._lanes)

    # --- configuration ----------------------------------------------------------------------------

    def enrol(self, agent: Agent, queues: frozenset[QueueId], skills: dict[str, int]) -> None:
        """From now on the agent serves what these let him serve. He must not be idle meanwhile."""
        for queue in agent.queues:
            self._members[queue].discard(agent.id)
        for skill in agent.skills:
            self._skilled[skill].discard(agent.id)
        agent.queues, agent.skills = queues, skills
        for queue in queues:
            self._members[queue].add(agent.id)
        for skill in skills:
            self._skilled[skill].add(agent.id)
        for lane in self._lanes_of.get(agent.id, {}).values():
            lane.servers.discard(agent.id)
        self._lanes_of[agent.id] = {need: lane for need, lane in self._lanes.items() if agent.serves(need)}
        for lane in self._lanes_of[agent.id].values():
            lane.servers.add(agent.id)

    def members(self, queue: QueueId) -> set[AgentId]:
        """Who serves the queue, skills apart."""
        return self._members[queue]

    # --- work -------------------------------------------------------------------------------------

    def place_or_keep(self, item: Item) -> AgentId | None:
        """Who is to serve it, idle no longer from now on; None: there is nobody, and it waits."""
        lane = self._lane(item.need)
        if lane.idle and (chosen := self._take_longest_idle(lane, item.passed)) is not None:
            return chosen
        lane.waiting.add((item.key, item.asked.item))
        return None

    def leave(self, item: Item) -> None:
        if lane := self._lanes.get(item.need):
            lane.waiting.discard((item.key, item.asked.item))

    def take_oldest(self, agent: Agent) -> ItemId | None:
        """The work with the lowest key of all that he may serve; it waits no longer."""
        best: tuple[float, ItemId] | None = None
        place: Lane | None = None
        for lane in self._lanes_of.get(agent.id, {}).values():
            first = lane.waiting.first
            if first is not None and (best is None or first < best):
                best, place = first, lane
        if best is None or place is None:
            return None
        place.waiting.discard(best)
        return best[1]

    def count_before(self, item: Item) -> int:
        """How many wait before this in its queue, whatever else they need."""
        key = (item.key, item.asked.item)
        queue = item.need.queue
        return sum(lane.waiting.place(key) for need, lane in self._lanes.items() if need.queue == queue)

    # --- people -----------------------------------------------------------------------------------

    def is_idle(self, agent: Agent) -> bool:
        return agent.id in self._idle

    def join(self, agent: Agent) -> None:
        """He is idle, since `agent.idle_since`."""
        if agent.idle_since is None:
            return
        self._idle.add(agent.id)
        entry = (agent.idle_since, agent.id)
        for lane in self._lanes_of.get(agent.id, {}).values():
            heapq.heappush(lane.idle, entry)
            if len(lane.idle) > 4 * len(lane.servers) + FEW:
                lane.idle = sorted({one for one in lane.idle if self._counts(lane, one)})

    def part(self, agent: Agent) -> None:
        """He is idle no longer."""
        self._idle.discard(agent.id)

    def _take_longest_idle(self, lane: Lane, passed: frozenset[AgentId]) -> AgentId | None:
        """Rather one who has not let it go by before."""
        seen: list[Idle] = []
        for entry in self._in_order(lane):
            seen.append(entry)
            if entry[1] not in passed:
                break
        if not seen:
            return None
        chosen = seen.pop(-1 if seen[-1][1] not in passed else 0)[1]
        for entry in seen:
            heapq.heappush(lane.idle, entry)
        self._idle.discard(chosen)
        return chosen

    def _in_order(self, lane: Lane) -> Iterator[Idle]:
        """Takes the idle out of the heap, longest first."""
        last: Idle | None = None
        while lane.idle:
            entry = heapq.heappop(lane.idle)
            if entry != last and self._counts(lane, entry):
                last = entry
                yield entry

    def _counts(self, lane: Lane, entry: Idle) -> bool:
        since, agent = entry
        return agent in self._idle and agent in lane.servers and self._agents[agent].idle_since == since

    # --- lanes ------------------------------------------------------------------------------------

    def _lane(self, need: Need) -> Lane:
        lane = self._lanes.get(need)
        if lane is None:
            if len(self._lanes) >= self._enough:
                self._sweep()
            lane = self._lanes[need] = self._made(need)
        lane.is_used = True
        return lane

    def _made(self, need: Need) -> Lane:
        lane = Lane()
        for agent_id in self._candidates(need):
            agent = self._agents.get(agent_id)
            if agent and agent.serves(need):
                lane.servers.add(agent_id)
                self._lanes_of.setdefault(agent_id, {})[need] = lane
                if agent_id in self._idle and agent.idle_since:
                    lane.idle.append((agent.idle_since, agent_id))
        lane.idle.sort()
        return lane

    def _candidates(self, need: Need) -> set[AgentId]:
        """Not many more than serve the need."""
        if need.agent is not None:
            return {need.agent}
        able = (self._skilled[name] for name, level in need.skills if level > 0)
        return min(self._members[need.queue], *able, key=len) if need.skills else self._members[need.queue]

    def _sweep(self) -> None:
        """Forget the lanes that are empty and were not used since the last time."""
        for need, lane in [*self._lanes.items()]:
            if lane.is_used or lane.waiting:
                lane.is_used = False
                continue
            del self._lanes[need]
            for agent in lane.servers:
                self._lanes_of[agent].pop(need, None)
        self._enough = max(FEW, 2 * len(self._lanes))
