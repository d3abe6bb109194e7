from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from perezvon.foundation.access import Actor
from perezvon.foundation.jobs.models import Job, State
from perezvon.kernel.errors import NotFound


class NoSuchJob(NotFound):
    code = "jobs.no_such_job"


def list_own_jobs(*, by: Actor) -> QuerySet[Job]:
    """What this person has asked for."""
    return Job.objects.filter(owner=by.user_id) if by.user_id else Job.objects.none()


def get_own_job(job_id: UUID, *, by: Actor, lock: bool = False) -> Job:
    """Raises NoSuchJob, also for the job of somebody else."""
    jobs = list_own_jobs(by=by)
    job = (jobs.select_for_update() if lock else jobs).filter(pk=job_id).first()
    if job is None:
        raise NoSuchJob(job=job_id)
    return job


def has_file(job: Job, now: datetime) -> bool:
    """Its result is a file that is still there."""
    return job.state == State.DONE and bool(job.result.get("file")) and bool(job.expires_at and job.expires_at > now)
