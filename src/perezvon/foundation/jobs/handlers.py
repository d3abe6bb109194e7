from __future__ import annotations

from datetime import datetime

from perezvon.foundation.jobs.events import JobAsked
from perezvon.foundation.jobs.jobs import run
from perezvon.foundation.outbox.handlers import handles


@handles(JobAsked)
def hand_to_a_worker(event: JobAsked, now: datetime) -> None:
    run.configure(lock=f"job:{event.job_id}").defer(job_id=str(event.job_id))
