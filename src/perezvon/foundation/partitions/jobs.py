from __future__ import annotations

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.partitions.services import look_after_months


@app.periodic(cron="7 * * * *")
@app.task(name="partitions.look_after", queueing_lock="partitions.look_after")
def look_after(timestamp: int) -> list[str]:
    """Every hour, so that a month which could not be made is made long before it begins."""
    return look_after_months(clock.now())
