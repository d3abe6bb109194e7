"""The one clock. Only web, rest, jobs and engine read it; everything below them is given `now`."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  (the one place that may)
