from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class CustomerRegistered(Event):
    topic: ClassVar[str] = "customers.registered"
    customer_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerChanged(Event):
    """fields: the names of what changed, "contacts" for telephones and the like."""

    topic: ClassVar[str] = "customers.changed"
    customer_id: UUID
    fields: tuple[str, ...]
