"""One browser's sound, through WebRTC.

aiortc negotiates and encrypts. The sound itself passes by its coders: what is sent goes out as ready mu-law packets,
and what arrives is taken where the receiver is handed each packet. That spares a thread per party and 80 ms of
prefetch in its jitter buffer. The price is one private method, named in `_take_packets_of`, which a test watches.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from fractions import Fraction
from typing import Any

import aioice.ice
from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtp import RtpPacket
from aiortc.sdp import SessionDescription
from av.packet import Packet

from perezvon.connectors.webvoice.switch.errors import BadOffer, NoMicrophone
from perezvon.connectors.webvoice.switch.g711 import FRAME, RATE, SILENCE, Samples, decode, encode
from perezvon.connectors.webvoice.switch.jitter import Jitter
from perezvon.connectors.webvoice.switch.settings import Settings

_PCMU = 0  # static payload type, RFC 3551
_PCMU_CODECS = [codec for codec in RTCRtpSender.getCapabilities("audio").codecs if codec.mimeType == "audio/PCMU"]
_TIME_BASE = Fraction(1, RATE)
_UNSENT_FRAMES = 3
_GATHER_S = 10
_MALFORMED = (
    ValueError, TypeError, AssertionError, AttributeError, LookupError,
    InvalidAccessError, InvalidStateError, OperationError,
)  # fmt: skip


class Presence(StrEnum):
    COMING = "coming"
    HERE = "here"
    HUNG_UP = "hung_up"
    LOST = "lost"


_PRESENCE = {"connected": Presence.HERE, "closed": Presence.HUNG_UP, "failed": Presence.LOST}


def offer_addresses(addresses: tuple[str, ...]) -> None:
    """Offer browsers these addresses of this machine, or all that it has; the loopback only when there is no other.

    aioice has no setting for it, so this is for a process that does nothing else.
    """
    every = aioice.ice.get_host_addresses

    def chosen(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return list(addresses) or every(use_ipv4, use_ipv6) or ["127.0.0.1"]

    aioice.ice.get_host_addresses = chosen


class _Mouth(MediaStreamTrack):
    """What that party hears. A few frames are kept while the wire is busy; older ones are dropped, not delayed."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._frames: deque[Packet[Any]] = deque(maxlen=_UNSENT_FRAMES)
        self._filled = asyncio.Event()

    def say(self, payload: bytes, at: int) -> None:
        packet = Packet(payload)
        packet.pts, packet.time_base = at, _TIME_BASE
        self._frames.append(packet)
        self._filled.set()

    async def recv(self) -> Packet[Any]:
        while not self._frames:
            if self.readyState != "live":
                raise MediaStreamError
            self._filled.clear()
            await self._filled.wait()
        return self._frames.popleft()


class Connection:
    """One party at a browser. changed: called whenever `presence` has changed; workplace: which browser, of a phone."""

    def __init__(self, settings: Settings, changed: Callable[[Connection], None], workplace: str = "") -> None:
        self.presence = Presence.COMING
        self.workplace = workplace
        self.opened_at = asyncio.get_running_loop().time()
        self._settings = settings
        self._changed = changed
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=_relays(settings)))
        self._ear, self._mouth = Jitter(), _Mouth()
        self._last_packet_at = self.opened_at
        self._listened_at = -1
        self._closing: asyncio.Task[None] | None = None
        self._peer.on("connectionstatechange", self._look)

    async def answer(self, offer: str) -> str:
        """The answer to a browser's offer. Raises BadOffer or NoMicrophone, and is closed then."""
        try:
            _require_microphone(offer)
            async with asyncio.timeout(_GATHER_S):
                return await self._negotiate(offer)
        except _MALFORMED as wrong:
            await self.close()
            raise BadOffer(why=type(wrong).__name__) from wrong
        except NoMicrophone:
            await self.close()
            raise

    async def _negotiate(self, offer: str) -> str:
        transceiver = self._peer.addTransceiver(self._mouth, direction="sendrecv")
        transceiver.setCodecPreferences(_PCMU_CODECS)
        self._take_packets_of(transceiver.receiver)
        await self._peer.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
        await self._peer.setLocalDescription(await self._peer.createAnswer())
        return advertise(self._peer.localDescription.sdp, self._settings.public_address)

    def _take_packets_of(self, receiver: RTCRtpReceiver) -> None:
        if not hasattr(receiver, "_handle_rtp_packet"):
            raise RuntimeError("aiortc has changed: its receivers no longer have _handle_rtp_packet")
        receiver._handle_rtp_packet = self._on_packet  # type: ignore[method-assign]

    async def _on_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        if packet.payload_type == _PCMU and packet.payload:
            self._last_packet_at = asyncio.get_running_loop().time()
            self._ear.write(packet.timestamp, decode(packet.payload))

    # --- for the mixer ----------------------------------------------------------------------------

    def hear(self, tick: int) -> Samples:
        """What this party said in these 20 ms. After a pause of listening, nothing old."""
        if tick != self._listened_at + 1:
            self._ear.forget()
            self._last_packet_at = asyncio.get_running_loop().time()
        self._listened_at = tick
        return self._ear.read() if self.presence is Presence.HERE else SILENCE

    def say(self, frame: Samples, tick: int) -> None:
        self._mouth.say(encode(frame), tick * FRAME)

    def quiet_s(self) -> float:
        """Since when nothing came from it, though it was listened to."""
        return asyncio.get_running_loop().time() - self._last_packet_at

    # --- its life ---------------------------------------------------------------------------------

    def _look(self) -> None:
        presence = _PRESENCE.get(self._peer.connectionState)
        if presence is not None and self.is_open and presence is not self.presence:
            self.presence = presence
            self._changed(self)

    @property
    def is_open(self) -> bool:
        return self.presence in (Presence.COMING, Presence.HERE)

    def lose(self) -> None:
        """It stopped answering: treat it as gone."""
        if self.is_open:
            self.presence = Presence.LOST
            self._changed(self)

    def end(self) -> None:
        """Close it without waiting; nothing more is told of it."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self.close())

    async def close(self) -> None:
        self.presence = Presence.LOST if self.is_open else self.presence
        self._mouth.stop()
        await self._peer.close()


def _relays(settings: Settings) -> list[RTCIceServer]:
    """An explicit empty list: left out, aiortc would ask a public server."""
    if not settings.turn_url:
        return []
    return [RTCIceServer(settings.turn_url, settings.turn_user, settings.turn_password)]


def _require_microphone(offer: str) -> None:
    media = SessionDescription.parse(offer).media
    sending = [part for part in media if part.kind == "audio" and part.direction in ("sendrecv", "sendonly")]
    if not sending:
        raise NoMicrophone


def advertise(sdp: str, address: str) -> str:
    """The description with `address` beside each of the machine's own: for a machine behind one-to-one NAT."""
    lines = []
    for line in sdp.splitlines():
        lines.append(line)
        words = line.split(" ")
        if address and line.startswith("a=candidate:") and words[7] == "host" and words[4] != address:
            twin = [words[0] + "1", *words[1:4], address, *words[5:]]
            if (added := " ".join(twin)) not in lines and f" {address} {words[5]} " not in sdp:
                lines.append(added)
    return "\r\n".join(lines) + "\r\n"
