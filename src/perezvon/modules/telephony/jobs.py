from __future__ import annotations

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.modules.telephony.services import forget_old_calls


@app.periodic(cron="40 3 * * *")
@app.task(name="telephony.forget", queueing_lock="telephony.forget")
def forget(timestamp: int) -> int:
    """Every night: what the engine was told more than thirty days ago."""
    return forget_old_calls(now=clock.now())
