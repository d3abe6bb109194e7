from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class FieldsChanged(Event):
    """A field of this kind of records was added or is another one now."""

    topic: ClassVar[str] = "fields.changed"
    kind: str
