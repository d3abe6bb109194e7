from __future__ import annotations

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.outbox.handlers import handlers
from perezvon.foundation.outbox.purge import forget_old_rows


@app.periodic(cron="17 * * * *")
@app.task(name="outbox.forget", queueing_lock="outbox.forget")
def forget(timestamp: int) -> int:
    """Every hour: rows a day old that nobody waits for."""
    return forget_old_rows(now=clock.now(), readers={handler.name: handler.event.topic for handler in handlers()})
