"""The engine's store: events, commands, facts and state in a few statements, one transaction a decision.

Fencing: each transaction first takes a share of the lead row in our epoch. A take-over raises the epoch under the
row's lock, so a leader who was asleep finds no row and is told that he is deposed; nothing of his is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from perezvon.engine.lead import Deposed
from perezvon.foundation.outbox.relay import connect
from perezvon.foundation.outbox.services import LIVE

KEEP_EVENT_IDS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class StoredCommand:
    id: UUID
    connector: str
    body: dict[str, Any]
    expires_at: datetime


@dataclass(slots=True)
class Decision:
    """Everything that one decision writes. cursor: how far the outbox was read, when it was."""

    now: datetime
    events: list[tuple[UUID | None, UUID | None, dict[str, Any]]] = field(default_factory=list)
    commands: list[tuple[UUID, UUID, str, dict[str, Any], datetime]] = field(default_factory=list)
    facts: list[tuple[UUID | None, dict[str, Any], datetime]] = field(default_factory=list)
    states: list[tuple[str, str, dict[str, Any] | None, list[int]]] = field(default_factory=list)
    live: list[tuple[str, str, list[str]]] = field(default_factory=list)
    cursor: int | None = None


class Store:
    """One connection, used by one task at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection[tuple[Any, ...]] | None = None
        self.epoch = 0
        self.version = 0

    async def open(self) -> psycopg.AsyncConnection[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed or self._connection.broken:
            self._connection = await connect(self._url)
        return self._connection

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    async def begin(self, epoch: int) -> None:
        """From now on write as the leader of this epoch."""
        db = await self.open()
        last = await (await db.execute("SELECT coalesce(max(version), 0) FROM telephony_enginestate")).fetchone()
        self.epoch, self.version = epoch, int(last[0]) if last else 0

    # --- writing ----------------------------------------------------------------------------------

    async def write(self, decision: Decision) -> None:
        """All of it or nothing. Raises Deposed, or psycopg's errors when the database is away."""
        db = await self.open()
        version = self.version + 1
        async with db.transaction(), db.cursor() as cursor:
            await cursor.execute("SELECT 1 FROM telephony_enginelead WHERE epoch = %s FOR SHARE", [self.epoch])
            if not await cursor.fetchone():
                raise Deposed(epoch=self.epoch)
            await self._write_log(cursor, decision)
            await self._write_states(cursor, decision.states, version)
            await self._write_live(cursor, decision, version)
            if decision.cursor is not None:
                await cursor.execute("UPDATE telephony_enginelead SET cursor = %s", [decision.cursor])
        self.version = version

    async def _write_log(self, cursor: psycopg.AsyncCursor[Any], decision: Decision) -> None:
        if decision.events:
            await cursor.executemany(
                "INSERT INTO telephony_callevent (event, call, body, at, epoch) VALUES (%s, %s, %s, %s, %s)",
                [(event, call, Jsonb(body), decision.now, self.epoch) for event, call, body in decision.events],
            )
        if decision.commands:
            await cursor.executemany(
                "INSERT INTO telephony_callcommand (id, call, connector, body, at, expires_at, outcome)"
                " VALUES (%s, %s, %s, %s, %s, %s, '') ON CONFLICT DO NOTHING",
                [
                    (command, call, connector, Jsonb(body), decision.now, expires)
                    for command, call, connector, body, expires in decision.commands
                ],
            )
        if decision.facts:
            await cursor.executemany(
                "INSERT INTO telephony_callfact (call, body, at, attempts, error) VALUES (%s, %s, %s, 0, '')",
                [(call, Jsonb(body), at) for call, body, at in decision.facts],
            )

    async def _write_states(
        self,
        cursor: psycopg.AsyncCursor[Any],
        states: Sequence[tuple[str, str, dict[str, Any] | None, list[int]]],
        version: int,
    ) -> None:
        gone = [(kind, key) for kind, key, body, _ in states if body is None]
        kept = [(kind, key, Jsonb(body), agents, version) for kind, key, body, agents in states if body is not None]
        if gone:
            await cursor.executemany("DELETE FROM telephony_enginestate WHERE kind = %s AND key = %s", gone)
        if kept:
            await cursor.executemany(
                "INSERT INTO telephony_enginestate (kind, key, body, agents, version) VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (kind, key) DO UPDATE SET"
                " body = excluded.body, agents = excluded.agents, version = excluded.version",
                kept,
            )

    async def _write_live(self, cursor: psycopg.AsyncCursor[Any], decision: Decision, version: int) -> None:
        if decision.live:
            await cursor.executemany(
                "INSERT INTO outbox_outboxrow (topic, body, audience, at) VALUES (%s, %s, %s, %s)",
                [
                    (LIVE, json.dumps({"kind": kind, "id": key, "version": version}), audience, decision.now)
                    for kind, key, audience in decision.live
                ],
            )

    # --- reading ----------------------------------------------------------------------------------

    async def states(self) -> list[tuple[str, str, dict[str, Any], list[int]]]:
        db = await self.open()
        found = await db.execute("SELECT kind, key, body, agents FROM telephony_enginestate ORDER BY kind, key")
        return await found.fetchall()

    async def cursor(self) -> int:
        db = await self.open()
        row = await (await db.execute("SELECT cursor FROM telephony_enginelead")).fetchone()
        return int(row[0]) if row else 0

    async def recent_event_ids(self, now: datetime) -> set[UUID]:
        """Events stored lately: a connector that was not told so gives them again."""
        db = await self.open()
        found = await db.execute(
            "SELECT event FROM telephony_callevent WHERE at > %s AND event IS NOT NULL", [now - KEEP_EVENT_IDS]
        )
        return {row[0] for row in await found.fetchall()}

    async def unsent(self) -> list[StoredCommand]:
        db = await self.open()
        found = await db.execute(
            "SELECT id, connector, body, expires_at FROM telephony_callcommand WHERE outcome = '' ORDER BY at, id"
        )
        return [StoredCommand(*row) for row in await found.fetchall()]

    async def settle(self, outcomes: Iterable[tuple[str, UUID]]) -> None:
        db = await self.open()
        async with db.cursor() as cursor:
            await cursor.executemany("UPDATE telephony_callcommand SET outcome = %s WHERE id = %s", list(outcomes))
