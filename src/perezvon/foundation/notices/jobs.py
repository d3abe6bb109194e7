from __future__ import annotations

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.notices.services import forget_old


@app.periodic(cron="17 * * * *")
@app.task(name="notices.forget_old", queueing_lock="notices.forget_old")
def forget(timestamp: int) -> int:
    """Every hour."""
    return forget_old(now=clock.now())
