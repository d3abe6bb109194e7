"""Packets arrive unevenly; the mixer wants 20 ms every 20 ms.

A ring of samples is written where a packet's own time stamp says, so that order and loss look after themselves, and
read at a pointer behind it. How far behind adapts: when nothing was there to read, silence is given and the pointer
stays, which puts it 20 ms further back; when two packets too many were waiting at every single reading of two
seconds, the pointer skips one. So the delay follows the jitter of the line, and a clock that runs too fast or too
slow cannot make it grow. One packet in hand is kept: giving it up would cost a gap at the next jitter.
"""

from __future__ import annotations

import numpy as np

from perezvon.connectors.webvoice.switch.g711 import FRAME, RATE, SILENCE, Samples

_SIZE = RATE * 2
_START = 2 * FRAME  # waits for so much before it gives the first
_WATCHED = 100  # reads: two seconds
_SURPLUS = 2 * FRAME
_LOST = RATE  # a jump of the sender's clock by more than this is a new beginning
_WRAP = 1 << 32


class Jitter:
    """What one party says. Samples, 8 kHz."""

    def __init__(self) -> None:
        self._ring = np.zeros(_SIZE, np.int16)
        self._read = 0
        self._written = 0  # both count samples since the first packet; the pointer never passes what is written
        self._origin: int | None = None
        self._least = _SIZE
        self._reads = 0
        self._is_playing = False

    @property
    def waiting(self) -> int:
        """Samples written and not yet read."""
        return self._written - self._read

    def write(self, timestamp: int, samples: Samples) -> None:
        """timestamp: of the first sample, by the sender's clock, modulo 2**32."""
        at = self._place(timestamp)
        if abs(at - self._written) > _LOST or len(samples) > _LOST:
            self._begin(timestamp)
            at = 0
        end = at + len(samples)
        if at < self._read:
            return
        if at > self._written:
            self._blank(self._written, at)
        self._written = max(self._written, end)
        start = at % _SIZE
        if start + len(samples) <= _SIZE:
            self._ring[start : start + len(samples)] = samples
        else:
            self._ring[np.arange(at, end) % _SIZE] = samples

    def read(self) -> Samples:
        """The next 20 ms; silence while there is nothing."""
        if not self._is_playing and self.waiting >= _START:
            self._is_playing = True
        if not self._is_playing or self.waiting < FRAME:
            return SILENCE
        self._trim()
        start = self._read % _SIZE
        self._read += FRAME
        if start + FRAME <= _SIZE:
            return self._ring[start : start + FRAME].copy()
        return self._ring[np.arange(start, start + FRAME) % _SIZE]

    def forget(self) -> None:
        """Nobody listened for a while: what is waiting is old."""
        self._read = self._written
        self._is_playing = False
        self._watch_anew()

    def _place(self, timestamp: int) -> int:
        if self._origin is None:
            self._begin(timestamp)
        ahead = (timestamp - (self._origin or 0) - self._written) % _WRAP
        return self._written + (ahead if ahead < _WRAP // 2 else ahead - _WRAP)

    def _begin(self, timestamp: int) -> None:
        self._origin = timestamp
        self._read = self._written = 0
        self._is_playing = False
        self._watch_anew()

    def _blank(self, start: int, end: int) -> None:
        """A packet that never comes must be silence, not what was there a second ago."""
        self._ring[np.arange(start, end) % _SIZE] = 0

    def _trim(self) -> None:
        self._reads += 1
        self._least = min(self._least, self.waiting - FRAME)
        if self._reads >= _WATCHED:
            if self._least >= _SURPLUS:
                self._read += FRAME
            self._watch_anew()

    def _watch_anew(self) -> None:
        self._reads, self._least = 0, _SIZE
