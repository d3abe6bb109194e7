"""Recordings of calls that nobody spoke in: the customer is a tone on the left, the others one on the right."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from perezvon.connectors.pbx_simulator.simulator import FinishedRecording

RATE = 8000
CUSTOMER_HZ, OTHERS_HZ = 440, 660
_LOUDNESS = 6000


def write_tones(recording: FinishedRecording) -> None:
    """A stereo WAV of 16 bits and 8 kHz, silent where the recording was paused."""
    at = np.arange(round(recording.seconds * RATE)) / RATE
    sound = np.stack([np.sin(2 * np.pi * hz * at) for hz in (CUSTOMER_HZ, OTHERS_HZ)], axis=1) * _LOUDNESS
    for since, until in recording.silences:
        sound[round(since * RATE) : round(until * RATE)] = 0
    path = Path(recording.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.astype("<i2").tobytes())
