"""Keys kept in order."""

from __future__ import annotations

from bisect import bisect_left, insort

CHUNK = 256


class Ranking[K: tuple[float, str]]:
    """Different keys in rising order. first: the lowest, None when there is none.

    Kept in chunks of at most twice `CHUNK`, so that adding, discarding and `place` stay cheap with 100,000 keys;
    a newest key added and an oldest one discarded, the usual case, cost next to nothing.
    """

    __slots__ = ("_chunks", "_ends", "first")

    def __init__(self) -> None:
        self.first: K | None = None
        self._chunks: list[list[K]] = []
        self._ends: list[K] = []

    def __bool__(self) -> bool:
        return self.first is not None

    def __len__(self) -> int:
        return sum(map(len, self._chunks))

    def add(self, key: K) -> None:
        if self.first is None:
            self._chunks, self._ends, self.first = [[key]], [key], key
            return
        if key > self._ends[-1]:
            at, chunk = -1, self._chunks[-1]
            chunk.append(key)
        else:
            at = bisect_left(self._ends, key)
            chunk = self._chunks[at]
            insort(chunk, key)
        if len(chunk) > 2 * CHUNK:
            self._split(at)
        else:
            self._ends[at] = chunk[-1]
        if key < self.first:
            self.first = key

    def _split(self, at: int) -> None:
        chunk = self._chunks[at]
        at %= len(self._chunks)
        self._chunks[at : at + 1] = [chunk[:CHUNK], chunk[CHUNK:]]
        self._ends[at : at + 1] = [chunk[CHUNK - 1], chunk[-1]]

    def discard(self, key: K) -> None:
        """Without it from now on; a key that is not there changes nothing."""
        at = inside = 0
        if key != self.first:
            at = bisect_left(self._ends, key)
            if at == len(self._ends):
                return
            inside = bisect_left(self._chunks[at], key)
            if self._chunks[at][inside] != key:
                return
        chunk = self._chunks[at]
        del chunk[inside]
        if not chunk:
            del self._chunks[at], self._ends[at]
        elif inside == len(chunk):
            self._ends[at] = chunk[-1]
        if at == inside == 0:
            self.first = self._chunks[0][0] if self._chunks else None

    def place(self, key: K) -> int:
        """How many keys are lower."""
        at = bisect_left(self._ends, key)
        inside = bisect_left(self._chunks[at], key) if at < len(self._chunks) else 0
        return sum(map(len, self._chunks[:at])) + inside
