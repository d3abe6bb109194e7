"""Asking the voice switch something over its socket."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from perezvon.kernel.errors import NotFound, PerezvonError, Refused, TryLater

_ANSWER_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a voice switch is reached: its socket, and the file with its token."""

    socket: Path
    token_file: Path


class Link:
    """A client session that reads the token when it opens: the switch may be started after us."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        """Raises TryLater while the switch has not made its token yet."""
        if self._session is None or self._session.closed:
            try:
                token = self._address.token_file.read_text().strip()
            except OSError as missing:
                raise TryLater(switch="webvoice") from missing
            self._session = aiohttp.ClientSession(
                "http://voice",
                connector=aiohttp.UnixConnector(str(self._address.socket)),
                headers={"Authorization": f"Bearer {token}"},
                timeout=aiohttp.ClientTimeout(total=_ANSWER_S),
            )
        return self._session

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The switch's answer. Raises TryLater when it is away, and what it refuses as the kind of its status."""
        try:
            async with self.session().request(method, path, json=body) as response:
                said: dict[str, Any] = await response.json()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as away:
            raise TryLater(switch="webvoice") from away
        if response.status >= 400:
            raise await self.refused(response.status, said)
        return said

    async def refused(self, status: int, said: dict[str, Any]) -> PerezvonError:
        """What the switch said, as an error of ours. After a wrong token, the file is read anew next time."""
        if status == WrongToken.http_status:
            await self.close()
        return refusal(status, said)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


class WrongToken(Refused):
    """The switch does not take our token; its file may have been made anew since we read it."""

    code = "webvoice.wrong_token"
    http_status = 401


_KINDS: dict[int, type[PerezvonError]] = {401: WrongToken, 404: NotFound, 429: TryLater, 503: TryLater}


def refusal(status: int, said: dict[str, Any]) -> PerezvonError:
    """What the switch said, as an error of ours with the switch's own code."""
    error = _KINDS.get(status, Refused)(error=said.get("error", ""))
    error.code = str(said.get("code", error.code))
    error.http_status = status
    return error
