"""What a request may bring is limited before it is kept anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest

from perezvon.foundation.web.bodies import with_limited_bodies

MOST = 1000


class Pages:
    """An application that reads its body to the end and answers how long it was."""

    read = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            self.read += len(message.get("body", b""))
            more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


async def ask(pages: Pages, chunks: list[bytes], **headers: str) -> tuple[int, bytes]:
    said: list[dict[str, Any]] = []
    coming = iter(chunks)

    async def receive() -> dict[str, Any]:
        chunk = next(coming, None)
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    scope = {
        "type": "http",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    await with_limited_bodies(pages, MOST)(scope, receive, send)
    return said[0]["status"], said[1]["body"]


async def test_what_fits_goes_through():
    pages = Pages()
    assert await ask(pages, [b"x" * 500, b"x" * 500], content_length="1000") == (200, b"ok")
    assert pages.read == MOST


async def test_what_says_that_it_is_too_much_is_not_read():
    pages = Pages()
    status, body = await ask(pages, [b"x" * 5000], content_length="5000", accept_language="en-GB")
    assert (status, pages.read) == (413, 0)
    assert json.loads(body) == {
        "code": "perezvon.too_much",
        "message": "This is too large for the server. Nothing was taken.",
    }


@pytest.mark.parametrize("length", ["10", "-5", "many", ""])
async def test_what_becomes_too_much_is_cut(length):
    pages = Pages()
    status, _body = await ask(pages, [b"x" * 400] * 1000, content_length=length)
    assert status == 413
    assert pages.read <= MOST
