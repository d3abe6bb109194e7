"""Numbers follow the order of commits, so a reader above his number can miss nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import psycopg
import pytest
from django.db import transaction

from perezvon.foundation import clock
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.outbox.relay import RELAY_LOCK, Follower, connect, number_waiting, run_relay
from perezvon.foundation.outbox.services import tell
from perezvon.project.environment import environment
from tests.support import eventually_async, in_database

pytestmark = pytest.mark.django_db(transaction=True)

INSERT = "INSERT INTO outbox_outboxrow (topic, body, at) VALUES (%s, '{}', now()) RETURNING id"


async def insert(connection, topic: str) -> int:
    return (await (await connection.execute(INSERT, [topic])).fetchone())[0]


async def prepare(connection) -> None:
    await connection.execute("INSERT INTO outbox_outboxcounter (id, last) VALUES (1, 0) ON CONFLICT DO NOTHING")


async def topics_by_number() -> list[str]:
    rows = OutboxRow.objects.exclude(number=None).order_by("number").values_list("topic", flat=True)
    return await in_database(lambda: list(rows))()


class TestRelay:
    async def test_numbers_follow_commits_and_not_ids(self):
        """The first writer commits last: its row has the lower id and gets the higher number."""
        url = environment().database
        async with (
            await psycopg.AsyncConnection.connect(url) as slow,
            await psycopg.AsyncConnection.connect(url) as quick,
            await connect(url) as relay,
        ):
            await prepare(relay)
            first = await insert(slow, "slow")
            second = await insert(quick, "quick")
            await quick.commit()
            await number_waiting(relay)
            await slow.commit()
            await number_waiting(relay)

        assert first < second
        assert await topics_by_number() == ["quick", "slow"]

    async def test_a_writer_that_dies_before_its_commit_leaves_no_gap(self):
        url = environment().database
        async with await connect(url) as relay:
            await prepare(relay)
            dying = await psycopg.AsyncConnection.connect(url)
            await insert(dying, "lost")
            await dying.close()
            async with await psycopg.AsyncConnection.connect(url) as writer:
                await insert(writer, "kept")
            assert await number_waiting(relay) == 1

        assert await topics_by_number() == ["kept"]

    async def test_a_relay_that_is_stopped_loses_its_place(self):
        """Its process keeps connection and lock, and does nothing with them."""
        url = environment().database
        async with await connect(url) as stopped, await psycopg.AsyncConnection.connect(url) as writer:
            await stopped.execute(f"SELECT pg_advisory_lock({RELAY_LOCK})")
            await insert(writer, "waiting")
            await writer.commit()
            task = asyncio.create_task(run_relay(url))
            try:
                await eventually_async(topics_by_number)
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            with pytest.raises(psycopg.OperationalError):
                await stopped.execute("SELECT 1")

    async def test_what_was_committed_before_a_kill_is_numbered_by_the_next_relay(self):
        url = environment().database
        async with await psycopg.AsyncConnection.connect(url) as writer:
            await insert(writer, "orphan")
        task = asyncio.create_task(run_relay(url))
        try:
            await eventually_async(topics_by_number)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def test_many_rows_get_numbers_without_holes_in_one_go(self):
        url = environment().database
        async with await connect(url) as relay:
            await prepare(relay)
            async with await psycopg.AsyncConnection.connect(url) as writer:
                for _ in range(50):
                    await insert(writer, "x")
            assert await number_waiting(relay) == 50
            assert await number_waiting(relay) == 0

        rows = OutboxRow.objects.order_by("number").values_list("number", flat=True)
        numbers = await in_database(lambda: list(rows))()
        assert numbers == list(range(numbers[0], numbers[0] + 50))


class TestFollower:
    async def test_a_second_reader_starting_at_a_number_misses_nothing(self):
        url = environment().database
        relay_task = asyncio.create_task(run_relay(url))
        heard: list[str] = []

        async def follow() -> None:
            async for batch in Follower(url, start=0).batches():
                heard.extend(str(message.body.get("id")) for message in batch)

        follow_task = asyncio.create_task(follow())
        try:
            for name in ("a", "b", "c"):
                await in_database(_tell)(name)
            await eventually_async(lambda: heard == ["a", "b", "c"])
        finally:
            for task in (relay_task, follow_task):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def _tell(name: str) -> None:
    with transaction.atomic():
        tell("call", name, 1, to=["user:1"], now=clock.now())


def test_the_outbox_refuses_to_be_written_outside_a_transaction():
    with pytest.raises(RuntimeError):
        tell("call", "x", 1, to=["user:1"], now=clock.now())
