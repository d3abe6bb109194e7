"""Recordings that survive the process.

A file is a playable stereo WAV after every second: samples are appended, then the lengths in its header are
corrected. What a killed process leaves behind is found by `found` at the next start.
"""

from __future__ import annotations

import contextlib
import struct
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np

from perezvon.connectors.webvoice.switch.g711 import RATE, Samples
from perezvon.kernel.ids import CallId

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_BYTES_PER_S = RATE * 4
_FLUSH_BYTES = _BYTES_PER_S


@dataclass(frozen=True, slots=True)
class Found:
    call_id: CallId
    recording_id: UUID
    path: str
    seconds: float


def _header(size: int) -> bytes:
    """RIFF WAVE, PCM, two channels of 16 bits."""
    return _HEADER.pack(
        b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 2, RATE, _BYTES_PER_S, 4, 16, b"data", size
    )  # fmt: skip


class Recorder:
    """One file. Named after call and recording, so that it explains itself after a crash."""

    def __init__(self, spool: Path, call_id: CallId, recording_id: UUID) -> None:
        self._path = spool / f"{call_id}.{recording_id}.wav"
        self._file = self._path.open("wb", buffering=0)
        self._file.write(_header(0))
        self._size = 0
        self._unwritten = bytearray()
        self._found = (call_id, recording_id)

    def add(self, left: Samples, right: Samples) -> None:
        self._unwritten += np.stack((left, right), axis=1).astype("<i2").tobytes()
        if len(self._unwritten) >= _FLUSH_BYTES:
            self._flush()

    def finish(self) -> Found:
        self._flush()
        self._file.close()
        return Found(*self._found, str(self._path), self._size / _BYTES_PER_S)

    def _flush(self) -> None:
        self._file.seek(0, 2)
        self._file.write(self._unwritten)
        self._size += len(self._unwritten)
        self._unwritten.clear()
        self._file.seek(0)
        self._file.write(_header(self._size))


def found(spool: Path) -> list[Found]:
    """Complete every recording in `spool`, oldest first. Files of other names are left alone."""
    recordings = []
    for path in sorted(spool.glob("*.wav"), key=lambda path: path.stat().st_mtime):
        with contextlib.suppress(ValueError):
            call_id, recording_id = (UUID(part) for part in path.stem.split("."))
            recordings.append(Found(CallId(call_id), recording_id, str(path), _repair(path)))
    return recordings


def _repair(path: Path) -> float:
    """Make the header say how much there is, cut to whole samples. Gives seconds."""
    size = max(0, path.stat().st_size - _HEADER.size) // 4 * 4
    with path.open("r+b") as file:
        file.truncate(_HEADER.size + size)
        file.write(_header(size))
    return size / _BYTES_PER_S
