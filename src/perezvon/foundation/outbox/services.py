"""Writing to the outbox. Nothing here sends anything: the relay does, after the commit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.db import connection

from perezvon.foundation.outbox.models import OutboxRow

LIVE = "live"


@dataclass(frozen=True, slots=True)
class Event:
    """A fact of a module, past tense, ids not objects. Subclasses name their topic: `module.thing_happened`."""

    topic: ClassVar[str] = ""


def publish(event: Event, *, now: datetime) -> None:
    """Tell other modules and processes, if this transaction commits."""
    _write(event.topic, asdict(event), None, now)


def tell(kind: str, key: object, version: int, *, to: Iterable[str], now: datetime) -> None:
    """Tell browsers that record `kind`/`key` has a new version. They fetch it themselves, with their own rights."""
    _write(LIVE, {"kind": kind, "id": str(key), "version": version}, sorted(set(to)), now)


def _write(topic: str, body: dict[str, Any], audience: list[str] | None, now: datetime) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("the outbox is written in the transaction of the change it tells of")
    OutboxRow.objects.create(topic=topic, body=body, audience=audience, at=now)
