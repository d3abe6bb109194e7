from __future__ import annotations

from perezvon.foundation.access import Person
from perezvon.foundation.notices.models import Notice

SHOWN = 20
MOST_COUNTED = 99


def unread(by: Person) -> int:
    """How many, up to 99. One query."""
    return Notice.objects.filter(user=by.id, read_at=None).order_by()[:MOST_COUNTED].count()


def latest(by: Person) -> list[Notice]:
    """The newest first. One query."""
    return list(Notice.objects.filter(user=by.id)[:SHOWN])
