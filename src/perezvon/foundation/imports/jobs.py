from __future__ import annotations

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.imports.services import forget_outlived


@app.periodic(cron="41 3 * * *")
@app.task(name="imports.forget", queueing_lock="imports.forget")
def forget(timestamp: int) -> int:
    """Every night: files and rows of imports that can no longer be undone."""
    return forget_outlived(now=clock.now())
