from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class DocumentMade(Event):
    topic: ClassVar[str] = "documents.made"
    document_id: UUID
    kind: str
    record_id: UUID


@dataclass(frozen=True, slots=True)
class DocumentSent(Event):
    """It is queued as a letter; what becomes of that, messages tell."""

    topic: ClassVar[str] = "documents.sent"
    document_id: UUID
    message_id: UUID


@dataclass(frozen=True, slots=True)
class TemplatePublished(Event):
    """Documents are made of another version from now on."""

    topic: ClassVar[str] = "documents.template_published"
    template_id: UUID
    number: int
