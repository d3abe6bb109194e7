from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError
from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.modules.cases.services import (
    ask_to_reckon,
    forget_lookers,
    forget_runs,
    sweep_rules,
    terms_to_wake,
    wake_case,
)

log = structlog.get_logger()

BY = System(name="cases")


@app.periodic(cron="* * * * *")
@app.task(name="cases.wake_terms", queueing_lock="cases.wake_terms")
def wake_terms(timestamp: int) -> int:
    """Every minute: promises that are about to be broken, or were. Returns how many cases were looked at."""
    now = clock.now()
    return sum(_wake(case_id, now) for case_id in terms_to_wake(now))


@app.periodic(cron="* * * * *")
@app.task(name="cases.sweep_rules", queueing_lock="cases.sweep_rules")
def sweep(timestamp: int) -> int:
    """Every minute: rules that wait for so long in one state. Returns how many acted."""
    return sweep_rules(clock.now())


@app.periodic(cron="10 2 * * *")
@app.task(name="cases.reckon_terms", queueing_lock="cases.reckon_terms")
def reckon_terms(timestamp: int) -> None:
    """Every night: a year has begun, or a calendar was loaded by hand since terms were reckoned. Who looked at what is
    forgotten, and what rules did half a year ago."""
    now = clock.now()
    ask_to_reckon(by=BY, now=now)
    forget_lookers(now=now)
    forget_runs(now=now)


def _wake(case_id: UUID, now: datetime) -> bool:
    """False where it cannot be: the other cases must not wait for this one."""
    try:
        wake_case(case_id=case_id, by=BY, now=now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("cases.not_woken", case=str(case_id))
        return False
    return True
