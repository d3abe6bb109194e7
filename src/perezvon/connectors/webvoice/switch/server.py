"""The doors of the switch: HTTP on a Unix socket. Every request bears the token.

    for the engine
    POST   /do                    a command of the port                    -> 202
    GET    /events?confirmed=ID   lines of JSON: a Snapshot as of the last confirmed event, then events; an empty
                                  line now and then shows that the link lives. A new reader ends the one before it.
    POST   /confirm               {event_id}: everything up to it is stored
    GET    /health                                                         -> {calls, legs, phones, late_ms}

    for the pages, through the web process
    POST   /call                  {sdp, line, caller, record, address}     -> {sdp, call_id, leg_id, token}
    POST   /device/{agent}        {sdp, workplace, take}                   -> {sdp}
    DELETE /device/{agent}        the operator signs out
    POST   /echo                  {sdp, address}                           -> {sdp}
    POST   /digits/{token}        {digits}
    POST   /clear/{token}
    GET    /status/{token}                                                 -> {state, cause}

A refusal is {code, error} with the status of its kind. address: whose offers are counted together.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated
from uuid import UUID

import structlog
from aiohttp import web
from pydantic import BaseModel, StringConstraints, ValidationError

from perezvon.connectors.webvoice.switch.errors import BadRequest, TooLong, TooOften, WrongToken
from perezvon.connectors.webvoice.switch.exchange import Exchange
from perezvon.connectors.webvoice.switch.limits import Throttle
from perezvon.connectors.webvoice.switch.settings import Settings
from perezvon.connectors.webvoice.wire import COMMANDS, EVENTS, HEARTBEAT_S
from perezvon.kernel.errors import PerezvonError
from perezvon.ports.telephony import SwitchEvent

log = structlog.get_logger(__name__)

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
type _Short = Annotated[str, StringConstraints(max_length=64)]


class _Offer(BaseModel):
    sdp: Annotated[str, StringConstraints(min_length=1)]
    address: _Short = ""


class _Call(_Offer):
    line: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    caller: _Short | None = None
    record: bool = True


class _Phone(_Offer):
    workplace: _Short = ""
    take: bool = False


class _Digits(BaseModel):
    digits: Annotated[str, StringConstraints(pattern=r"^[0-9*#A-Da-d]{1,32}$")]


class _Confirmed(BaseModel):
    event_id: UUID


class Server:
    """late_ms: asked how late the mixer was at worst lately."""

    def __init__(self, exchange: Exchange, settings: Settings, token: str, late_ms: Callable[[], float]) -> None:
        self._exchange = exchange
        self._token = token
        self._late_ms = late_ms
        self._throttle = Throttle(settings.offers_per_minute)
        self._reader: asyncio.Event | None = None
        self.app = web.Application(
            middlewares=[_say_what_is_wrong, self._check_token], client_max_size=settings.body_bytes
        )
        self.app.add_routes(
            [
                web.post("/do", self.do),
                web.get("/events", self.events),
                web.post("/confirm", self.confirm),
                web.get("/health", self.health),
                web.post("/call", self.call),
                web.post("/device/{agent:[0-9]+}", self.connect_phone),
                web.delete("/device/{agent:[0-9]+}", self.disconnect_phone),
                web.post("/echo", self.echo),
                web.post("/digits/{token}", self.digits),
                web.post("/clear/{token}", self.clear),
                web.get("/status/{token}", self.status),
            ]
        )

    @web.middleware
    async def _check_token(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            raise WrongToken
        return await handler(request)

    # --- for the engine ---------------------------------------------------------------------------

    async def do(self, request: web.Request) -> web.Response:
        body = await request.json()
        command = COMMANDS.load(body) if isinstance(body, dict) else None
        if command is None:
            raise BadRequest
        self._exchange.do(command)
        return web.json_response({}, status=202)

    async def confirm(self, request: web.Request) -> web.Response:
        self._exchange.confirm((await _read(request, _Confirmed)).event_id)
        return web.json_response({})

    async def events(self, request: web.Request) -> web.StreamResponse:
        if confirmed := request.query.get("confirmed"):
            self._exchange.confirm(UUID(confirmed))
        displaced = self._take_over()
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):  # the engine went away, it will be back
            async for line in self._lines(displaced):
                await response.write(line)
        return response

    def _take_over(self) -> asyncio.Event:
        if self._reader is not None:
            self._reader.set()
            self._exchange.news.set()
        self._reader = asyncio.Event()
        return self._reader

    async def _lines(self, displaced: asyncio.Event) -> AsyncIterator[bytes]:
        yield _line(self._exchange.snapshot())
        last: UUID | None = None
        loop = asyncio.get_running_loop()
        quiet_since = loop.time()
        while not displaced.is_set():
            self._exchange.news.clear()
            for event in self._exchange.journal.after(last):
                last, quiet_since = event.event_id, loop.time()
                yield _line(event)
            if loop.time() - quiet_since >= HEARTBEAT_S:  # news may be rung although there is nothing to tell
                quiet_since = loop.time()
                yield b"\n"
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_S - (loop.time() - quiet_since)):
                    await self._exchange.news.wait()

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response({**self._exchange.figures(), "late_ms": round(self._late_ms(), 1)})

    # --- for the pages ----------------------------------------------------------------------------

    async def call(self, request: web.Request) -> web.Response:
        asked = await _read(request, _Call)
        self._count_offer(asked)
        placed = await self._exchange.place_call(
            asked.sdp, line=asked.line, caller=asked.caller or None, record=asked.record
        )
        return web.json_response(
            {
                "sdp": placed.answer,
                "call_id": str(placed.call_id),
                "leg_id": str(placed.leg_id),
                "token": placed.token,
            }
        )

    async def connect_phone(self, request: web.Request) -> web.Response:
        asked = await _read(request, _Phone)
        answer = await self._exchange.connect_phone(
            _address(request), asked.sdp, workplace=asked.workplace, take=asked.take
        )
        return web.json_response({"sdp": answer})

    async def disconnect_phone(self, request: web.Request) -> web.Response:
        self._exchange.disconnect_phone(_address(request))
        return web.json_response({})

    async def echo(self, request: web.Request) -> web.Response:
        asked = await _read(request, _Offer)
        self._count_offer(asked)
        return web.json_response({"sdp": await self._exchange.echo(asked.sdp)})

    async def digits(self, request: web.Request) -> web.Response:
        self._exchange.press(request.match_info["token"], (await _read(request, _Digits)).digits)
        return web.json_response({})

    async def clear(self, request: web.Request) -> web.Response:
        self._exchange.hang_up(request.match_info["token"])
        return web.json_response({})

    async def status(self, request: web.Request) -> web.Response:
        return web.json_response(self._exchange.status(request.match_info["token"]))

    def _count_offer(self, asked: _Offer) -> None:
        if not self._throttle.allows(asked.address, asyncio.get_running_loop().time()):
            raise TooOften


@web.middleware
async def _say_what_is_wrong(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (ValidationError, json.JSONDecodeError, UnicodeDecodeError, ValueError) as wrong:
        log.info("voice.bad_request", path=request.path, why=type(wrong).__name__)
        return _refuse(BadRequest())
    except web.HTTPRequestEntityTooLarge:
        return _refuse(TooLong())
    except PerezvonError as refusal:
        return _refuse(refusal)


def _refuse(refusal: PerezvonError) -> web.Response:
    sentence = getattr(refusal, "sentence", refusal.code)
    return web.json_response({"code": refusal.code, "error": sentence}, status=refusal.http_status)


async def _read[B: BaseModel](request: web.Request, kind: type[B]) -> B:
    return kind.model_validate_json(await request.read())


def _address(request: web.Request) -> str:
    return f"agent:{request.match_info['agent']}"


def _line(event: SwitchEvent) -> bytes:
    return json.dumps(EVENTS.dump(event)).encode() + b"\n"
