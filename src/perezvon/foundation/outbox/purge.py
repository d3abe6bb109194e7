"""What the outbox may forget."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Q

from perezvon.foundation.outbox.models import OutboxCursor, OutboxRow

KEPT = timedelta(days=1)
AT_ONCE = 10_000


def forget_old_rows(*, now: datetime, readers: Mapping[str, str]) -> int:
    """Delete numbered rows older than a day which nobody waits for any more. Returns how many.

    readers: the topic of each, by its name. A reader's cursor stands on the last row of his own topic; he waits for
    those above it, and for all of them before he has begun.
    """
    cursors = dict(OutboxCursor.objects.filter(reader__in=readers).values_list("reader", "number"))
    awaited = Q()
    for reader, topic in readers.items():
        awaited |= Q(topic=topic, number__gt=cursors.get(reader, 0))
    forgotten = 0
    while ids := _oldest(now - KEPT, awaited):
        forgotten += OutboxRow.objects.filter(pk__in=ids).delete()[0]
    return forgotten


def _oldest(before: datetime, awaited: Q) -> list[int]:
    """Of the lowest numbers those that are old enough: numbers follow time, so there is no index by time."""
    numbered = OutboxRow.objects.filter(number__isnull=False).exclude(awaited)
    lowest = numbered.order_by("number").values_list("pk", "at")[:AT_ONCE]
    return [pk for pk, at in lowest if at < before]
