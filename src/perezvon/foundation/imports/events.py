from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class ImportEnded(Event):
    """Its rows are written, as far as they could be; or taken back (undone)."""

    topic: ClassVar[str] = "imports.ended"

    import_id: UUID
    undone: bool = False
