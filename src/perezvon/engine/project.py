"""The third loop: facts become history, in order, through the services of the modules.

Effect and mark commit together, so each fact has its effect once. A fact that fails is tried again later and, after
five times, parked; later facts of the same call wait behind it, those of other calls go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError, OperationalError, close_old_connections, transaction

from perezvon.cores.calls import words as core
from perezvon.cores.routing import AgentStatus
from perezvon.engine.decide import FACTS
from perezvon.foundation.access import System
from perezvon.modules.interactions import services as interactions
from perezvon.modules.routing import services as routing
from perezvon.modules.telephony import services as telephony
from perezvon.modules.telephony.models import CallFact

log = structlog.get_logger()

BATCH = 200
ATTEMPTS = 5
UNASKED_S = 1.0
ENGINE = System(name="engine")


class Projector:
    """Runs `project_waiting` whenever facts were written, and once a second unasked."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.bell = asyncio.Event()

    async def run(self) -> None:
        while True:
            try:
                done = await sync_to_async(self._once, thread_sensitive=False)()
            except DatabaseError as error:
                log.info("engine.projection_waits", error=str(error).partition("\n")[0])
                done = 0
                await asyncio.sleep(UNASKED_S)
            if done < BATCH:
                try:
                    async with asyncio.timeout(UNASKED_S):
                        await self.bell.wait()
                except TimeoutError:
                    pass
                self.bell.clear()

    def _once(self) -> int:
        close_old_connections()
        return project_waiting(self._now())


def project_waiting(now: datetime) -> int:
    """Write what waits into the history. Returns how many facts were looked at."""
    waiting = list(CallFact.objects.filter(projected_at=None, attempts__lt=ATTEMPTS).order_by("id")[:BATCH])
    parked = CallFact.objects.filter(projected_at=None, attempts__gte=ATTEMPTS, call__isnull=False)
    blocked: set[UUID | None] = set(parked.values_list("call", flat=True))
    for fact in waiting:
        if fact.call is not None and fact.call in blocked:
            continue
        if not _project(fact, now):
            blocked.add(fact.call)
    return len(waiting)


def _project(row: CallFact, now: datetime) -> bool:
    try:
        with transaction.atomic():
            # A former leader that wakes up may hold the same batch: whoever marks a fact first has its effect.
            is_ours = CallFact.objects.filter(pk=row.pk, projected_at=None).update(projected_at=now)
            if is_ours and (fact := FACTS.load(row.body)) is not None:
                write(fact, now)
    except OperationalError:
        raise
    except Exception as error:
        row.attempts, row.error = row.attempts + 1, repr(error)[:1000]
        row.save(update_fields=["attempts", "error"])
        log.exception("engine.projection_failed", fact=row.pk, attempts=row.attempts)
        return False
    return True


def write(fact: object, now: datetime) -> None:
    """One fact, by the service of the module that owns the history it belongs to."""
    match fact:
        case core.ContactBegan():
            interactions.begin(fact=fact, by=ENGINE, now=now)
        case core.SegmentBegan():
            interactions.begin_segment(fact=fact, by=ENGINE, now=now)
        case core.SegmentEnded():
            interactions.end_segment(fact=fact, by=ENGINE, now=now)
        case core.ContactEnded():
            interactions.end(fact=fact, by=ENGINE, now=now)
        case core.WrapUpOver():
            interactions.wrap_up_over(fact=fact, by=ENGINE, now=now)
        case core.RecordingRefused():
            interactions.refuse_recording(fact=fact, by=ENGINE, now=now)
        case core.RecordingBegan(recording_id=recording_id, contact_id=contact_id, call_id=call_id, at=at):
            telephony.begin_recording(recording_id=recording_id, interaction_id=contact_id, call_id=call_id, at=at)
        case core.RecordingReady():
            telephony.finish_recording(
                recording_id=fact.recording_id,
                call_id=fact.call_id,
                path=fact.path,
                seconds=fact.seconds,
                at=fact.at,
            )
        case core.AgentMoved():
            routing.record_state(
                user_id=fact.agent,
                status=AgentStatus(fact.status),
                reason=fact.reason,
                changed_by=fact.by,
                at=fact.at,
            )
