from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class TaskChanged(Event):
    """Planned, changed, handed over or closed. state: what it is in now."""

    topic: ClassVar[str] = "tasks.changed"
    task_id: UUID
    state: str
