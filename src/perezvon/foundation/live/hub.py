"""Live messages to browsers: one reader of the outbox per process, one bounded queue per open stream.

An open stream holds no database connection. A browser that reconnects says which message it saw last; if that is
still in memory it gets what it missed, otherwise `resync`, and fetches everything afresh.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

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


@dataclass(eq=False)
class Stream:
    """One browser. audiences: the names it answers to; full: it did not keep up and must resync."""

    audiences: frozenset[str]
    queue: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(QUEUE_LIMIT))

    def offer(self, chunk: bytes) -> None:
        try:
            self.queue.put_nowait(chunk)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(RESYNC)


class Hub:
    """Hands each live message to the streams that may hear it."""

    def __init__(self) -> None:
        self._by_audience: dict[str, set[Stream]] = {}
        self._memory: deque[tuple[int, frozenset[str], bytes]] = deque(maxlen=REMEMBERED)
        self._oldest = 0
        self._saving = True
        self.last = 0

    @property
    def streams(self) -> int:
        return len(self._all())

    def _all(self) -> set[Stream]:
        return {stream for streams in self._by_audience.values() for stream in streams}

    def tell_saving(self, on: bool) -> None:
        """Whether the database can be reached, to everybody, when it has changed."""
        if on is self._saving:
            return
        self._saving = on
        for stream in self._all():
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
        audience = frozenset(message.audience)
        chunk = encode(message)
        if len(self._memory) == REMEMBERED:
            self._oldest = self._memory[0][0]
        self._memory.append((message.number, audience, chunk))
        self.last = message.number
        for stream in {one for name in audience for one in self._by_audience.get(name, ())}:
            stream.offer(chunk)

    async def listen(self, audiences: Iterable[str], last_seen: int | None) -> AsyncIterator[bytes]:
        """The bytes of one event stream, until the browser goes."""
        stream = Stream(frozenset(audiences))
        for chunk in self._missed(stream.audiences, last_seen):
            stream.offer(chunk)
        for name in stream.audiences:
            self._by_audience.setdefault(name, set()).add(stream)
        try:
            # Its id must not run ahead of what was missed: a browser that breaks off here asks again from it.
            greeted = last_seen if last_seen is not None and last_seen <= self.last else self.last
            yield f"retry: 1000\nevent: hello\nid: {greeted}\ndata: {{}}\n\n".encode()
            if not self._saving:
                yield SAVING[False]
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        yield await stream.queue.get()
                except TimeoutError:
                    yield HEARTBEAT
        finally:
            for name in stream.audiences:
                self._by_audience[name].discard(stream)
                if not self._by_audience[name]:
                    del self._by_audience[name]

    def _missed(self, audiences: frozenset[str], last_seen: int | None) -> list[bytes]:
        if last_seen is None:
            return []
        if last_seen < self._oldest or last_seen > self.last:
            return [RESYNC]
        return [chunk for number, heard, chunk in self._memory if number > last_seen and heard & audiences]


def encode(message: Message) -> bytes:
    return f"id: {message.number}\nevent: change\ndata: {json.dumps(message.body)}\n\n".encode()


hub = Hub()
