"""Live messages to browsers: one reader of the outbox per process, one bounded queue per open stream.

An open stream holds no database connection. A browser that reconnects says which message it saw last; if that is
still in memory it gets what it missed, otherwise `resync`, and fetches everything afresh.

A message is made into bytes once and the same bytes wait in every stream's queue. A stream's whole queue is one
write, so the more there is to say the less each message costs.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Iterable

from perezvon.foundation.outbox.relay import Follower, Message
from perezvon.foundation.outbox.services import LIVE

REMEMBERED = 5000
QUEUE_LIMIT = 500
HEARTBEAT_S = 15.0

RESYNC = b"event: resync\ndata: {}\n\n"
# An event, not a comment: a page cannot see comments, and must notice a link that died silently.
HEARTBEAT = b"event: alive\ndata: {}\n\n"
# The database is away: nothing that is done now is stored. A conversation goes on, and its desk must say so.
SAVING = {on: f'event: saving\ndata: {{"on": {word}}}\n\n'.encode() for on, word in ((True, "true"), (False, "false"))}


class Stream:
    """What waits for one browser. audiences: the names it answers to."""

    __slots__ = ("_heart", "_is_over", "_loop", "_reader", "_waiting", "audiences")

    def __init__(self, audiences: tuple[str, ...]) -> None:
        self.audiences = audiences
        self._loop = asyncio.get_running_loop()
        self._waiting: list[bytes] = []
        self._reader: asyncio.Future[None] | None = None
        self._is_over = False
        # One timer a stream, set again when it rings: none is made and cancelled with every message.
        self._heart = self._loop.call_later(HEARTBEAT_S, self._beat)

    def offer(self, chunk: bytes) -> None:
        """One more to write; a browser that did not keep up is told to fetch everything instead."""
        if len(self._waiting) >= QUEUE_LIMIT:
            self._waiting = [RESYNC]
        else:
            self._waiting.append(chunk)
        self._wake()

    async def read(self) -> bytes:
        """All that waits, as soon as there is anything; nothing when the stream is over."""
        while not self._waiting and not self._is_over:
            self._reader = self._loop.create_future()
            await self._reader
        waiting, self._waiting = self._waiting, []
        return b"" if self._is_over else waiting[0] if len(waiting) == 1 else b"".join(waiting)

    def end(self) -> None:
        """The browser has gone."""
        self._is_over = True
        self._heart.cancel()
        self._wake()

    def _wake(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None and not reader.done():
            reader.set_result(None)

    def _beat(self) -> None:
        self.offer(HEARTBEAT)
        self._heart = self._loop.call_later(HEARTBEAT_S, self._beat)


class Hub:
    """Hands each live message to the streams that may hear it."""

    def __init__(self) -> None:
        self._by_audience: dict[str, set[Stream]] = {}
        self._memory: deque[tuple[int, tuple[str, ...], bytes]] = deque(maxlen=REMEMBERED)
        self._oldest = 0
        self._saving = True
        self.last = 0
        self.streams = 0

    def tell_saving(self, on: bool) -> None:
        """Whether the database can be reached, to everybody, when it has changed."""
        if on is self._saving:
            return
        self._saving = on
        for stream in set[Stream]().union(*self._by_audience.values()):
            stream.offer(SAVING[on])

    async def run(self, url: str) -> None:
        follower = Follower(url, topics=[LIVE])
        async for batch in follower.batches(
            on_break=lambda: self.tell_saving(False), on_link=lambda: self.tell_saving(True)
        ):
            if not batch and follower.cursor is not None:
                self._oldest = self.last = follower.cursor
            for message in batch:
                self.hand_out(message)

    def hand_out(self, message: Message) -> None:
        chunk = encode(message)
        if len(self._memory) == REMEMBERED:
            self._oldest = self._memory[0][0]
        self._memory.append((message.number, message.audience, chunk))
        self.last = message.number
        for stream in self._hearers(message.audience):
            stream.offer(chunk)

    def open(self, audiences: Iterable[str], last_seen: int | None) -> Stream:
        """A stream, greeted and given what it missed. Whoever opens it closes it."""
        stream = Stream(tuple({sys.intern(name) for name in audiences}))  # the same names, thousands of times
        # Its id must not run ahead of what was missed: a browser that breaks off here asks again from it.
        greeted = last_seen if last_seen is not None and last_seen <= self.last else self.last
        stream.offer(f"retry: 1000\nevent: hello\nid: {greeted}\ndata: {{}}\n\n".encode())
        if not self._saving:
            stream.offer(SAVING[False])
        for chunk in self._missed(stream.audiences, last_seen):
            stream.offer(chunk)
        for name in stream.audiences:
            self._by_audience.setdefault(name, set()).add(stream)
        self.streams += 1
        return stream

    def close(self, stream: Stream) -> None:
        """Forget it; whoever reads from it is told that it is over."""
        self.streams -= 1
        stream.end()
        for name in stream.audiences:
            self._by_audience[name].discard(stream)
            if not self._by_audience[name]:
                del self._by_audience[name]

    def _hearers(self, audience: tuple[str, ...]) -> Iterable[Stream]:
        """Each stream once, by however many names it is meant."""
        groups = [group for name in audience if (group := self._by_audience.get(name))]
        return groups[0] if len(groups) == 1 else set().union(*groups)

    def _missed(self, audiences: tuple[str, ...], last_seen: int | None) -> list[bytes]:
        if last_seen is None:
            return []
        if last_seen < self._oldest or last_seen > self.last:
            return [RESYNC]
        since = (one for one in self._memory if one[0] > last_seen)
        names = frozenset(audiences)
        return [chunk for _, audience, chunk in since if not names.isdisjoint(audience)]


def encode(message: Message) -> bytes:
    return f"id: {message.number}\nevent: change\ndata: {message.text}\n\n".encode()


hub = Hub()
