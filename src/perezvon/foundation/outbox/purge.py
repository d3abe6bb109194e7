"""What the outbox may forget."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Min

from perezvon.foundation.outbox.models import OutboxCursor, OutboxRow

KEPT = timedelta(days=1)
AT_ONCE = 10_000


def forget_old_rows(*, now: datetime, readers: list[str]) -> int:
    """Delete numbered rows older than a day which all of `readers` have read. Returns how many.

    A reader without a cursor has read nothing yet, so nothing is forgotten before it has begun.
    """
    cursors = OutboxCursor.objects.filter(reader__in=readers)
    if cursors.count() < len(readers):
        return 0
    read = cursors.aggregate(read=Min("number"))["read"]
    forgotten = 0
    while ids := _oldest(now - KEPT, read):
        forgotten += OutboxRow.objects.filter(pk__in=ids).delete()[0]
    return forgotten


def _oldest(before: datetime, read: int | None) -> list[int]:
    """Of the lowest numbers those that are old enough: numbers follow time, so there is no index by time."""
    numbered = OutboxRow.objects.filter(number__isnull=False)
    if read is not None:
        numbered = numbered.filter(number__lte=read)
    lowest = numbered.order_by("number").values_list("pk", "at")[:AT_ONCE]
    return [pk for pk, at in lowest if at < before]
