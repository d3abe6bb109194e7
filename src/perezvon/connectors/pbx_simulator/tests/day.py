"""Words for tests of a simulated exchange in virtual time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from perezvon.connectors.pbx_simulator.scripts import Script
from perezvon.connectors.pbx_simulator.simulator import Simulator
from perezvon.kernel.ids import CallId, LegId
from perezvon.ports.telephony import CallCommand, LegCommand, Offered, SwitchEvent

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OLGA, VIKTOR = "agent:1", "agent:2"
ANNA = "79161234567"


def at(seconds: float) -> datetime:
    return MORNING + timedelta(seconds=seconds)


def anna(**habits: object) -> Script:
    """Anna calls the bank's line at nine o'clock."""
    return Script(arrives_at=at(0), line="bank", caller=ANNA, **habits)


def offered(simulator: Simulator, now: datetime) -> Offered:
    """The only call that came in by now."""
    [event] = [event for event in simulator.advance(now) if isinstance(event, Offered)]
    return event


def new_leg() -> LegId:
    return LegId(uuid4())


def order[C: CallCommand](kind: type[C], call: CallId, leg: UUID | None = None, **more: object) -> C:
    """A command with a fresh id."""
    if issubclass(kind, LegCommand):
        more["leg_id"] = leg
    return kind(command_id=uuid4(), call_id=call, **more)


def kinds(events: list[SwitchEvent]) -> list[str]:
    return [type(event).__name__ for event in events]
