"""Asking an Asterisk how it stands, whenever there was a time without news."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from perezvon.connectors.asterisk_ari.client import Client
from perezvon.connectors.asterisk_ari.exchange import Sight
from perezvon.connectors.asterisk_ari.facts import Channel, listed
from perezvon.connectors.asterisk_ari.orders import MEMORY, RECORDING
from perezvon.connectors.asterisk_ari.settings import APP, PHONE
from perezvon.kernel.errors import Refused

# From where on a phone's own transfer can be left to us (PJSIP_TRANSFER_HANDLING).
_OLDEST = {20: (20, 13), 21: (21, 8), 22: (22, 3)}
_AT_ONCE = 20


class TooOld(Refused):
    """facts: version."""

    code = "asterisk.too_old"

    def __str__(self) -> str:
        return "Asterisk {version} is too old: 20.13, 21.8, 22.3 or newer is needed.".format(**self.facts)


def require_version(info: Any) -> str:
    """The version in the answer of `GET /asterisk/info`. Raises TooOld."""
    system = info.get("system") if isinstance(info, dict) else None
    said = str(system.get("version", "")) if isinstance(system, dict) else ""
    parts = re.match(r"(?:certified[/-])?(\d+)\.(\d+)", said)
    version = (int(parts[1]), int(parts[2])) if parts else None
    if version is not None and version < _OLDEST.get(version[0], (20, 13)):
        raise TooOld(version=said)
    return said


async def prepare(client: Client) -> None:
    """Tell Asterisk which news we do not want; it forgets that when our socket closes.

    Phones are not subscribed to but asked for now and then: a subscription to endpoints brings every event of every
    call a second time, and one to device states blocked 22.10.1 when it was made anew.
    """
    unwanted: dict[str, object] = {"disallowed": [{"type": "ChannelVarset"}, {"type": "ChannelDialplan"}]}
    await client.ask("PUT", f"/applications/{APP}/eventFilter", body=unwanted)


async def look(client: Client) -> Sight:
    """Channels, bridges and phones, each as it is now."""
    channels = tuple(listed(channel, APP) for channel in await client.get("/channels"))
    bridges = {
        str(bridge["id"]): tuple(str(one) for one in bridge["channels"]) for bridge in await client.get("/bridges")
    }
    ids = [channel.channel_id for channel in channels]
    memories = dict(zip(ids, await _variables(client, channels, MEMORY), strict=True))
    recordings = dict(zip(ids, await _variables(client, channels, RECORDING), strict=True))
    return Sight(channels, memories, recordings, bridges, await phones(client))


async def phones(client: Client) -> frozenset[str]:
    """Names of the operators' phones that can be reached."""
    endpoints = await client.get("/endpoints/PJSIP")
    return frozenset(
        str(one["resource"])
        for one in endpoints
        if one.get("state") == "online" and str(one.get("resource", "")).startswith(PHONE)
    )


async def _variables(client: Client, channels: tuple[Channel, ...], name: str) -> list[str]:
    few = asyncio.Semaphore(_AT_ONCE)

    async def one(channel: Channel) -> str:
        async with few:
            answer = await client.ask("GET", f"/channels/{channel.channel_id}/variable", {"variable": name})
            return str(answer.said.get("value", "")) if answer.is_good and isinstance(answer.said, dict) else ""

    return list(await asyncio.gather(*(one(channel) for channel in channels)))
