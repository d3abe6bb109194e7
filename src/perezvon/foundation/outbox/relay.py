"""The relay: numbers what was committed and rings once for all of it.

Why not NOTIFY in the business transaction: it takes a lock over the whole cluster at commit, so notifying
transactions commit one by one (a third of the rate at 32 writers, PERF.md §4). Here one connection per site
notifies, at most every 20 ms. Numbers are given in one transaction after another by one holder of an advisory
lock, so they appear in order, and in the order of commits, not of ids.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, NamedTuple

import psycopg
import structlog
from psycopg.rows import tuple_row

log = structlog.get_logger()

CHANNEL = "perezvon_outbox"
RELAY_LOCK = 7_021_001
TICK_S = 0.02
UNASKED_S = 1.0
BATCH = 1000
PATIENT_LOOKS = 3

NUMBER = """
WITH fresh AS (
  SELECT id FROM outbox_outboxrow WHERE number IS NULL ORDER BY id LIMIT %s
), counted AS (
  UPDATE outbox_outboxcounter SET last = last + (SELECT count(*) FROM fresh)
  WHERE (SELECT count(*) FROM fresh) > 0 RETURNING last
), placed AS (
  SELECT id, (SELECT last FROM counted) - (SELECT count(*) FROM fresh) + row_number() OVER (ORDER BY id) AS number
  FROM fresh
)
UPDATE outbox_outboxrow o SET number = placed.number FROM placed WHERE o.id = placed.id
"""
WAITING = "SELECT 1 FROM outbox_outboxrow WHERE number IS NULL LIMIT 1"
OLDEST_WAITING = "SELECT min(id) FROM outbox_outboxrow WHERE number IS NULL"
CUT_OFF = """
SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted
AND l.classid = 0 AND l.objid = %s AND l.objsubid = 1 AND l.pid <> pg_backend_pid()
"""
FETCH = """
SELECT number, topic, body::text, audience FROM outbox_outboxrow
WHERE number > %s AND (%s::text[] IS NULL OR topic = ANY(%s)) ORDER BY number LIMIT 500
"""
LAST = "SELECT coalesce(max(last), 0) FROM outbox_outboxcounter"


class Message(NamedTuple):
    """One row. text: its body as it was written, for those who pass it on."""

    number: int
    topic: str
    text: str
    audience: tuple[str, ...] = ()

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found


async def connect(url: str) -> psycopg.AsyncConnection[tuple[Any, ...]]:
    return await psycopg.AsyncConnection.connect(url, autocommit=True, row_factory=tuple_row)


async def number_waiting(connection: psycopg.AsyncConnection[Any]) -> int:
    """Give numbers to what has become visible and ring. Returns how many."""
    if not await (await connection.execute(WAITING)).fetchone():
        return 0
    async with connection.transaction():
        done = (await connection.execute(NUMBER, [BATCH])).rowcount
        await connection.execute(f"NOTIFY {CHANNEL}")
    return done


async def run_relay(url: str) -> None:
    """Be the relay if nobody is, else wait for the place. Every web process and the engine run this; never returns."""
    while True:
        try:
            await _relay_once(url)
        except (psycopg.Error, OSError) as error:
            log.info("relay.connection_lost", error=str(error).partition("\n")[0])
            await asyncio.sleep(UNASKED_S)


async def _relay_once(url: str) -> None:
    async with await connect(url) as connection:
        await _wait_for_the_place(connection)
        await connection.execute("INSERT INTO outbox_outboxcounter (id, last) VALUES (1, 0) ON CONFLICT DO NOTHING")
        log.info("relay.leading")
        while True:
            if not await number_waiting(connection):
                await asyncio.sleep(TICK_S)


async def _wait_for_the_place(connection: psycopg.AsyncConnection[Any]) -> None:
    """Until nobody holds the lock. A process that is stopped holds it still: when the same row waits look after
    look, the holder's connection is cut, and he is a candidate like others when he wakes.
    """
    seen, looks = None, 0
    while not await _one(connection, f"SELECT pg_try_advisory_lock({RELAY_LOCK})"):
        oldest = await _one(connection, OLDEST_WAITING)
        looks = looks + 1 if oldest is not None and oldest == seen else 0
        seen = oldest
        if looks == PATIENT_LOOKS:
            looks = 0
            log.warning("relay.holder_cut_off", waiting=oldest)
            await connection.execute(CUT_OFF, [RELAY_LOCK])
        await asyncio.sleep(UNASKED_S)


async def _one(connection: psycopg.AsyncConnection[Any], query: str) -> Any:
    row = await (await connection.execute(query)).fetchone()
    return row[0] if row else None


class Follower:
    """Reads the outbox in order on a connection of its own, woken by the bell and once a second unasked.

    start: the number after which to begin; None means from now on. topics: None for all.
    """

    def __init__(self, url: str, *, start: int | None = None, topics: list[str] | None = None) -> None:
        self._url = url
        self._topics = topics
        self.cursor = start

    async def batches(
        self, on_break: Callable[[], None] = lambda: None, on_link: Callable[[], None] = lambda: None
    ) -> AsyncIterator[list[Message]]:
        """What is new, in batches, for ever. `on_break` is told of each lost connection, `on_link` of each made."""
        while True:
            try:
                async with await connect(self._url) as listening, await connect(self._url) as reading:
                    await listening.execute(f"LISTEN {CHANNEL}")
                    on_link()
                    if self.cursor is None:
                        self.cursor = int(await _one(reading, LAST) or 0)
                        yield []
                    while True:
                        async for batch in self._read(reading):
                            yield batch
                        await _bell(listening)
            except (psycopg.Error, OSError) as error:
                log.info("outbox.connection_lost", error=str(error).partition("\n")[0])
                on_break()
                await asyncio.sleep(UNASKED_S / 2)

    async def _read(self, connection: psycopg.AsyncConnection[Any]) -> AsyncIterator[list[Message]]:
        while True:
            found = await (await connection.execute(FETCH, [self.cursor, self._topics, self._topics])).fetchall()
            if not found:
                return
            self.cursor = found[-1][0]
            yield [Message(number, topic, text, tuple(audience or ())) for number, topic, text, audience in found]


async def _bell(connection: psycopg.AsyncConnection[Any]) -> None:
    with suppress(StopAsyncIteration):
        await anext(connection.notifies(timeout=UNASKED_S, stop_after=1))
