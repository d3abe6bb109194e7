from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class ArticleSubmitted(Event):
    """A draft waits for somebody's word."""

    topic: ClassVar[str] = "knowledge.submitted"
    article_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class ArticlePublished(Event):
    """Another version is in force."""

    topic: ClassVar[str] = "knowledge.published"
    article_id: UUID
    version: int
