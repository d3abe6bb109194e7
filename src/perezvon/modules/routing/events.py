"""What routing tells others, the engine above all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from perezvon.cores.calls import words as calls
from perezvon.cores.routing import words as routing
from perezvon.foundation.outbox.services import Event
from perezvon.kernel.codec import Codec

CORE_EVENTS = Codec(
    routing.QueueSet,
    routing.AgentSet,
    routing.PresenceAsked,
    routing.WrappedUp,
    routing.WrapUpExtended,
    routing.Tick,
    calls.LineSet,
    calls.CallRequest,
    calls.CallOut,
)


@dataclass(frozen=True, slots=True)
class EngineAsked(Event):
    """Something for the cores to decide on: a click, a changed configuration. body: as CORE_EVENTS writes it."""

    topic: ClassVar[str] = "engine"

    body: dict[str, Any]


def for_the_engine(event: object) -> EngineAsked:
    return EngineAsked(CORE_EVENTS.dump(event))
