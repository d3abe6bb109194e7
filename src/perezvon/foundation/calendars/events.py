from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class HoursChanged(Event):
    """A working calendar is new, or its hours, its days, or who goes by it have changed."""

    topic: ClassVar[str] = "calendars.hours_changed"
    calendar_id: int
