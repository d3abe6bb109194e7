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
pages = get_asgi_application()

from perezvon.foundation.live.hub import hub  # noqa: E402  (Django must be set up first)
from perezvon.foundation.live.streams import with_streams  # noqa: E402
from perezvon.foundation.outbox.relay import run_relay  # noqa: E402

served = with_streams(pages, "/live/")


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The ASGI application; the server's lifespan is that of the background tasks."""
    if scope["type"] == "lifespan":
        await _live_with_the_server(receive, send)
    else:
        await served(scope, receive, send)


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
