"""The manager interface (AMI), for the little that ARI cannot do: lines of text, each block answered once.

The password never crosses the wire: Asterisk gives a challenge, and its MD5 with the password is the key. Events are
not asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from itertools import count

from perezvon.connectors.asterisk_ari.settings import Settings
from perezvon.kernel.errors import PerezvonError, TryLater

_ANSWER_S = 10.0
_LONGEST_LINE = 1 << 16


class Manager:
    """One connection, opened when it is needed and again when it broke. One action at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._link: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()
        self._numbers = count(1)

    async def do(self, name: str, fields: dict[str, str]) -> bool:
        """Whether Asterisk did it. Raises TryLater when it is away or does not let us in."""
        async with self._turn:
            try:
                async with asyncio.timeout(_ANSWER_S):
                    if self._link is None:
                        await self._open()
                    return (await self._ask(name, fields)).get("response") == "Success"
            except (OSError, TimeoutError, EOFError, ValueError) as away:
                await self._close()
                raise TryLater(switch="asterisk_ari") from away
            except (PerezvonError, asyncio.CancelledError):
                await self._close()
                raise

    async def close(self) -> None:
        async with self._turn:
            await self._close()

    async def _open(self) -> None:
        host, port = self._settings.manager
        self._link = await asyncio.open_connection(host, port, limit=_LONGEST_LINE)
        await self._link[0].readline()  # the greeting
        challenge = (await self._ask("Challenge", {"AuthType": "MD5"})).get("challenge", "")
        key = hashlib.md5((challenge + self._settings.password).encode(), usedforsecurity=False).hexdigest()
        fields = {"AuthType": "MD5", "Username": self._settings.user, "Key": key, "Events": "off"}
        if (await self._ask("Login", fields)).get("response") != "Success":
            raise TryLater(switch="asterisk_ari", manager="refused")

    async def _ask(self, name: str, fields: dict[str, str]) -> dict[str, str]:
        if self._link is None:
            raise EOFError
        reader, writer = self._link
        action_id = str(next(self._numbers))
        lines = [f"{key}: {_flat(value)}" for key, value in {"Action": name, "ActionID": action_id, **fields}.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        await writer.drain()
        while True:
            block = await _block(reader)
            if block.get("actionid") == action_id:
                return block

    async def _close(self) -> None:
        if self._link is not None:
            self._link[1].close()
            with contextlib.suppress(OSError):
                await self._link[1].wait_closed()
            self._link = None


async def _block(reader: asyncio.StreamReader) -> dict[str, str]:
    """The next lines up to an empty one, keys in small letters."""
    block: dict[str, str] = {}
    while line := (await reader.readline()).decode("utf-8", "replace"):
        if not line.strip():
            return block
        key, _, value = line.partition(":")
        block[key.strip().lower()] = value.strip()
    raise EOFError


def _flat(value: str) -> str:
    """A line break would begin another header."""
    return "".join(letter for letter in value if letter.isprintable())
