"""What is due when."""

from __future__ import annotations

import heapq
from collections import deque
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from perezvon.cores.routing.words import ItemId
from perezvon.kernel.ids import AgentId

NOBODY = AgentId(0)


class Timer(NamedTuple):
    at: datetime
    kind: str
    item: ItemId
    agent: AgentId = NOBODY


@lru_cache(maxsize=256)
def _seconds(length_s: float) -> timedelta:
    """Few different lengths are configured, and making one takes longer than all the rest of setting a timer."""
    return timedelta(seconds=length_s)


class Timers:
    """All that is set. next: when the first is due, None when nothing is set.

    Nearly all are set for one of a few lengths from now, and of those what is set later is due later: each length
    has a line of its own, to which nothing needs to be compared. The few others lie in a heap. None is taken back;
    whoever set it sees that it no longer fits.
    """

    def __init__(self) -> None:
        self.next: datetime | None = None
        self._lines: dict[float, deque[Timer]] = {}
        self._others: list[Timer] = []

    def __len__(self) -> int:
        return len(self._others) + sum(map(len, self._lines.values()))

    def after(self, length_s: float, now: datetime, kind: str, item: ItemId, agent: AgentId = NOBODY) -> datetime:
        """Set one for so many seconds from now. Returns when it is due."""
        timer = Timer(now + _seconds(length_s), kind, item, agent)
        line = self._lines.get(length_s)
        if line is None:
            line = self._lines[length_s] = deque()
        if line and timer < line[-1]:  # at the same moment, or the clock was set back
            self.set(timer)
            return timer.at
        line.append(timer)
        if self.next is None or timer.at < self.next:
            self.next = timer.at
        return timer.at

    def set(self, timer: Timer) -> None:
        heapq.heappush(self._others, timer)
        if self.next is None or timer.at < self.next:
            self.next = timer.at

    def pop(self, now: datetime) -> Timer | None:
        """Take out the first, if it is due by now."""
        if self.next is None or now < self.next:
            return None
        heads = [(line[0], length) for length, line in self._lines.items()]
        first, length = min(heads, default=(None, 0.0))
        if first is None or (self._others and self._others[0] < first):
            first = heapq.heappop(self._others)
        else:
            self._lines[length].popleft()
            if not self._lines[length]:  # a length named once would be kept for ever
                del self._lines[length]
        self._look_ahead()
        return first

    def _look_ahead(self) -> None:
        heads = [line[0].at for line in self._lines.values()]
        if self._others:
            heads.append(self._others[0].at)
        self.next = min(heads, default=None)
