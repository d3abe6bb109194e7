"""Who hears what, and what a browser gets that was away for a while."""

from __future__ import annotations

import asyncio

from perezvon.foundation.live.hub import QUEUE_LIMIT, REMEMBERED, RESYNC, SAVING, Hub
from perezvon.foundation.outbox.relay import Message


def message(number: int, *audience: str) -> Message:
    return Message(number, "live", {"kind": "call", "id": str(number), "version": number}, audience)


async def listen(hub: Hub, *audiences: str, seen: int | None = None):
    """An open stream, its greeting read."""
    stream = hub.listen(audiences, seen)
    hello = await anext(stream)
    assert b"event: hello" in hello
    return stream


async def read(stream, count: int) -> list[bytes]:
    return [await asyncio.wait_for(anext(stream), 1) for _ in range(count)]


class TestHub:
    async def test_only_the_audience_hears(self):
        hub = Hub()
        olga, ivan = await listen(hub, "user:1"), await listen(hub, "user:2")

        hub.hand_out(message(1, "user:1"))
        hub.hand_out(message(2, "user:1", "user:2"))

        assert [b"id: 1\n" in chunk for chunk in await read(olga, 2)] == [True, False]
        assert b"id: 2\n" in (await read(ivan, 1))[0]

    async def test_somebody_addressed_by_two_names_hears_once(self):
        hub = Hub()
        stream = await listen(hub, "user:1", "team:7")

        hub.hand_out(message(1, "user:1", "team:7"))
        hub.hand_out(message(2, "user:1"))

        assert [b"id: 1\n" in one or b"id: 2\n" in one for one in await read(stream, 2)] == [True, True]

    async def test_after_a_lost_connection_just_the_missed_comes(self):
        hub = Hub()
        for number in range(1, 6):
            hub.hand_out(message(number, "user:1" if number != 4 else "user:2"))

        stream = await listen(hub, "user:1", seen=2)

        missed = await read(stream, 2)
        assert b"id: 3\n" in missed[0]
        assert b"id: 5\n" in missed[1]

    async def test_who_was_away_too_long_is_told_to_fetch_everything(self):
        hub = Hub()
        for number in range(1, REMEMBERED + 10):
            hub.hand_out(message(number, "user:1"))

        assert await read(await listen(hub, "user:1", seen=3), 1) == [RESYNC]

    async def test_who_does_not_keep_up_is_told_to_fetch_everything(self):
        hub = Hub()
        stream = await listen(hub, "user:1")
        for number in range(1, QUEUE_LIMIT + 2):
            hub.hand_out(message(number, "user:1"))

        assert await read(stream, 1) == [RESYNC]

    async def test_everybody_is_told_once_that_nothing_is_stored_and_that_it_is_again(self):
        hub = Hub()
        olga = await listen(hub, "user:1")

        hub.tell_saving(False)
        hub.tell_saving(False)
        late = await listen(hub, "user:2")
        assert await read(late, 1) == [SAVING[False]]
        hub.tell_saving(True)

        assert await read(olga, 2) == [SAVING[False], SAVING[True]]
        assert await read(late, 1) == [SAVING[True]]

    async def test_a_closed_stream_is_forgotten(self):
        hub = Hub()
        stream = await listen(hub, "user:1")
        assert hub.streams == 1

        await stream.aclose()

        assert hub.streams == 0
