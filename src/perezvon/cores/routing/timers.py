"""What is due when."""

from __future__ import annotations

import heapq
from collections import deque
from datetime import datetime, timedelta
from functools import lru_cache

from perezvon.cores.routing.words import ItemId
from perezvon.kernel.ids import AgentId

NOBODY = AgentId(0)

type Timer = tuple[datetime, str, ItemId, AgentId]
"""When, what for, whose."""


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
        at = now + _seconds(length_s)
        timer = (at, kind, item, agent)
        line = self._line(length_s)
        if line and timer < line[-1]:  # at the same moment, or the clock was set back
            heapq.heappush(self._others, timer)
        else:
            line.append(timer)
        if self.next is None or at < self.next:
            self.next = at
        return at

    def set(self, at: datetime, kind: str, item: ItemId, agent: AgentId = NOBODY) -> None:
        """Set one for this moment."""
        heapq.heappush(self._others, (at, kind, item, agent))
        if self.next is None or at < self.next:
            self.next = at

    def _line(self, length_s: float) -> deque[Timer]:
        line = self._lines.get(length_s)
        if line is None:
            # Lines that are empty go when a new one comes: a length that was named once would be kept for ever.
            self._lines = {length: known for length, known in self._lines.items() if known}
            line = self._lines[length_s] = deque()
        return line

    def pop(self, now: datetime) -> Timer | None:
        """Take out the first, if it is due by now."""
        if self.next is None or now < self.next:
            return None
        first, line = self._first()
        if line is None:
            heapq.heappop(self._others)
        else:
            line.popleft()
        following, _ = self._first()
        self.next = following[0] if following else None
        return first

    def _first(self) -> tuple[Timer | None, deque[Timer] | None]:
        """The first of all, and its line; no line if it lies in the heap."""
        first, line = self._others[0] if self._others else None, None
        for one in self._lines.values():
            if one and (first is None or one[0] < first):
                first, line = one[0], one
        return first, line
