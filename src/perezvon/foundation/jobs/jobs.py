from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from perezvon.foundation import clock
from perezvon.foundation.jobs.services import sweep_results, work_on


@app.task(name="jobs.run")
def run(job_id: str) -> None:
    work_on(UUID(job_id), now=clock.now)


@app.periodic(cron="27 * * * *")
@app.task(name="jobs.sweep", queueing_lock="jobs.sweep")
def sweep(timestamp: int) -> int:
    """Every hour: results that were kept long enough."""
    return sweep_results(now=clock.now())
