"""A limit for what a request may bring: Django takes a body in whole before any view is asked."""

from __future__ import annotations

import json

from django.utils import translation
from django.utils.translation import gettext as _

from perezvon.foundation.live.streams import Application, Message, Receive, Scope, Send

CODE = "perezvon.too_much"


class _TooMuch(Exception):
    """More came than was announced."""


def with_limited_bodies(pages: Application, most: int) -> Application:
    """`pages`, but a request of more than `most` bytes is answered with 413: unread when it says so itself, else as
    soon as it is too much."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await pages(scope, receive, send)
            return
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length[:20]) > most:
            await _refuse(headers, send)
            return
        try:
            await pages(scope, _counted(receive, most), send)
        except _TooMuch:
            await _refuse(headers, send)

    return application


def _counted(receive: Receive, most: int) -> Receive:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise _TooMuch
        return message

    return counted


async def _refuse(headers: dict[bytes, bytes], send: Send) -> None:
    language = "en" if headers.get(b"accept-language", b"").startswith(b"en") else "ru"
    with translation.override(language):
        words = _("This is too large for the server. Nothing was taken.")
    body = json.dumps({"code": CODE, "message": words}).encode()
    said = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": said})
    await send({"type": "http.response.body", "body": body})
