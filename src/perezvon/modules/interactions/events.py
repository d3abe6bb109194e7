from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
class PastChanged(Event):
    """Contacts that began in this time were changed, or added, after the hour in which they began."""

    topic: ClassVar[str] = "interactions.past_changed"
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ResultSaved(Event):
    """Somebody wrote what came of the contact."""

    topic: ClassVar[str] = "interactions.result_saved"
    interaction_id: UUID
    result: str


@dataclass(frozen=True, slots=True)
class CustomerIdentified(Event):
    """Whoever speaks in this contact is the customer."""

    topic: ClassVar[str] = "interactions.customer_identified"
    interaction_id: UUID
    customer_id: UUID


@dataclass(frozen=True, slots=True)
class IdentificationLocked(Event):
    """Somebody who could not identify himself as this customer has no attempts left in this contact."""

    topic: ClassVar[str] = "interactions.identification_locked"
    interaction_id: UUID
    customer_id: UUID
