"""Reacting to events of other modules, a moment later, in the worker process (DECISIONS 13).

A module's `handlers.py` says what it does about which event:

    @handles(InteractionEnded)
    def forget_draft(event: InteractionEnded, now: datetime) -> None: ...

Every handler reads the outbox at its own pace and in order. Its cursor moves in the transaction of its effect, so an
event is delivered again after a crash until its effect is there, and has it once. A handler that fails is asked again
after a pause that doubles; events behind it wait, those of other handlers do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils.module_loading import autodiscover_modules
from pydantic import TypeAdapter

from perezvon.foundation.outbox.models import OutboxCursor, OutboxRow
from perezvon.foundation.outbox.services import Event

log = structlog.get_logger()

BATCH = 200
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(minutes=5)

type Handle[E: Event] = Callable[[E, datetime], None]


@dataclass(frozen=True, slots=True)
class Handler:
    """name: of its cursor, so it must stay when code moves: the module's label and the function."""

    name: str
    event: type[Event]
    run: Handle[Any]


_handlers: dict[str, Handler] = {}
_is_frozen = False


def handles[E: Event](event: type[E]) -> Callable[[Handle[E]], Handle[E]]:
    """Register the function below for this event. Only while modules are being loaded."""

    def register(run: Handle[E]) -> Handle[E]:
        name = f"{run.__module__.removesuffix('.handlers').rpartition('.')[2]}.{run.__name__}"
        if _is_frozen or name in _handlers:
            raise RuntimeError(f"the handler {name} comes too late, or twice")
        _handlers[name] = Handler(name, event, run)
        return run

    return register


def handlers() -> list[Handler]:
    """Those of all modules, by name. After the first call none can be added."""
    global _is_frozen
    if not _is_frozen:
        autodiscover_modules("handlers")
        _is_frozen = True
    return [_handlers[name] for name in sorted(_handlers)]


@dataclass(slots=True)
class Dispatcher:
    """Delivers what waits. Two of them share the work without doing any of it twice."""

    handlers: list[Handler]
    _failures: dict[str, int] = field(default_factory=dict)
    _rests_until: dict[str, datetime] = field(default_factory=dict)

    def deliver(self, now: datetime) -> int:
        """One round over all handlers, a batch each. Returns how many events were handled."""
        return sum(self._serve(handler, now) for handler in self.handlers if self._is_due(handler, now))

    def _is_due(self, handler: Handler, now: datetime) -> bool:
        rests_until = self._rests_until.get(handler.name)
        return rests_until is None or rests_until <= now

    def _serve(self, handler: Handler, now: datetime) -> int:
        done = 0
        for row, before in _waiting(handler):
            try:
                if not _handle(handler, row, before, now):
                    return done  # another worker is at it
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                log.exception("outbox.handler_failed", handler=handler.name, number=row.number)
                self._rest(handler, now)
                return done
            done += 1
        self._failures.pop(handler.name, None)
        self._rests_until.pop(handler.name, None)
        return done

    def _rest(self, handler: Handler, now: datetime) -> None:
        failures = self._failures[handler.name] = self._failures.get(handler.name, 0) + 1
        pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 16), LONGEST_PAUSE)
        self._rests_until[handler.name] = now + pause


def _waiting(handler: Handler) -> Iterator[tuple[OutboxRow, int]]:
    """Events of this handler above its cursor, each with the number on which the cursor stands before it."""
    cursor, _ = OutboxCursor.objects.get_or_create(reader=handler.name)
    before = cursor.number
    rows = OutboxRow.objects.filter(topic=handler.event.topic, number__gt=before).order_by("number")
    for row in rows[:BATCH]:
        yield row, before
        before = cast("int", row.number)


def _handle(handler: Handler, row: OutboxRow, before: int, now: datetime) -> bool:
    """Effect and cursor, or neither. False when the cursor no longer stands on `before`."""
    with transaction.atomic():
        # Whoever moves the cursor first holds its row until he commits; a second one finds it moved.
        moved = OutboxCursor.objects.filter(reader=handler.name, number=before).update(number=row.number)
        if moved:
            event = TypeAdapter(handler.event).validate_python(row.body)
            handler.run(event, now)
    return bool(moved)
