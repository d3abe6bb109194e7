"""What the switch itself can be heard saying: prompts, music for those who wait, and keys."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import as_file, files

import av
import numpy as np

from perezvon.connectors.webvoice.switch.g711 import RATE, Samples
from perezvon.cores.switchboard import LANGUAGES, PROMPTS

_PAUSE = np.zeros(RATE // 8, np.int16)

# Five bells and how each sounds: hum, prime, tierce, nominal and a shimmer, with loudness and seconds of ringing.
_BELLS_HZ = (293.66, 349.23, 392.00, 523.25, 587.33)
_PARTIALS = ((0.5, 0.35, 3.2), (1.0, 1.0, 2.6), (1.19, 0.45, 1.8), (2.0, 0.5, 1.3), (2.74, 0.15, 0.7))
# The peal: rung down, answered, and rung home; which bell every 1.5 s, -1 rests.
_PEAL = (4, 3, 2, 1, 0, -1, 2, 4, 3, 1, 0, -1, 1, 2, 4, 2, 0, -1)
_STEP_S = 1.5
_BELL_LOUDNESS = 4500

_KEY_ROWS, _KEY_COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_KEYS = "123A456B789C*0#D"
_KEY_LOUDNESS = 5000


@cache
def bells() -> Samples:
    """A peal of bells that can be repeated without a seam."""
    length = round(len(_PEAL) * _STEP_S * RATE)
    peal = np.zeros(length)
    for step, bell in enumerate(_PEAL):
        if bell >= 0:
            sound = _bell(_BELLS_HZ[bell])
            at = (round(step * _STEP_S * RATE) + np.arange(len(sound))) % length
            peal[at] += sound
    looped: Samples = (peal / np.abs(peal).max() * _BELL_LOUDNESS).astype(np.int16)
    return looped


def _bell(hz: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    at = np.arange(4 * RATE) / RATE
    strike = np.minimum(at / 0.004, 1)
    partials = [loud * np.exp(-at / ring) * np.sin(2 * np.pi * hz * ratio * at) for ratio, loud, ring in _PARTIALS]
    fade = np.minimum(1, (4 - at) / 0.5)
    return np.asarray(np.sum(partials, axis=0) * strike * fade)


def keys(digits: str) -> Samples:
    """Those keys as a telephone sounds them (ITU-T Q.23), 100 ms each. Other characters are pauses."""
    parts = [part for digit in digits.upper() for part in (_key(digit), _PAUSE[: RATE // 16])]
    return np.concatenate(parts) if parts else _PAUSE[:0]


def _key(digit: str) -> Samples:
    at = np.arange(RATE // 10) / RATE
    place = _KEYS.find(digit)
    if place < 0:
        return np.zeros(len(at), np.int16)
    row, column = (np.sin(2 * np.pi * hz * at) for hz in (_KEY_ROWS[place // 4], _KEY_COLUMNS[place % 4]))
    tone: Samples = ((row + column) * _KEY_LOUDNESS).astype(np.int16)
    return tone


class Prompts:
    """All prompts in all languages, in memory: about a minute of speech each."""

    def __init__(self) -> None:
        self._sounds = {(lang, name): _load(lang, name) for lang in LANGUAGES for name in PROMPTS}

    def row(self, names: Iterable[str], language: str) -> Samples:
        """These prompts one after another, with a breath between; English where the language is not ours."""
        spoken = language if language in LANGUAGES else "en"
        return np.concatenate([part for name in names for part in (self._sounds[spoken, name], _PAUSE)])


def _load(language: str, name: str) -> Samples:
    with as_file(files("perezvon.connectors.webvoice") / "sounds" / language / f"{name}.flac") as path:
        return read_sound(str(path))


def read_sound(path: str) -> Samples:
    """A mono file of 8 kHz and 16 bits."""
    with av.open(path) as container:
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return np.concatenate(frames).astype(np.int16)
