from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class JobAsked(Event):
    topic: ClassVar[str] = "jobs.job_asked"

    job_id: UUID
