"""What the web server serves: Django's pages, event streams and their hub, and a candidate for the relay."""

from __future__ import annotations

import asyncio
import os
import warnings
from contextlib import suppress
from typing import Any

from django.core.asgi import get_asgi_application

from perezvon.project import logs
from perezvon.project.environment import environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perezvon.project.settings")
logs.configure(as_json=environment().log_json)
# Static files and recordings are read from disk by plain iterators; that is all the warning says.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
django_pages = get_asgi_application()

from perezvon.foundation.live.hub import hub  # noqa: E402  (Django must be set up first)
from perezvon.foundation.live.streams import Message, Receive, Scope, Send, with_streams  # noqa: E402
from perezvon.foundation.outbox.relay import run_relay  # noqa: E402
from perezvon.foundation.web.bodies import with_limited_bodies  # noqa: E402

LONGEST_BODY = 512 * 2**20  # the largest file that an administrator may allow, and what surrounds it


async def pages(scope: Scope, receive: Receive, send: Send) -> None:
    """Django's answers, which are short and run to their end; what lasts is handed over to the streams."""
    await django_pages(scope, _run_to_the_end(receive), send)


served = with_limited_bodies(with_streams(pages, "/live/"), LONGEST_BODY)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application; the server's lifespan is that of the background tasks."""
    if scope["type"] == "lifespan":
        await _live_with_the_server(receive, send)
    else:
        await served(scope, receive, send)


def _run_to_the_end(receive: Receive) -> Receive:
    """`receive` for a page: after the request's body nothing is said any more, not even that the browser has gone.

    Django breaks a view off whose browser has gone, and may lose its database connection with it: some dozens of
    swaps that replaced each other left a worker without any. A page is short, and what it began it shall finish.
    """
    is_read = False

    async def receive_body() -> Message:
        nonlocal is_read
        if is_read:
            await asyncio.Event().wait()  # until Django, having answered, stops listening
        message = await receive()
        is_read = not message.get("more_body", False)
        return message

    return receive_body


async def _live_with_the_server(receive: Any, send: Any) -> None:
    url = environment().database
    await receive()
    tasks = [asyncio.create_task(hub.run(url)), asyncio.create_task(run_relay(url))]
    await send({"type": "lifespan.startup.complete"})
    await receive()
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await send({"type": "lifespan.shutdown.complete"})
