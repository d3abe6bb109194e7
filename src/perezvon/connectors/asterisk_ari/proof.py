"""Whether an Asterisk is set up as it must be: shown by a call of its own to itself, whatever else goes on.

The call belongs to an application of its own, so a running engine neither sees it nor loses its events by it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import wave
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import aiohttp
import numpy as np

from perezvon.connectors.asterisk_ari.client import Client, WrongPassword
from perezvon.connectors.asterisk_ari.manager import Manager
from perezvon.connectors.asterisk_ari.orders import spool_name
from perezvon.connectors.asterisk_ari.settings import APP, PHONE, TRUNK, Settings
from perezvon.connectors.asterisk_ari.sight import require_version
from perezvon.connectors.asterisk_ari.sound import Sound, fetch
from perezvon.kernel.errors import PerezvonError, Refused, TryLater
from perezvon.kernel.ids import CallId

CHECK = f"{APP}-check"
_RINGS_S, _LISTENS_S = 10.0, 2.0
_QUIET = 50.0


class NotProven(Refused):
    """facts: why, in words for the administrator."""

    code = "asterisk.not_proven"

    def __str__(self) -> str:
        return str(self.facts["why"])


async def prove(settings: Settings, now: Callable[[], datetime]) -> list[str]:
    """What was found right, a line each. Raises NotProven, or TooOld, at the first thing that is not."""
    client, manager = Client(settings), Manager(settings)
    began = now()
    try:
        said = [f"Asterisk {await _version(client, settings)} answers at {settings.url}."]
        await _ping(manager, settings)
        said.append(f"AMI lets us in at {settings.manager[0]}:{settings.manager[1]}.")
        said += await _endpoints(client)
        with TemporaryDirectory() as folder:
            sound = await _call(client, manager, replace(settings, recordings=Path(folder)))
            said.append(_heard(sound))
    finally:
        await manager.close()
        await client.close()
    return [*said, f"All of it took {(now() - began).total_seconds():.1f} s."]


async def _version(client: Client, settings: Settings) -> str:
    try:
        return require_version(await client.get("/asterisk/info"))
    except WrongPassword as wrong:
        raise NotProven(why=f"ARI does not let {settings.user} in: ari.conf has another name or password.") from wrong
    except TryLater as away:
        why = f"No ARI answers at {settings.url}: does Asterisk run, with our http.conf and ari.conf?"
        raise NotProven(why=why) from away


async def _ping(manager: Manager, settings: Settings) -> None:
    host, port = settings.manager
    try:
        if await manager.do("Ping", {}):
            return
    except TryLater as away:
        why = f"No AMI lets us in at {host}:{port}: does Asterisk run, with our manager.conf?"
        raise NotProven(why=why) from away
    raise NotProven(why="AMI lets us do nothing: manager.conf must give this user `write = system,call`.")


async def _endpoints(client: Client) -> list[str]:
    names = {str(one["resource"]): str(one.get("state")) for one in await client.get("/endpoints/PJSIP")}
    phones = [state for name, state in names.items() if name.startswith(PHONE)]
    if not phones and TRUNK not in names:
        raise NotProven(why="pjsip.conf has neither phones nor the trunk of `perezvon telephony config`.")
    trunk = "There is a trunk." if TRUNK in names else "There is no trunk: no calls from outside, none to numbers."
    return [f"{len(phones)} phones are known, {phones.count('online')} are within reach.", trunk]


async def _call(client: Client, manager: Manager, settings: Settings) -> Sound:
    """A call to the prompt `greeting`, recorded as calls are."""
    call_id, recording_id = CallId(uuid4()), uuid4()
    channel_id = f"{call_id}.check"
    try:
        async with client.listen(CHECK) as socket, asyncio.timeout(_RINGS_S):
            query = {"endpoint": f"Local/check@{CHECK}", "app": CHECK, "channelId": channel_id, "timeout": "5"}
            if not (await client.ask("POST", "/channels", query)).is_good:
                raise NotProven(why=f"extensions.conf has no context {CHECK}, or its modules are not loaded.")
            await _arrival(socket, channel_id)
            file = f"../recording/{spool_name(call_id, recording_id)}.raw"
            if not await manager.do("MixMonitor", {"Channel": channel_id, "File": file, "options": "D"}):
                raise NotProven(why="Recording is refused: is app_mixmonitor loaded?")
            await asyncio.sleep(_LISTENS_S)
    except (TimeoutError, aiohttp.ClientError) as silent:
        raise NotProven(
            why="The test call never arrived: is app_stasis loaded, and do events come through?"
        ) from silent
    finally:
        with contextlib.suppress(PerezvonError):
            await client.ask("DELETE", f"/channels/{channel_id}")
    sound = await fetch(client, settings.recordings, call_id, recording_id)
    if sound is None:
        raise NotProven(why="The recording of the test call cannot be fetched: is format_sln loaded?")
    return sound


async def _arrival(socket: aiohttp.ClientWebSocketResponse[bool], channel_id: str) -> None:
    async for message in socket:
        event = json.loads(message.data) if message.type is aiohttp.WSMsgType.TEXT else {}
        if event.get("type") == "StasisStart" and event.get("channel", {}).get("id") == channel_id:
            return
    raise TimeoutError


def _heard(sound: Sound) -> str:
    with wave.open(sound.path) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float64)
    loud = float(np.sqrt((samples**2).mean())) if len(samples) else 0.0
    if loud < _QUIET:
        raise NotProven(why="The test call was silent: are our sounds in Asterisk's data folder?")
    return f"A test call was made, heard our greeting and was recorded for {sound.seconds:.1f} s."
