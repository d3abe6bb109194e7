from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class ContentArrived(Event):
    """A content that nobody has looked into yet."""

    topic: ClassVar[str] = "files.content_arrived"
    sha256: str


@dataclass(frozen=True, slots=True)
class FilesChanged(Event):
    """The files of a record are others, or their words are known by now. kind, record: as registry.py has them."""

    topic: ClassVar[str] = "files.changed"
    kind: str
    record: UUID
