from __future__ import annotations

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.imports.services import forget_outlived, look_at_due


@app.periodic(cron="41 3 * * *")
@app.task(name="imports.forget", queueing_lock="imports.forget")
def forget(timestamp: int) -> int:
    """Every night: files and rows of imports that can no longer be undone."""
    return forget_outlived(now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="imports.look_at_due", queueing_lock="imports.look_at_due")
def look_at_sources(timestamp: int) -> int:
    """Every five minutes: sources whose time has come."""
    return look_at_due(by=System(name="imports"), now=clock.now())
