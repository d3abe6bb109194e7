"""A server that speaks ARI as an Asterisk once did: it answers and tells in recorded order.

A recording is of another client, so ids and some requests differ. Recorded ids become those that our connector
chooses; what it asks for and the recording does not know succeeds quietly; and where the recording waits for a request
(`_TURNS`), the story goes on when ours comes, or when it has not come for a while.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

TRACES = Path(__file__).parents[5] / "tests/traces/asterisk"
_PATIENCE_S, _UNKNOWN_S = 0.5, 0.2
_TURNS = {
    ("POST", r"/channels"): "dial",
    ("POST", r"/channels/create"): "dial",
    ("POST", r"/channels/([^/]+)/answer"): "answer",
    ("POST", r"/bridges/([^/]+)/addChannel"): "add",
    ("POST", r"/channels/([^/]+)/play(?:/(.+))?"): "play",
    ("DELETE", r"/channels/([^/]+)"): "hang up",
}
_LISTS: dict[str, Any] = {"/channels": [], "/bridges": [], "/recordings/stored": []}


def scenarios() -> Iterator[str]:
    return (path.stem for path in sorted(TRACES.glob("*.jsonl")) if not path.stem.endswith((".ami", ".ari")))


class Replay:
    """phones: names of the endpoints that are there."""

    def __init__(self, scenario: str, phones: tuple[str, ...]) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.unauthorised = 0
        self.is_deaf = False
        self._phones = phones
        self._steps = [json.loads(line) for line in (TRACES / f"{scenario}.jsonl").read_text().splitlines()]
        self._ids: dict[str, str] = {}
        self._sockets: list[web.WebSocketResponse] = []
        self._pending: list[tuple[str, str, asyncio.Future[web.Response]]] = []
        self._telling: asyncio.Task[None] | None = None

    async def open(self) -> str:
        """Gives the URL."""
        app = web.Application()
        app.router.add_get("/ari/events", self._events)
        app.router.add_route("*", "/ari/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
        for socket in self._sockets:
            await socket.close()
        await self._runner.cleanup()

    def begin(self) -> None:
        self._telling = asyncio.create_task(self._tell())

    async def over(self) -> None:
        """The story has been told."""
        assert self._telling is not None
        await self._telling

    async def tell(self, event: dict[str, Any]) -> None:
        """One event more, unless the sockets are open and dead."""
        for socket in self._sockets:
            if not socket.closed and not self.is_deaf:
                await socket.send_json(event)

    # --- telling ----------------------------------------------------------------------------------

    async def _tell(self) -> None:
        for step in self._steps:
            if step["dir"] == "event":
                await self._say(step["event"])
            elif (turn := _turn_of(step["method"], step["path"])) is not None:
                await self._await_turn(turn[0], turn[1], step)

    async def _await_turn(self, kind: str, recorded_id: str, step: dict[str, Any]) -> None:
        until = asyncio.get_running_loop().time() + _PATIENCE_S
        while (asked := self._next(kind)) is None:
            if asyncio.get_running_loop().time() > until:
                return
            await asyncio.sleep(0.01)
        given_id, answer = asked
        said = step.get("response")
        if kind in {"dial", "play"} and isinstance(said, dict):
            recorded_id = said.get("id", "")
        if kind in {"dial", "add", "play"} and recorded_id and given_id:
            self._ids[recorded_id] = given_id
        text = self._ours(json.dumps(said)) if said is not None else None
        if answer.done():
            return
        answer.set_result(web.Response(status=step["status"], text=text, content_type="application/json"))

    def _next(self, kind: str) -> tuple[str, asyncio.Future[web.Response]] | None:
        for index, (asked, given_id, answer) in enumerate(self._pending):
            if asked == kind and not answer.done():
                del self._pending[index]
                return given_id, answer
        return None

    async def _say(self, event: dict[str, Any]) -> None:
        """Our dialplan gives the line first; the recorded one said what kind of call it was before."""
        if event["type"] == "StasisStart" and event["args"][:1] in (["inbound"], ["agentcall"]):
            event["args"] = [*event["args"][1:], ""]
        for socket in self._sockets:
            if not socket.closed:
                await socket.send_str(self._ours(json.dumps(event)))
        await asyncio.sleep(0.02)

    def _ours(self, text: str) -> str:
        for recorded, given in self._ids.items():
            text = text.replace(json.dumps(recorded), json.dumps(given))
        return text

    # --- answering --------------------------------------------------------------------------------

    async def _events(self, request: web.Request) -> web.WebSocketResponse:
        self._authorise(request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.ERROR:
                break
        return socket

    async def _answer(self, request: web.Request) -> web.Response:
        self._authorise(request)
        path, query = "/" + request.match_info["path"], dict(request.query)
        self.asked.append((request.method, path, query))
        if path == "/asterisk/info":
            return web.json_response({"system": {"version": "22.10.1"}})
        if path == "/endpoints/PJSIP":
            return web.json_response([{"resource": name, "state": "online"} for name in self._phones])
        if request.method == "GET":
            return web.json_response(_LISTS[path]) if path in _LISTS else web.json_response({}, status=404)
        if path == "/events/user/perezvon":
            await self.tell({"type": "ChannelUserevent", "userevent": (await request.json())["variables"]})
            return web.Response(status=204)
        return await self._in_turn(request.method, path, query)

    async def _in_turn(self, method: str, path: str, query: dict[str, str]) -> web.Response:
        turn = _turn_of(method, path)
        if turn is None:
            return web.Response(status=204)
        given_id = query.get("channelId", turn[1]) if turn[0] == "dial" else turn[1]
        answer: asyncio.Future[web.Response] = asyncio.get_running_loop().create_future()
        self._pending.append((turn[0], given_id, answer))
        try:
            return await asyncio.wait_for(answer, _UNKNOWN_S)
        except TimeoutError:
            return web.Response(status=204)

    def _authorise(self, request: web.Request) -> None:
        if not request.headers.get("Authorization", "").startswith("Basic ") or "api_key" in request.query:
            self.unauthorised += 1


def _turn_of(method: str, path: str) -> tuple[str, str] | None:
    """Which turn it is, and the id that it names."""
    for (wanted, pattern), kind in _TURNS.items():
        if method == wanted and (found := re.fullmatch(pattern, path)):
            return kind, (found.groups()[-1] or "") if found.groups() else ""
    return None
