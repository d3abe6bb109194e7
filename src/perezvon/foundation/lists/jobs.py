from __future__ import annotations

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.lists.services import forget_bulk_runs


@app.periodic(cron="37 * * * *")
@app.task(name="lists.forget", queueing_lock="lists.forget")
def forget(timestamp: int) -> int:
    """Every hour: what can no longer be undone."""
    return forget_bulk_runs(now=clock.now())
