from __future__ import annotations

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.configuration.services import keep_version


@app.periodic(cron="*/10 * * * *")
@app.task(name="configuration.keep", queueing_lock="configuration.keep")
def keep(timestamp: int) -> int:
    """Every ten minutes: what was changed on the pages becomes a version. Gives the newest number."""
    return keep_version(by=System(name="configuration"), now=clock.now()).number
