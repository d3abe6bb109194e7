"""The voice process: `run` is what `perezvon voice` calls."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import secrets
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import structlog
from aiohttp import web

from perezvon.connectors.webvoice.switch.connection import offer_addresses
from perezvon.connectors.webvoice.switch.exchange import Exchange
from perezvon.connectors.webvoice.switch.server import Server
from perezvon.connectors.webvoice.switch.settings import Settings

log = structlog.get_logger(__name__)

_TICK_S = 0.02
_LOOK_EVERY = 10  # ticks
_HOPELESS_S = 0.5
_CLOSE_S = 4.0


class Pace:
    """Ticks every 20 ms. One that is late is made up for; after a standstill the count goes on from now."""

    def __init__(self) -> None:
        self._late_s: deque[float] = deque(maxlen=3000)  # a minute

    def worst_late_ms(self) -> float:
        return max(self._late_s, default=0.0) * 1000

    async def keep(self, exchange: Exchange) -> None:
        loop = asyncio.get_running_loop()
        due, number = loop.time(), 0
        while True:
            due, number = due + _TICK_S, number + 1
            await asyncio.sleep(max(0.0, due - loop.time()))
            late_s = loop.time() - due
            self._late_s.append(late_s)
            if late_s > _HOPELESS_S:
                due = loop.time()
            exchange.tick(number)
            if number % _LOOK_EVERY == 0:
                exchange.look_around()


def read_token(path: Path) -> str:
    """The shared secret; made when there is none yet, for its owner's eyes only."""
    with contextlib.suppress(FileExistsError):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w") as new:
            new.write(secrets.token_urlsafe(32))
    return path.read_text().strip()


async def serve(settings: Settings, now: Callable[[], datetime], stop: asyncio.Event) -> None:
    """Be a voice switch until `stop` is set."""
    exchange, pace = Exchange(settings, now), Pace()
    server = Server(exchange, settings, read_token(settings.token_file), pace.worst_late_ms)
    runner = web.AppRunner(server.app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    settings.socket.unlink(missing_ok=True)
    await web.UnixSite(runner, str(settings.socket)).start()
    settings.socket.chmod(0o600)
    log.info("voice.ready", socket=str(settings.socket))
    ticking = asyncio.create_task(pace.keep(exchange))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((ticking, stopping), return_when=asyncio.FIRST_COMPLETED)
    ticking.cancel()
    stopping.cancel()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_CLOSE_S):
            await exchange.close()
            await runner.cleanup()
    with contextlib.suppress(asyncio.CancelledError):
        await ticking


def run(argv: Sequence[str] | None = None) -> NoReturn:
    """Serve until SIGTERM or SIGINT; the process ends here."""
    settings = _settings(argv)
    offer_addresses(settings.addresses)
    asyncio.run(_serve_until_signalled(settings))
    logging.shutdown()
    sys.stdout.flush()
    # Everything is closed and on the disk. Taking the codecs apart has been seen to take longer than a restart may.
    os._exit(0)


async def _serve_until_signalled(settings: Settings) -> None:
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    await serve(settings, lambda: datetime.now(UTC), stop)  # noqa: TID251 - a switch has a clock of its own


def _settings(argv: Sequence[str] | None) -> Settings:
    parser = argparse.ArgumentParser(prog="perezvon voice", description="The switch for calls from web pages")
    parser.add_argument("--socket", type=Path, required=True, help="Unix socket it is controlled by")
    parser.add_argument("--token-file", type=Path, required=True, help="shared secret; made when missing")
    parser.add_argument("--spool", type=Path, required=True, help="folder where recordings grow")
    parser.add_argument("--address", dest="addresses", action="append", default=[], help="offer only this address")
    parser.add_argument("--public-address", default=os.environ.get("PEREZVON_VOICE_ADDRESS", ""))
    parser.add_argument("--turn-url", default="", help="relay for browsers behind closed networks")
    parser.add_argument("--turn-user", default="")
    parser.add_argument("--turn-password", default=os.environ.get("PEREZVON_TURN_PASSWORD", ""))
    for name, kind in (("legs", int), ("offers-per-minute", int), ("park-s", float), ("quiet-s", float)):
        parser.add_argument(f"--{name}", type=kind, default=argparse.SUPPRESS)
    given = vars(parser.parse_args(argv))
    return Settings(**{**given, "addresses": tuple(given["addresses"])})


if __name__ == "__main__":
    run()
