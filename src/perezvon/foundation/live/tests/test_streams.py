"""An event stream as the web server sees it: from the request to the browser's leaving."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie

import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection
from django.test import Client

from perezvon.foundation.live.hub import hub
from perezvon.foundation.live.streams import with_streams
from perezvon.foundation.outbox.relay import Message
from perezvon.foundation.people.models import Role, User
from tests.support import eventually_async, in_database

pytestmark = pytest.mark.django_db(transaction=True)


class Browser:
    """One request to the application, and what came back."""

    def __init__(self, cookie: str = "", query: str = "") -> None:
        self.said: list[dict] = []
        self._gone = asyncio.Event()
        self._scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/live/",
            "raw_path": b"/live/",
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(b"host", b"localhost"), (b"cookie", cookie.encode())],
            "client": ("127.0.0.1", 4711),
            "server": ("127.0.0.1", 8000),
        }

    @property
    def status(self) -> int:
        return self.said[0]["status"] if self.said else 0

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode().lower(): value.decode() for name, value in self.said[0]["headers"]}

    @property
    def heard(self) -> str:
        return b"".join(one["body"] for one in self.said[1:]).decode()

    async def open(self) -> None:
        async def send(message: dict) -> None:
            self.said.append(message)

        await with_streams(get_asgi_application(), "/live/")(self._scope, self._receive, send)

    def leave(self) -> None:
        self._gone.set()

    async def _receive(self) -> dict:
        await self._gone.wait()
        return {"type": "http.disconnect"}


@asynccontextmanager
async def listening(cookie: str, query: str = ""):
    browser = Browser(cookie, query)
    task = asyncio.create_task(browser.open())
    await eventually_async(lambda: "event: hello" in browser.heard)
    try:
        yield browser
    finally:
        browser.leave()
        await asyncio.wait_for(task, 5)


@in_database
def sign_in() -> tuple[int, str]:
    """A person and the cookie of his session."""
    user = User.objects.create(login="olga", first_name="Olga", last_name="O", role=Role.objects.get(code="operator"))
    client = Client()
    client.force_login(user)
    cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value})
    return user.pk, cookies.output(header="", sep=";").strip()


def tell(number: int, *audience: str) -> None:
    hub.hand_out(Message(number, "live", f'{{"kind": "call", "id": "{number}", "version": 1}}', audience))


class TestAStream:
    async def test_is_open_to_one_who_is_signed_in_and_brings_what_is_told_him(self):
        user, cookie = await sign_in()

        async with listening(cookie) as browser:
            tell(hub.last + 1, f"user:{user}")
            tell(hub.last + 1, "user:0")
            await eventually_async(lambda: "event: change" in browser.heard)

            assert (browser.status, browser.headers["content-type"]) == (200, "text/event-stream")
            assert browser.heard.count("event: change") == 1

    async def test_begins_where_the_browser_broke_off(self):
        user, cookie = await sign_in()
        seen = hub.last
        tell(seen + 1, f"user:{user}")

        async with listening(cookie, query=f"seen={seen}") as browser:
            assert f"id: {seen + 1}\n" in browser.heard

    async def test_is_over_as_soon_as_the_browser_has_gone(self):
        _, cookie = await sign_in()
        before = hub.streams

        async with listening(cookie):
            assert hub.streams == before + 1

        assert hub.streams == before

    async def test_holds_no_database_connection(self):
        _, cookie = await sign_in()

        async with listening(cookie), listening(cookie), listening(cookie):
            busy = await in_database(_connections_in_use)()

        assert busy == 1  # the one that asked

    async def test_is_closed_to_others(self):
        browser = Browser()

        await browser.open()

        assert (browser.status, browser.heard) == (401, "")


def _connections_in_use() -> int:
    """Taken from this process's pool and not given back."""
    connection.ensure_connection()
    found = connection.pool.get_stats()
    return found["pool_size"] - found["pool_available"]
