from __future__ import annotations

from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError
from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.modules.customers.selectors import list_outlived_warnings
from perezvon.modules.customers.services import find_duplicates, lift_warning

log = structlog.get_logger()

BY = System(name="customers")


@app.periodic(cron="23 1 * * *")
@app.task(name="customers.find_duplicates", queueing_lock="customers.find_duplicates")
def look_for_duplicates(timestamp: int) -> int:
    """Every night: pairs of cards that may be one person's."""
    return find_duplicates(by=BY, now=clock.now())


@app.periodic(cron="2 * * * *")
@app.task(name="customers.lift_warnings", queueing_lock="customers.lift_warnings")
def lift_outlived_warnings(timestamp: int) -> int:
    """Every hour: warnings whose last day is over. Returns how many were lifted."""
    now = clock.now()
    return sum(_lift(warning_id, now) for warning_id in list_outlived_warnings(now))


def _lift(warning_id: int, now: datetime) -> bool:
    """False where it cannot be: the other warnings must not wait for this one."""
    try:
        lift_warning(warning_id=warning_id, by=BY, now=now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("customers.warning_not_lifted", warning=warning_id)
        return False
    return True
