from __future__ import annotations

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.modules.telephony.services import forget_old_facts


@app.periodic(cron="40 3 * * *")
@app.task(name="telephony.forget", queueing_lock="telephony.forget")
def forget(timestamp: int) -> int:
    """Every night: what followed from events that are no longer kept."""
    return forget_old_facts(now=clock.now())
