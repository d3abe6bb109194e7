from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, slots=True)
class RunBegan(Event):
    """A conversation is led by a scenario."""

    topic: ClassVar[str] = "scripting.run_began"
    run_id: UUID


@dataclass(frozen=True, slots=True)
class RunEnded(Event):
    """It came to an end of its scenario."""

    topic: ClassVar[str] = "scripting.run_ended"
    run_id: UUID
    result: str


@dataclass(frozen=True, slots=True)
class PastRunsChanged(Event):
    """Runs that began on this day of UTC, before today, have gone on, or were put in."""

    topic: ClassVar[str] = "scripting.past_changed"
    day: date
