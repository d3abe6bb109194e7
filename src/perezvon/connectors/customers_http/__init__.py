"""A company's base of customers that answers a GET with JSON; where it is and how it reads is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import aiohttp

from perezvon.kernel.errors import TryLater
from perezvon.kernel.paths import value_at
from perezvon.ports.customers import MOST_FOUND, NAMES, OutsideCustomer, SourceSettings

WITHIN_S = 3.0  # somebody is on the line
MOST_BYTES = 200_000
_LONGEST, _MOST_VALUES = 200, 10
_NOBODY = {204, 404}


class HttpCustomers:
    def __init__(self, settings: SourceSettings, within_s: float = WITHIN_S) -> None:
        self._settings, self._within_s = settings, within_s

    def find_by_phone(self, digits: str) -> list[OutsideCustomer]:
        # Not asyncio.run: it waits for a look-up of the host's name that may outlast our own time.
        loop = asyncio.new_event_loop()
        try:
            body = loop.run_until_complete(self._get(digits))
        finally:
            loop.close()
        return self._read(body) if body else []

    async def _get(self, digits: str) -> bytes:
        """What it says, b"" for nobody."""
        url = self._settings.url.replace("{phone}", digits)
        timeout = aiohttp.ClientTimeout(total=self._within_s)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
                session.get(url, headers=self._headers(), allow_redirects=False) as answer,
            ):
                if answer.status in _NOBODY:
                    return b""
                if answer.status != 200:
                    raise TryLater(why=f"HTTP {answer.status}")
                return await _bounded(answer)
        except (aiohttp.ClientError, OSError, ValueError) as error:  # OSError: its time is over, too
            raise TryLater(why=type(error).__name__) from None

    def _headers(self) -> dict[str, str]:
        name, _colon, text = self._settings.header.partition(":")
        own = {name.strip(): text.strip().replace("{secret}", self._settings.secret)} if name.strip() else {}
        return {"Accept": "application/json", "Accept-Encoding": "identity", **own}

    def _read(self, body: bytes) -> list[OutsideCustomer]:
        try:
            said: object = json.loads(body)
        except (ValueError, RecursionError):
            raise TryLater(why="JSON") from None
        rows = value_at(said, self._settings.paths.get("list", ""))
        found = (self._customer(row) for row in (rows if isinstance(rows, list) else [rows]) if isinstance(row, dict))
        return [one for one in found if one.key][:MOST_FOUND]

    def _customer(self, row: object) -> OutsideCustomer:
        paths = self._settings.paths

        def texts(name: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(_texts(row, paths.get(name, ""))))[:_MOST_VALUES]

        def text(path: str) -> str:
            return next(_texts(row, path), "")

        url = text(paths.get("url", ""))
        return OutsideCustomer(
            key=text(paths.get("key", "")),
            **{name: text(paths.get(name, "")) for name in NAMES},
            phones=texts("phones"),
            emails=texts("emails"),
            facts=tuple((label, told) for label, path in self._settings.facts if (told := text(path)))[:_MOST_VALUES],
            url=url if url.startswith(("https://", "http://")) else "",
        )


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(16_384):
        body += chunk
        if len(body) > MOST_BYTES:
            raise TryLater(why="size")
    return bytes(body)


def _texts(row: object, paths: str) -> Iterator[str]:
    """Of each path, parted by commas: a text, a number, or a list of such. Anything else is nothing."""
    for path in filter(None, (one.strip() for one in paths.split(","))):
        value = value_at(row, path)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str | int | float) and not isinstance(one, bool) and (text := _plain(str(one))):
                yield text


def _plain(text: str) -> str:
    """One line that can be kept: no control signs and no halves of signs."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())[:_LONGEST].strip()
