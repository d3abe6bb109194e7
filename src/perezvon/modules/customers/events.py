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
class CustomersMerged(Event):
    """Everything that pointed at `gone_id` points at `kept_id` now. undone: it points back again."""

    topic: ClassVar[str] = "customers.merged"
    kept_id: UUID
    gone_id: UUID
    undone: bool = False


@dataclass(frozen=True, slots=True)
class CustomerChanged(Event):
    """fields: the names of what changed, "contacts" for telephones and the like."""

    topic: ClassVar[str] = "customers.changed"
    customer_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomersImported(Event):
    """A batch of an import was written, or taken back. Which customers, the rows of the import say."""

    topic: ClassVar[str] = "customers.imported"
    made: int
    changed: int


@dataclass(frozen=True, slots=True)
class ContactBanned(Event):
    """A line was entered in the do-not-contact register."""

    topic: ClassVar[str] = "customers.contact_banned"
    ban_id: int


@dataclass(frozen=True, slots=True)
class BanLifted(Event):
    topic: ClassVar[str] = "customers.ban_lifted"
    ban_id: int


@dataclass(frozen=True, slots=True)
class ContractChanged(Event):
    """A contract was added or changed, or its tariff, or a loss was entered."""

    topic: ClassVar[str] = "customers.contract_changed"
    contract_id: UUID
    customer_id: UUID
