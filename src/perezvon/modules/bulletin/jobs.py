from __future__ import annotations

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.modules.bulletin import services


@app.periodic(cron="* * * * *")
@app.task(name="bulletin.tell_of_due", queueing_lock="bulletin.tell_of_due")
def tell_of_due(timestamp: int) -> int:
    """Every minute: announcements whose time has come, or is over."""
    now = clock.now()
    return services.tell_of_due(by=System(name="bulletin"), now=now) if services.is_anything_due(now) else 0
