from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class MessageQueued(Event):
    topic: ClassVar[str] = "messages.message_queued"

    message_id: UUID


@dataclass(frozen=True, slots=True)
class MessageChanged(Event):
    """It was sent, delivered, refused or cancelled."""

    topic: ClassVar[str] = "messages.message_changed"

    message_id: UUID
    state: str
