"""Event streams as a browser holds them, thousands of them in one process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

type Heard = Callable[[int, dict[str, Any]], None]

_AT_ONCE = 100  # streams that are being opened at a time
_KNOWN = 1000


class Listeners:
    """Open streams. heard: called with the listener's place and the message, as it arrives.

    As little work for each message as can be: the client shares the machine with what it measures.
    """

    def __init__(self, port: int, heard: Heard) -> None:
        self._port = port
        self._heard = heard
        self._opening = asyncio.Semaphore(_AT_ONCE)
        self._streams: list[_Stream] = []
        self._known: dict[bytes, dict[str, Any]] = {}

    @property
    def broken(self) -> int:
        """How many have ended by themselves."""
        return sum(stream.is_broken for stream in self._streams)

    async def open(self, cookies: list[str]) -> None:
        """Returns when the server has greeted each of them."""
        await asyncio.gather(*(self._open(place, cookie) for place, cookie in enumerate(cookies)))

    async def close(self) -> None:
        for stream in self._streams:
            stream.close()
        await asyncio.gather(*(stream.closed for stream in self._streams))

    async def _open(self, place: int, cookie: str) -> None:
        loop = asyncio.get_running_loop()
        async with self._opening:
            transport, stream = await loop.create_connection(
                lambda: _Stream(loop, lambda event: self._hear(place, event)), "127.0.0.1", self._port
            )
            self._streams.append(stream)
            transport.write(_request("/live/", cookie))
            await stream.greeted

    def _hear(self, place: int, event: bytes) -> None:
        """The same bytes go to many: they are read once."""
        message = self._known.get(event)
        if message is None:
            if len(self._known) > _KNOWN:
                self._known.clear()
            message = self._known[event] = _message_in(event)
        if message:
            self._heard(place, message)


class _Stream(asyncio.Protocol):
    """One connection. It hears whole events, in whatever pieces they come."""

    def __init__(self, loop: asyncio.AbstractEventLoop, hear: Callable[[bytes], None]) -> None:
        self.greeted: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.is_broken = False
        self._hear = hear
        self._rest = b""
        self._is_wanted = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *events, self._rest = (self._rest + data).split(b"\n\n")
        for event in events:
            if b"event: hello" in event and not self.greeted.done():
                self.greeted.set_result(None)
            elif b"data: {" in event:
                self._hear(event[event.index(b"data: {") :])

    def connection_lost(self, error: Exception | None) -> None:
        self.is_broken = self._is_wanted
        self.closed.set_result(None)
        if not self.greeted.done():
            self.greeted.set_exception(EOFError("the stream was refused"))

    def close(self) -> None:
        self._is_wanted = False
        self._transport.close()


def _message_in(event: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.removeprefix(b"data: "))
    return found


def _request(path: str, cookie: str) -> bytes:
    lines = (f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookie}", "Accept: text/event-stream")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def wait_for(check: Callable[[], bool], within_s: float) -> bool:
    """Whether it came true in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while not check():
                await asyncio.sleep(0.02)
            return True
    return False
