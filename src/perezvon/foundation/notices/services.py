"""Telling people, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from perezvon.foundation.access import Person
from perezvon.foundation.notices.models import Notice
from perezvon.foundation.outbox.services import tell

NOTICE = "notice"
KEPT = timedelta(days=30)
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class News:
    """key: of what happened; url: where it leads."""

    key: str
    code: str
    url: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def notify(people: Iterable[int | None], news: News, *, now: datetime) -> None:
    """Tell them, in the transaction of what happened; each once, the last words counting. Two queries, none for
    nobody."""
    told = sorted({key for key in people if key is not None})
    if not told:
        return
    rows = [
        Notice(user_id=key, key=news.key, code=news.code, facts=dict(news.facts), url=news.url, at=now) for key in told
    ]
    Notice.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "key"], update_fields=["code", "facts", "url"]
    )
    tell(NOTICE, news.key, 1, to=[f"user:{key}" for key in told], now=now)


def read_all(*, by: Person, now: datetime) -> int:
    """He has seen what there is. No command: the audit would hold little else."""
    return Notice.objects.filter(user=by.id, read_at=None).update(read_at=now)


def forget_old(*, now: datetime) -> int:
    """Take away what is older than a month. How many rows."""
    old = Notice.objects.filter(at__lt=now - KEPT).values("pk")[:_AT_ONCE]
    return Notice.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]
