from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class PersonErased(Event):
    """Nothing that says who he was is held any more."""

    topic: ClassVar[str] = "personal.erased"
    subject_id: UUID
