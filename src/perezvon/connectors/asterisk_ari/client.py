"""ARI over HTTP and a websocket: one session, its password in a header and nowhere else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp

from perezvon.connectors.asterisk_ari.settings import Settings
from perezvon.kernel.errors import Refused, TryLater

_ANSWER_S = 10.0
_LARGEST_EVENT = 1 << 20
_LARGEST_LIST = 32 << 20


class WrongPassword(Refused):
    """Asterisk does not know this user, or his password is another one."""

    code = "asterisk.wrong_password"


@dataclass(frozen=True, slots=True)
class Answer:
    """status: of HTTP. said: the JSON that came, if any did."""

    status: int
    said: Any = None

    @property
    def is_good(self) -> bool:
        return self.status < 400


class Client:
    """Belongs to one event loop. Every method raises TryLater when Asterisk is away."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self, method: str, path: str, query: dict[str, str] | None = None, body: dict[str, object] | None = None
    ) -> Answer:
        """Whatever Asterisk answers, a refusal too. Raises WrongPassword."""
        try:
            async with self._open().request(method, _url(path), params=query or {}, json=body) as response:
                if response.status in {401, 403}:
                    raise WrongPassword(user=self._settings.user)
                return Answer(response.status, _parsed(await _limited(response)))
        except (aiohttp.ClientError, OSError, TimeoutError) as away:
            raise TryLater(switch="asterisk_ari") from away

    async def get(self, path: str) -> Any:
        """What is there. Raises TryLater also when Asterisk refuses to say."""
        answer = await self.ask("GET", path)
        if not answer.is_good:
            raise TryLater(switch="asterisk_ari", path=path, status=answer.status)
        return answer.said

    async def size(self, path: str) -> int | None:
        """Bytes of a file, without bringing it; None when it is not there."""
        try:
            async with self._open().get(_url(path)) as response:
                return response.content_length if response.status == 200 else None
        except (aiohttp.ClientError, OSError, TimeoutError) as away:
            raise TryLater(switch="asterisk_ari") from away

    async def pieces(self, path: str) -> AsyncIterator[bytes]:
        """A file, piece by piece."""
        try:
            async with self._open().get(_url(path), timeout=aiohttp.ClientTimeout(sock_read=_ANSWER_S)) as response:
                response.raise_for_status()
                async for piece in response.content.iter_chunked(1 << 16):
                    yield piece
        except (aiohttp.ClientError, OSError, TimeoutError) as away:
            raise TryLater(switch="asterisk_ari") from away

    def listen(self, app: str) -> aiohttp.client._WSRequestContextManager:
        """The websocket of events; enter it."""
        timeout = aiohttp.ClientWSTimeout(ws_close=2)
        return self._open().ws_connect(
            "/ari/events", params={"app": app}, heartbeat=20, max_msg_size=_LARGEST_EVENT, timeout=timeout
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                self._settings.url,
                auth=aiohttp.BasicAuth(self._settings.user, self._settings.password, encoding="utf-8"),
                timeout=aiohttp.ClientTimeout(total=_ANSWER_S),
            )
        return self._session


def _url(path: str) -> str:
    return "/ari" + quote(path, safe="/:;=,.-_~*+%")


async def _limited(response: aiohttp.ClientResponse) -> bytes:
    said = await response.content.read(_LARGEST_LIST)
    while not response.content.at_eof() and len(said) < _LARGEST_LIST:
        said += await response.content.read(_LARGEST_LIST - len(said))
    return said


def _parsed(said: bytes) -> Any:
    try:
        return json.loads(said) if said else None
    except ValueError:
        return None
