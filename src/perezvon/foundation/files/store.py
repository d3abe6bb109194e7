"""Contents of files on the disk, each once, under the hash of what it holds.

A content is written beside its place, brought to the disk and then renamed, so what stands in its place is whole.
It is there before the row that speaks of it is committed; what no row speaks of is swept away a day later.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from perezvon.foundation.files.names import HEAD_BYTES
from perezvon.kernel.errors import Refused

ORPHAN_AFTER = timedelta(days=1)
_INCOMING = "incoming"


class TooLarge(Refused):
    """facts: most, in bytes."""

    code = "files.too_large"
    http_status = 413


@dataclass(frozen=True, slots=True)
class Content:
    """head: its first bytes."""

    sha256: str
    size: int
    head: bytes


def put(chunks: Iterable[bytes], *, most: int) -> Content:
    """Take a content in, up to `most` bytes. Raises TooLarge as soon as it is more; nothing is left then."""
    incoming = _folder(_INCOMING) / uuid4().hex
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        with open(incoming, "xb", opener=_private) as file:
            for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise TooLarge(most=most)
                digest.update(chunk)
                head = head if len(head) >= HEAD_BYTES else (head + chunk)[:HEAD_BYTES]
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        place = path_of(digest.hexdigest())
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        incoming.replace(place)
        _sync_folder(place.parent)
    finally:
        incoming.unlink(missing_ok=True)
    return Content(digest.hexdigest(), size, head)


def path_of(sha256: str) -> Path:
    return _root() / sha256[:2] / sha256


def keep_beside(place: Path, content: bytes) -> None:
    """Something made of a content, whole or not at all, in its folder."""
    made = place.with_name(f"{place.name}.{uuid4().hex}")
    with open(made, "xb", opener=_private) as file:
        file.write(content)
    made.replace(place)


def old_contents(now: datetime) -> Iterator[Path]:
    """What was put in long enough ago to be swept, if nothing speaks of it; unfinished ones among it."""
    before = (now - ORPHAN_AFTER).timestamp()
    for path in _root().glob("*/*"):
        if path.stat().st_mtime < before:
            yield path


def _root() -> Path:
    return Path(settings.FILES)


def _folder(name: str) -> Path:
    folder = _root() / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    """A rename is on the disk when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
