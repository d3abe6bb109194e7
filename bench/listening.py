"""Event streams as a browser holds them, thousands of them in one process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

type Heard = Callable[[int, dict[str, Any]], None]

_AT_ONCE = 100  # streams that are being opened at a time


class Listeners:
    """Open streams. heard: called with the listener's place and the message, as it arrives."""

    def __init__(self, port: int, heard: Heard) -> None:
        self._port = port
        self._heard = heard
        self._opening = asyncio.Semaphore(_AT_ONCE)
        self._tasks: list[asyncio.Task[None]] = []
        self.broken = 0

    async def open(self, cookies: list[str]) -> None:
        """Returns when the server has greeted each of them."""
        greeted = [asyncio.get_running_loop().create_future() for _ in cookies]
        self._tasks = [
            asyncio.create_task(self._listen(place, cookie, greeted[place])) for place, cookie in enumerate(cookies)
        ]
        await asyncio.gather(*greeted)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, place: int, cookie: str, greeted: asyncio.Future[None]) -> None:
        try:
            async with self._opening:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                writer.write(_request("/live/", cookie))
                await self._read_until(reader, b"event: hello")
                greeted.set_result(None)
            try:
                while line := await reader.readline():
                    if line.startswith(b"data: {") and len(line) > len(b"data: {}\n"):
                        self._heard(place, json.loads(line[6:]))
                self.broken += 1
            finally:
                writer.close()
        except (OSError, EOFError) as error:
            self.broken += 1
            if not greeted.done():
                greeted.set_exception(error)

    async def _read_until(self, reader: asyncio.StreamReader, wanted: bytes) -> None:
        while line := await reader.readline():
            if line.startswith(wanted):
                return
        raise EOFError("the stream was refused")


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
