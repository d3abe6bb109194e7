"""Browsers without windows: WebRTC clients that say a tone and remember what they hear."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from fractions import Fraction

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame

RATE = 8000
FRAME = 160
_REMEMBERED_S = 20
_LOUDNESS = 8000
_ROWS, _COLUMNS, _KEYS = (697, 770, 852, 941), (1209, 1336, 1477, 1633), "123A456B789C*0#D"


class Tone(MediaStreamTrack):
    kind = "audio"

    def __init__(self, hz: float) -> None:
        super().__init__()
        self._hz, self._at, self._began = hz, 0, 0.0

    async def recv(self) -> AudioFrame:
        loop = asyncio.get_running_loop()
        self._began = self._began or loop.time()
        await asyncio.sleep(max(0.0, self._began + self._at / RATE - loop.time()))
        at = np.arange(self._at, self._at + FRAME) / RATE
        sound = (np.sin(2 * np.pi * self._hz * at) * _LOUDNESS).astype(np.int16)
        frame = AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._at, Fraction(1, RATE)
        self._at += FRAME
        return frame


class Browser:
    """offer, then accept the answer; close when done."""

    rate = RATE

    def __init__(self, hz: float | None) -> None:
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._heard: deque[np.ndarray] = deque(maxlen=_REMEMBERED_S * RATE // FRAME)
        self.frames_heard = 0
        self._listening: asyncio.Task[None] | None = None
        self._peer.on("track", self._listen)
        if hz is None:
            self._peer.addTransceiver("audio", direction="recvonly")
        else:
            self._peer.addTrack(Tone(hz))

    @property
    def state(self) -> str:
        return self._peer.connectionState

    async def offer(self) -> str:
        await self._peer.setLocalDescription(await self._peer.createOffer())
        return self._peer.localDescription.sdp

    async def accept(self, answer: str) -> None:
        await self._peer.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))

    def last(self, seconds: float) -> np.ndarray:
        frames = list(self._heard)[-round(seconds * RATE / FRAME) :]
        return np.concatenate(frames).astype(np.float64) if frames else np.zeros(0)

    def keys(self) -> str:
        """The telephone keys in what it heard."""
        pressed, before = "", ""
        sound = self.last(_REMEMBERED_S)
        for start in range(0, len(sound) - 320, 160):
            key = _key_in(sound[start : start + 320])
            pressed += key if key != before else ""
            before = key
        return pressed

    def unplug(self) -> None:
        """Its network cable comes out: nothing is sent any more, not even a farewell."""
        for transceiver in self._peer.getTransceivers():
            transceiver.sender.transport._send_rtp = _into_the_void

    def remember(self, sound: np.ndarray) -> None:
        self._heard += [sound[at : at + FRAME] for at in range(0, len(sound), FRAME)]

    async def close(self) -> None:
        await self._peer.close()
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening

    def _listen(self, track: MediaStreamTrack) -> None:
        self._listening = asyncio.create_task(self._remember(track))

    async def _remember(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                self._heard.append((await track.recv()).to_ndarray().reshape(-1))
                self.frames_heard += 1


async def _into_the_void(_: bytes) -> None:
    pass


def _key_in(sound: np.ndarray) -> str:
    at = np.arange(len(sound)) / RATE
    power = {hz: abs(np.sum(sound * np.exp(-2j * np.pi * hz * at))) / len(sound) for hz in (*_ROWS, *_COLUMNS)}
    row, column = max(_ROWS, key=power.__getitem__), max(_COLUMNS, key=power.__getitem__)
    loud = np.sqrt(np.mean(sound**2))
    if loud < 500 or min(power[row], power[column]) < loud * 0.4:
        return ""
    return _KEYS[_ROWS.index(row) * 4 + _COLUMNS.index(column)]
