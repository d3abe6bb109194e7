"""Bringing a recording home: raw samples on Asterisk's side, a playable stereo WAV on ours."""

from __future__ import annotations

import asyncio
import wave
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from perezvon.connectors.asterisk_ari.client import Client
from perezvon.connectors.asterisk_ari.orders import SPOOL, spool_name
from perezvon.kernel.ids import CallId

RATE = 8000
_FRAME = 4
_SETTLE_S, _PATIENCE = 0.25, 20


@dataclass(frozen=True, slots=True)
class Sound:
    path: str
    seconds: float


async def fetch(client: Client, folder: Path, call_id: CallId, recording_id: UUID) -> Sound | None:
    """Write it to `folder` and remove Asterisk's. None when there is none, or it does not come to an end.

    Asterisk writes on for a moment after the call's end, so the file is taken once its size stays as it is.
    """
    stored = f"/recordings/stored/{spool_name(call_id, recording_id)}"
    size = -1
    for _ in range(_PATIENCE):
        await asyncio.sleep(_SETTLE_S)
        now = await client.size(f"{stored}/file")
        if now is not None and now == size:
            break
        size = -1 if now is None else now
    else:
        return None
    sound = await _bring(client, f"{stored}/file", folder / f"{call_id}.{recording_id}.wav")
    await client.ask("DELETE", stored)
    return sound


async def _bring(client: Client, path: str, target: Path) -> Sound:
    """The file appears whole or not at all. Raises OSError when the disk is full, TryLater when Asterisk goes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".part")
    rest, frames = b"", 0
    with wave.open(str(draft), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        async for piece in client.pieces(path):
            samples = rest + piece
            whole = len(samples) // _FRAME * _FRAME
            await asyncio.to_thread(file.writeframes, samples[:whole])
            rest, frames = samples[whole:], frames + whole // _FRAME
    draft.rename(target)
    return Sound(str(target), frames / RATE)


async def left_behind(client: Client) -> list[tuple[CallId, UUID]]:
    """Recordings of ours that nobody fetched: of which call, and which."""
    found = []
    for stored in await client.get("/recordings/stored") or []:
        name = str(stored.get("name", ""))
        if name.startswith(SPOOL):
            try:
                call_id, recording_id = (UUID(part) for part in name.removeprefix(SPOOL).split("."))
            except ValueError:
                continue
            found.append((CallId(call_id), recording_id))
    return found
