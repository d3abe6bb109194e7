from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class InteractionBegan(Event):
    topic: ClassVar[str] = "interactions.began"
    interaction_id: UUID


@dataclass(frozen=True, slots=True)
class InteractionEnded(Event):
    topic: ClassVar[str] = "interactions.ended"
    interaction_id: UUID


@dataclass(frozen=True, slots=True)
class ResultSaved(Event):
    """Somebody wrote what came of the contact."""

    topic: ClassVar[str] = "interactions.result_saved"
    interaction_id: UUID
    result: str
