"""What a switch has said and its reader has not confirmed yet.

A reader that went away comes back to a snapshot of the switch *as it was at his last confirmation*, followed by
everything said since: nothing is missed, nothing told twice, and a call that came and went in between is told whole.
When nobody reads for long, the oldest steps are folded into that snapshot: how things stand is never lost, only
how they came about.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from perezvon.cores.switchboard.parts import Entry
from perezvon.kernel.ids import CallId
from perezvon.ports.telephony import CallSnapshot, DeviceChanged, Snapshot, SwitchEvent


class Journal:
    """Holds at most `limit` unconfirmed steps."""

    def __init__(self, limit: int = 20_000) -> None:
        self._limit = limit
        self._steps: deque[Entry] = deque()
        self._calls: dict[CallId, CallSnapshot] = {}
        self._devices: dict[str, None] = {}

    def write(self, entry: Entry) -> None:
        self._steps.append(entry)
        self._settle()
        while len(self._steps) > self._limit:
            self._fold(self._steps.popleft())

    def confirm(self, event_id: UUID) -> list[SwitchEvent]:
        """The reader has everything up to this event: gives what that was. An id that is not waiting is ignored."""
        if not any(event.event_id == event_id for event in self.unconfirmed()):
            return []
        confirmed: list[SwitchEvent] = []
        while not confirmed or confirmed[-1].event_id != event_id:
            entry = self._steps.popleft()
            self._fold(entry)
            if entry.event is not None:
                confirmed.append(entry.event)
        self._settle()
        return confirmed

    def snapshot(self, *, event_id: UUID, at: datetime) -> Snapshot:
        return Snapshot(event_id=event_id, at=at, calls=tuple(self._calls.values()), devices=tuple(self._devices))

    def unconfirmed(self) -> Iterator[SwitchEvent]:
        return (entry.event for entry in self._steps if entry.event is not None)

    def after(self, event_id: UUID | None) -> list[SwitchEvent]:
        """What was said since that event; all that is unconfirmed when that event no longer is."""
        events = list(self.unconfirmed())
        known = [index for index, event in enumerate(events) if event.event_id == event_id]
        return events[known[0] + 1 :] if known else events

    def _settle(self) -> None:
        """Steps that said nothing need no confirmation once they are the oldest."""
        while self._steps and self._steps[0].event is None:
            self._fold(self._steps.popleft())

    def _fold(self, entry: Entry) -> None:
        if isinstance(entry.event, DeviceChanged):
            self._fold_device(entry.event)
        elif entry.call is not None:
            self._calls[entry.call.call_id] = entry.call
        elif entry.call_id is not None:
            self._calls.pop(entry.call_id, None)

    def _fold_device(self, event: DeviceChanged) -> None:
        if event.reachable:
            self._devices[event.address] = None
        else:
            self._devices.pop(event.address, None)
