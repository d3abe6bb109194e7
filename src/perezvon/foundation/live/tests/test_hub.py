"""Who hears what, and what a browser gets that was away for a while."""

from __future__ import annotations

import asyncio
import json

from perezvon.foundation.live.hub import HEARTBEAT, QUEUE_LIMIT, REMEMBERED, RESYNC, SAVING, Hub, Stream
from perezvon.foundation.outbox.relay import Message


def message(number: int, *audience: str) -> Message:
    return Message(number, "live", json.dumps({"kind": "call", "id": str(number), "version": number}), audience)


async def listen(hub: Hub, *audiences: str, seen: int | None = None) -> tuple[Stream, list[bytes]]:
    """An open stream that has been greeted, and what it was given with the greeting."""
    stream = hub.open(audiences, seen)
    hello, *missed = await read(stream)
    assert b"event: hello" in hello
    return stream, missed


async def read(stream: Stream) -> list[bytes]:
    """The events that wait, or the first that comes."""
    return [f"{one}\n\n".encode() for one in (await asyncio.wait_for(stream.read(), 1)).decode().split("\n\n")[:-1]]


def numbers(events: list[bytes]) -> list[int]:
    return [int(event.partition(b"\n")[0].removeprefix(b"id: ")) for event in events]


class TestHub:
    async def test_only_the_audience_hears(self):
        hub = Hub()
        (olga, _), (ivan, _) = await listen(hub, "user:1"), await listen(hub, "user:2")

        hub.hand_out(message(1, "user:1"))
        hub.hand_out(message(2, "user:1", "user:2"))

        assert numbers(await read(olga)) == [1, 2]
        assert numbers(await read(ivan)) == [2]

    async def test_somebody_addressed_by_two_names_hears_once(self):
        hub = Hub()
        stream, _ = await listen(hub, "user:1", "team:7")

        hub.hand_out(message(1, "user:1", "team:7"))
        hub.hand_out(message(2, "user:1"))

        assert numbers(await read(stream)) == [1, 2]

    async def test_one_who_waits_hears_at_once(self):
        hub = Hub()
        stream, _ = await listen(hub, "user:1")
        waiting = asyncio.create_task(read(stream))
        await asyncio.sleep(0)

        hub.hand_out(message(1, "user:1"))

        assert numbers(await waiting) == [1]

    async def test_after_a_lost_connection_just_the_missed_comes(self):
        hub = Hub()
        for number in range(1, 6):
            hub.hand_out(message(number, "user:1" if number != 4 else "user:2"))

        _, missed = await listen(hub, "user:1", seen=2)

        assert numbers(missed) == [3, 5]

    async def test_who_was_away_too_long_is_told_to_fetch_everything(self):
        hub = Hub()
        for number in range(1, REMEMBERED + 10):
            hub.hand_out(message(number, "user:1"))

        assert (await listen(hub, "user:1", seen=3))[1] == [RESYNC]

    async def test_who_does_not_keep_up_is_told_to_fetch_everything(self):
        hub = Hub()
        stream, _ = await listen(hub, "user:1")
        for number in range(1, QUEUE_LIMIT + 2):
            hub.hand_out(message(number, "user:1"))

        assert await read(stream) == [RESYNC]

    async def test_everybody_is_told_once_that_nothing_is_stored_and_that_it_is_again(self):
        hub = Hub()
        olga, _ = await listen(hub, "user:1")

        hub.tell_saving(False)
        hub.tell_saving(False)
        late, told = await listen(hub, "user:2")
        hub.tell_saving(True)

        assert told == [SAVING[False]]
        assert await read(olga) == [SAVING[False], SAVING[True]]
        assert await read(late) == [SAVING[True]]

    async def test_one_that_has_nothing_to_say_shows_that_it_lives(self, monkeypatch):
        monkeypatch.setattr("perezvon.foundation.live.hub.HEARTBEAT_S", 0.01)
        stream, _ = await listen(Hub(), "user:1")

        assert [await read(stream) for _ in range(3)] == [[HEARTBEAT]] * 3

    async def test_a_closed_stream_is_forgotten_and_its_reader_told(self):
        hub = Hub()
        stream, _ = await listen(hub, "user:1")
        waiting = asyncio.create_task(stream.read())
        await asyncio.sleep(0)
        assert hub.streams == 1

        hub.close(stream)

        assert hub.streams == 0
        assert await waiting == b""
