"""What a recording looks like: how loud each side is, column by column, for a player to draw at once.

The peaks are made here and kept: a browser would have to fetch and decode the whole of an hour to draw them.
"""

from __future__ import annotations

import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

COLUMNS = 600
FULL = 100  # of the loudest that sixteen bits can hold
_LOUDEST = 32768
_WIDTH = 2  # bytes of a sample: recordings are 16 bits
_SOUND_PER_READ = 1 << 20  # frames

type Peaks = list[list[int]]


def peaks_of(path: Path) -> Peaks:
    """The loudest of each column, 0..100, one list for the customer and one for our side; the same twice for mono.

    Never more than a megabyte of frames is held. Raises wave.Error, EOFError or OSError for what is no such sound.
    """
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != _WIDTH or file.getnchannels() not in {1, 2}:
            raise wave.Error(f"{file.getnchannels()} channels of {8 * file.getsampwidth()} bits")
        frames, channels = file.getnframes(), file.getnchannels()
        loudest = np.zeros((COLUMNS, channels), dtype=np.int32)
        at = 0
        while chunk := file.readframes(_SOUND_PER_READ):
            sound = np.abs(np.frombuffer(chunk, dtype="<i2").astype(np.int32)).reshape(-1, channels)
            columns = np.minimum((np.arange(at, at + len(sound)) * COLUMNS) // max(frames, 1), COLUMNS - 1)
            np.maximum.at(loudest, columns, sound)
            at += len(sound)
    sides = (loudest * FULL // _LOUDEST).T.tolist()
    return sides if channels == len(("customer", "ours")) else [sides[0], sides[0]]


def outline(side: Sequence[int], *, up: bool, middle: int) -> str:
    """The `d` of an SVG path: one side of the sound, above or below the middle; silence is a thin line.

    Quiet sound is drawn larger than it is: its square root, for speech is heard that way.
    """
    sign = -1 if up else 1
    heights = [max(1, round(middle * (level / FULL) ** 0.5)) for level in side]
    tops = " ".join(f"L{column} {middle + sign * height}" for column, height in enumerate(heights))
    return f"M0 {middle} {tops} L{len(heights) - 1} {middle}Z"
