"""Who leads a site: one row with an epoch, its holder, and until when he holds it unless he renews.

Two things end a lead. A holder whose connection is gone is dead or cut off: his lock of the epoch is free, and the
next takes over at once. A holder who is stopped, or whose machine has frozen, keeps his connection and with it the
lock, but does not renew: the next takes over when the lease has lapsed. Either way the epoch rises, and what the
former leader writes is refused by the statement itself (see `store`), whatever he believes when he wakes.

The lease is measured by the database's clock, the only one that all candidates share.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg
import structlog

from perezvon.foundation.outbox.relay import connect
from perezvon.kernel.errors import PerezvonError

log = structlog.get_logger()

EPOCH_LOCKS = 7_021_003  # the first half of a lock, the epoch is the second
LEASE_S = 6.0
RENEWALS = 3  # within a lease
RETRY_S = 0.5

LOOK = "SELECT epoch, coalesce(until, '-infinity') < clock_timestamp() FROM telephony_enginelead"
FIRST = """
INSERT INTO telephony_enginelead (id, epoch, since, cursor, holder, until)
SELECT 1, 0, NULL, coalesce(max(last), 0), '', NULL FROM outbox_outboxcounter ON CONFLICT (id) DO NOTHING
"""
TAKE = """
UPDATE telephony_enginelead SET epoch = %s, since = %s, holder = %s, until = clock_timestamp() + %s * interval '1 s'
WHERE epoch = %s
"""
RENEW = "UPDATE telephony_enginelead SET until = clock_timestamp() + %s * interval '1 s' WHERE epoch = %s"


class Deposed(PerezvonError):
    """Another engine has taken the lead; this one must stop at once."""

    code = "engine.deposed"


class Lead:
    """One candidate's claim, on a connection of its own. epoch: of the lead that he took; 0 before."""

    def __init__(self, url: str, now: Callable[[], datetime], *, lease_s: float = LEASE_S) -> None:
        self._url = url
        self._now = now
        self._lease_s = lease_s
        self._connection: psycopg.AsyncConnection[tuple[Any, ...]] | None = None
        self.epoch = 0

    async def wait(self) -> None:
        """Stand by until nobody leads, then lead."""
        while True:
            try:
                if await self.try_take():
                    return
            except (psycopg.Error, OSError) as error:
                log.info("engine.database_away", error=str(error).partition("\n")[0])
            await asyncio.sleep(RETRY_S)

    async def try_take(self) -> bool:
        """Take the lead if its holder is gone or has not renewed in time."""
        db = await self._open()
        await db.execute(FIRST)
        found = await (await db.execute(LOOK)).fetchone()
        epoch, has_lapsed = found if found else (0, True)
        # Of several candidates one gets the lock of the next epoch.
        if (has_lapsed or await _lock(db, epoch)) and await _lock(db, epoch + 1):
            taken = await db.execute(TAKE, [epoch + 1, self._now(), _who(), self._lease_s, epoch])
            if taken.rowcount == 1:
                self.epoch = epoch + 1
                return True
        await db.execute("SELECT pg_advisory_unlock_all()")
        return False

    async def keep(self) -> None:
        """Renew for ever. Raises Deposed when another has taken the lead; a database that is away is waited for."""
        while True:
            try:
                db = await self._open()
                renewed = await db.execute(RENEW, [self._lease_s, self.epoch])
                if renewed.rowcount != 1:
                    raise Deposed(epoch=self.epoch)
                await asyncio.sleep(self._lease_s / RENEWALS)
            except (psycopg.Error, OSError) as error:
                log.info("engine.database_away", error=str(error).partition("\n")[0])
                await asyncio.sleep(RETRY_S)

    async def close(self) -> None:
        """Lead no longer: the lock goes with the connection, another may take over at once."""
        if self._connection is not None:
            await self._connection.close()

    async def _open(self) -> psycopg.AsyncConnection[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed or self._connection.broken:
            self._connection = await connect(self._url)
            if self.epoch:
                await _lock(self._connection, self.epoch)
        return self._connection


async def _lock(db: psycopg.AsyncConnection[tuple[Any, ...]], epoch: int) -> bool:
    row = await (await db.execute("SELECT pg_try_advisory_lock(%s, %s)", [EPOCH_LOCKS, epoch])).fetchone()
    return bool(row and row[0])


def _who() -> str:
    """For people who look: which process leads."""
    return f"{socket.gethostname()}:{os.getpid()}"[:100]
