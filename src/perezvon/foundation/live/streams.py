"""Event streams, beside Django: its part ends when it has said who listens.

Thousands of desks hold a stream for a whole shift. Were each a response of Django's, its request, session and
middleware would stay in memory for as long, and every message would pass through them. So the page `/live/` answers
at once with the listener's audiences, as pages do that leave a file to the server before them, and what follows is
a short loop between the hub's queue and the network.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from perezvon.foundation.live.hub import hub

HANDED_OVER = "application/vnd.perezvon.listener"
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

type Scope = dict[str, Any]
type Message = Mapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def with_streams(pages: Application, path: str) -> Application:
    """`pages`, but what they hand over at `path` becomes an event stream."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != path:
            await pages(scope, receive, send)
            return
        said = await _answer(pages, scope)
        headers = dict(said[0].get("headers", ()))
        if headers.get(b"Content-Type", b"").decode() != HANDED_OVER:
            for message in said:
                await send(message)
            return
        listener = json.loads(b"".join(message.get("body", b"") for message in said[1:]))
        said.clear()  # these would be kept as long as the stream
        scope.clear()
        await _stream(listener, receive, send)

    return application


async def _answer(pages: Application, scope: Scope) -> list[Message]:
    """What the page says to a request without a body."""
    said: list[Message] = []
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        return next(asked, None) or await asyncio.get_running_loop().create_future()

    async def hear(message: Message) -> None:
        said.append(message)

    await pages(scope, receive, hear)
    return said


async def _stream(listener: Message, receive: Receive, send: Send) -> None:
    stream = hub.open(listener["audiences"], listener["seen"])
    leaving = asyncio.ensure_future(_leaves(receive))
    leaving.add_done_callback(lambda _: stream.end())
    try:
        await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
        while chunk := await stream.read():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    finally:
        leaving.cancel()
        hub.close(stream)


async def _leaves(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
