"""Recordings that survive the process.

A file is a playable stereo WAV after every second: samples are appended, then the lengths in its header are
corrected. Beside it lies an empty file `.untold` until the engine has confirmed that it knows of it, so that the next
start finds what a killed process left behind, however many old recordings lie in the same folder.
"""

from __future__ import annotations

import errno
import struct
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
import structlog

from perezvon.connectors.webvoice.switch.g711 import RATE, Samples
from perezvon.kernel.ids import CallId

log = structlog.get_logger(__name__)

_MARK = ".untold"
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
    """One file. Named after call and recording, so that it explains itself after a crash.

    A full disk ends the file where it is, and is logged; the conversation goes on. Raises OSError only at the start.
    """

    def __init__(self, spool: Path, call_id: CallId, recording_id: UUID) -> None:
        self._path = spool / f"{call_id}.{recording_id}.wav"
        self._path.with_suffix(_MARK).touch()
        self._file = self._path.open("wb", buffering=0)
        self._file.write(_header(0))
        self._is_full = False
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
        if self._is_full:
            self._unwritten.clear()
            return
        try:
            self._append(bytes(self._unwritten))
        except OSError as full:
            self._is_full = True
            log.error("voice.recording_cut", path=str(self._path), why=full.strerror)
        self._unwritten.clear()

    def _append(self, samples: bytes) -> None:
        self._file.seek(_HEADER.size + self._size)
        written = self._file.write(samples)
        self._size += written // 4 * 4
        self._file.seek(0)
        self._file.write(_header(self._size))
        if written < len(samples):
            raise OSError(errno.ENOSPC, "no space left")


def told(path: str) -> None:
    """The engine knows of this recording; what becomes of the file is its business now."""
    Path(path).with_suffix(_MARK).unlink(missing_ok=True)


def found(spool: Path) -> list[Found]:
    """Complete every untold recording in `spool`, oldest first."""
    marks = sorted(spool.glob(f"*{_MARK}"), key=lambda mark: mark.stat().st_mtime)
    return [recording for mark in marks if (recording := _find(mark)) is not None]


def _find(mark: Path) -> Found | None:
    path = mark.with_suffix(".wav")
    try:
        call_id, recording_id = (UUID(part) for part in path.stem.split("."))
        return Found(CallId(call_id), recording_id, str(path), _repair(path))
    except (ValueError, FileNotFoundError) as wrong:
        log.warning("voice.not_a_recording", path=str(path), why=type(wrong).__name__)
        mark.unlink()
        return None


def _repair(path: Path) -> float:
    """Make the header say how much there is, cut to whole samples. Gives seconds."""
    size = max(0, path.stat().st_size - _HEADER.size) // 4 * 4
    with path.open("r+b") as file:
        file.truncate(_HEADER.size + size)
        file.write(_header(size))
    return size / _BYTES_PER_S
