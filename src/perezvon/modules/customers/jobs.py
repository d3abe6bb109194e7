from __future__ import annotations

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.modules.customers.selectors import list_outlived_warnings
from perezvon.modules.customers.services import find_duplicates, lift_warning

BY = System(name="customers")


@app.periodic(cron="23 1 * * *")
@app.task(name="customers.find_duplicates", queueing_lock="customers.find_duplicates")
def look_for_duplicates(timestamp: int) -> int:
    """Every night: pairs of cards that may be one person's."""
    return find_duplicates(by=BY, now=clock.now())


@app.periodic(cron="2 * * * *")
@app.task(name="customers.lift_warnings", queueing_lock="customers.lift_warnings")
def lift_outlived_warnings(timestamp: int) -> int:
    """Every hour: warnings whose last day is over."""
    now = clock.now()
    outlived = list_outlived_warnings(now)
    for warning_id in outlived:
        lift_warning(warning_id=warning_id, by=BY, now=now)
    return len(outlived)
