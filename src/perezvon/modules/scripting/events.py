from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from perezvon.foundation.outbox.services import Event


@dataclass(frozen=True, slots=True)
class ScenarioPublished(Event):
    """New runs take another version from now on."""

    topic: ClassVar[str] = "scripting.published"
    scenario_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class ScenarioSwitched(Event):
    """It is offered again, or no more."""

    topic: ClassVar[str] = "scripting.switched"
    scenario_id: UUID
    is_active: bool
