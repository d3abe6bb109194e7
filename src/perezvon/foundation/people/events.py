from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class UserChanged(Event):
    """Somebody was added, changed, blocked or let in again."""

    topic: ClassVar[str] = "people.user_changed"
    user_id: int
