"""Driving a simulated exchange that lives in another process: a little HTTP on a Unix socket.

    POST   /calls                   a Script without arrives_at       -> {call_id, leg_id}
    GET    /calls                                                     -> [{call_id, line, caller, legs}]
    POST   /calls/{call_id}/hang_up                 the customer hangs up
    POST   /calls/{call_id}/press   {digits}        the customer presses keys
    POST   /legs/{leg_id}/hang_up, /legs/{leg_id}/decline
    PUT    /phones/{address}        a Phone         the operator's phone comes within reach
    DELETE /phones/{address}                        and goes
    PUT    /far_ends/{number}       a FarEnd        what happens when it is dialled
    PUT    /link                    {up}            the engine's link to the exchange

Whoever can open the socket may do all this, so it lies in a folder of the product's own user.
"""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from perezvon.connectors.pbx_simulator.scripts import FarEnd, Phone, Script
from perezvon.cores.switchboard import Call
from perezvon.kernel.ids import CallId, LegId

if TYPE_CHECKING:
    from perezvon.connectors.pbx_simulator.connector import PbxSimulator

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_SCRIPT, _PHONE, _FAR_END = TypeAdapter(Script), TypeAdapter(Phone), TypeAdapter(FarEnd)
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC).isoformat()


def make_control(pbx: PbxSimulator) -> web.Application:
    """The application that drives `pbx`."""
    control = _Control(pbx)
    app = web.Application(middlewares=[_say_what_is_wrong])
    app.add_routes(
        [
            web.post("/calls", control.place_call),
            web.get("/calls", control.list_calls),
            web.post("/calls/{call_id}/hang_up", control.caller_hangs_up),
            web.post("/calls/{call_id}/press", control.press),
            web.post("/legs/{leg_id}/hang_up", control.hang_up),
            web.post("/legs/{leg_id}/pick_up", control.pick_up),
            web.post("/legs/{leg_id}/decline", control.decline),
            web.put("/phones/{address}", control.phone_comes),
            web.delete("/phones/{address}", control.phone_leaves),
            web.put("/far_ends/{number}", control.set_far_end),
            web.put("/link", control.set_link),
        ]
    )
    return app


@web.middleware
async def _say_what_is_wrong(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (ValidationError, ValueError, KeyError) as wrong:
        return web.json_response({"error": str(wrong)}, status=400)
    except LookupError as missing:
        return web.json_response({"error": f"not there: {missing}"}, status=404)


class _Control:
    def __init__(self, pbx: PbxSimulator) -> None:
        self._pbx = pbx

    async def place_call(self, request: web.Request) -> web.Response:
        script = _SCRIPT.validate_python({"arrives_at": _ANY_TIME, **await request.json()})
        call_id = self._pbx.place_call(script.line, script.caller, script)
        return web.json_response({"call_id": str(call_id), "leg_id": str(self._pbx.customer(call_id).leg_id)})

    async def list_calls(self, _: web.Request) -> web.Response:
        return web.json_response([_describe(call) for call in self._pbx.simulator.board.calls.values()])

    async def caller_hangs_up(self, request: web.Request) -> web.Response:
        self._pbx.caller_hangs_up(CallId(UUID(request.match_info["call_id"])))
        return web.json_response({})

    async def press(self, request: web.Request) -> web.Response:
        self._pbx.press(CallId(UUID(request.match_info["call_id"])), str((await request.json())["digits"]))
        return web.json_response({})

    async def hang_up(self, request: web.Request) -> web.Response:
        self._pbx.hang_up(_leg_id(request))
        return web.json_response({})

    async def pick_up(self, request: web.Request) -> web.Response:
        self._pbx.pick_up(_leg_id(request))
        return web.json_response({})

    async def decline(self, request: web.Request) -> web.Response:
        self._pbx.decline(_leg_id(request))
        return web.json_response({})

    async def phone_comes(self, request: web.Request) -> web.Response:
        self._pbx.operator_comes(request.match_info["address"], _PHONE.validate_python(await request.json()))
        return web.json_response({})

    async def phone_leaves(self, request: web.Request) -> web.Response:
        self._pbx.operator_leaves(request.match_info["address"])
        return web.json_response({})

    async def set_far_end(self, request: web.Request) -> web.Response:
        self._pbx.set_far_end(request.match_info["number"], _FAR_END.validate_python(await request.json()))
        return web.json_response({})

    async def set_link(self, request: web.Request) -> web.Response:
        if (await request.json())["up"]:
            self._pbx.mend_link()
        else:
            self._pbx.break_link()
        return web.json_response({})


def _leg_id(request: web.Request) -> LegId:
    return LegId(UUID(request.match_info["leg_id"]))


def _describe(call: Call) -> dict[str, object]:
    legs = [{**asdict(leg.snapshot()), "leg_id": str(leg.leg_id)} for leg in call.legs.values()]
    return {"call_id": str(call.call_id), "line": call.line, "caller": call.caller, "legs": legs}


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class RemoteControl:
    """The same from a program that does not run an event loop. Raises RuntimeError with what the exchange says."""

    def __init__(self, socket_path: str) -> None:
        self._path = socket_path

    def place_call(self, line: str, caller: str | None, **script: Any) -> dict[str, str]:
        """`call_id` and `leg_id` of the new call; `script`: further fields of a Script."""
        placed: dict[str, str] = self.ask("POST", "/calls", {"line": line, "caller": caller, **script})
        return placed

    def caller_hangs_up(self, call_id: str) -> None:
        self.ask("POST", f"/calls/{call_id}/hang_up")

    def press(self, call_id: str, digits: str) -> None:
        self.ask("POST", f"/calls/{call_id}/press", {"digits": digits})

    def pick_up(self, address: str) -> None:
        """Whoever is rung at this number, or on this phone, answers."""
        for call in self.ask("GET", "/calls"):
            for leg in call["legs"]:
                if leg["address"] == address and not leg["answered"]:
                    self.ask("POST", f"/legs/{leg['leg_id']}/pick_up")

    def operator_comes(self, address: str, **phone: Any) -> None:
        self.ask("PUT", f"/phones/{address}", phone)

    def operator_leaves(self, address: str) -> None:
        self.ask("DELETE", f"/phones/{address}")

    def set_far_end(self, number: str, **far_end: Any) -> None:
        self.ask("PUT", f"/far_ends/{number}", far_end)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        connection = _UnixConnection(self._path)
        try:
            connection.request(method, path, json.dumps(body or {}), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(said["error"])
        return said
