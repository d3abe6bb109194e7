"""How often one address may ask."""

from __future__ import annotations

from collections import OrderedDict, deque

_MINUTE_S = 60.0
_ADDRESSES = 10_000


class Throttle:
    """At most `per_minute` within any minute for each address; the longest silent are forgotten first."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._asked: OrderedDict[str, deque[float]] = OrderedDict()

    def allows(self, address: str, now_s: float) -> bool:
        """Whether it may ask now; if so, that it did is remembered. now_s: seconds of any steady clock."""
        times = self._asked.setdefault(address, deque())
        self._asked.move_to_end(address)
        if len(self._asked) > _ADDRESSES:
            self._asked.popitem(last=False)
        while times and times[0] <= now_s - _MINUTE_S:
            times.popleft()
        if len(times) >= self._per_minute:
            return False
        times.append(now_s)
        return True
