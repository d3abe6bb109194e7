"""Asking for long work, doing it, stopping it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.urls import reverse

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.jobs.events import JobAsked
from perezvon.foundation.jobs.models import OVER, Job, State
from perezvon.foundation.jobs.selectors import get_own_job
from perezvon.foundation.outbox.services import publish
from perezvon.kernel.errors import PerezvonError
from perezvon.kernel.ids import uuid7

log = structlog.get_logger()

KEPT = timedelta(days=3)
REMEMBERED = timedelta(days=30)
_TOLD_EVERY = timedelta(seconds=0.5)


class Cancelled(PerezvonError):
    """Somebody wants the job to stop."""

    code = "jobs.cancelled"


@dataclass(slots=True)
class Work:
    """A job in the hands of a worker."""

    job: Job
    now: Callable[[], datetime]
    _told_at: datetime | None = field(default=None)

    def advance(self, done: int, total: int | None = None) -> None:
        """How far it has got; written at most twice a second. Raises Cancelled when it is to stop."""
        now = self.now()
        if total is None and self._told_at and now - self._told_at < _TOLD_EVERY:
            return
        self._told_at = now
        self.job.done, self.job.total = done, self.job.total if total is None else total
        Job.objects.filter(pk=self.job.pk).update(done=self.job.done, total=self.job.total)
        if Job.objects.filter(pk=self.job.pk, cancel_asked=True).exists():
            raise Cancelled()


type Run = Callable[[Work], Mapping[str, Any]]

_kinds: dict[str, Run] = {}
_file_urls: dict[str, str] = {}


def register_job(kind: str, run: Run, *, file_url: str = "lists:file") -> None:
    """What a worker does for jobs of this kind; it returns the result. In registrations.py.

    file_url: the name of the route that gives out the file that it makes, by the job's id.
    """
    if _kinds.setdefault(kind, run) != run:
        raise ValueError(f"the job {kind} is registered twice")
    _file_urls[kind] = file_url


def file_url_of(job: Job) -> str:
    """Where the file that the job made is fetched."""
    return reverse(_file_urls.get(job.kind, "lists:file"), args=[job.pk])


def ask_for_job(kind: str, *, title: str, facts: Mapping[str, Any], by: Actor, now: datetime) -> Job:
    """Let a worker do it. Inside a command: a worker hears of it when that is committed."""
    if kind not in _kinds:
        raise KeyError(kind)
    job = Job.objects.create(
        id=uuid7(now), kind=kind, title=title[:200], owner_id=by.user_id, facts=dict(facts), created_at=now
    )
    publish(JobAsked(job_id=job.pk), now=now)
    return job


@command("jobs.cancel_job", needs="jobs.follow_own")
def cancel_job(*, job_id: UUID, by: Actor, now: datetime) -> Job:
    """Stop one's own job. One that waits is over at once, one under way within a second; a finished one stays."""
    job = get_own_job(job_id, by=by, lock=True)
    if not job.is_over:
        job.cancel_asked = True
        if job.state == State.WAITING:
            job.state, job.ended_at = State.CANCELLED, now
        job.save(update_fields=["cancel_asked", "state", "ended_at"])
    return job


def work_on(job_id: UUID, *, now: Callable[[], datetime]) -> None:
    """Do a job, in a worker. What was cancelled or finished before is left alone; a killed run begins anew."""
    job = Job.objects.select_related("owner__role").filter(pk=job_id).exclude(state__in=OVER).first()
    if job is None:
        return
    job.state, job.started_at, job.done = State.RUNNING, now(), 0
    job.save(update_fields=["state", "started_at", "done"])
    try:
        job.result = dict(_kinds[job.kind](Work(job, now)))
        job.state, job.expires_at = State.DONE, now() + KEPT
        job.done = job.total = max(job.done, job.total)
    except Cancelled:
        job.state = State.CANCELLED
    except (OperationalError, InterfaceError):
        raise  # the database is away: another worker takes it up again
    except Exception as error:
        log.exception("jobs.failed", kind=job.kind, job=str(job.pk))
        job.state, job.problem = State.FAILED, getattr(error, "code", "perezvon.unexpected")
    job.ended_at = now()
    job.save(update_fields=["state", "result", "problem", "ended_at", "expires_at", "done", "total"])


def results_folder() -> Path:
    """Where jobs put files that people fetch later."""
    folder = Path(settings.RESULTS)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def sweep_results(*, now: datetime) -> int:
    """Take away files that were kept long enough; the jobs stay without them for REMEMBERED. How many files went."""
    old = Job.objects.filter(expires_at__lte=now)
    names = [name for name in old.values_list("result__file", flat=True) if name]
    for name in names:
        (results_folder() / name).unlink(missing_ok=True)
    old.update(expires_at=None)
    known = set(Job.objects.filter(expires_at__isnull=False).values_list("result__file", flat=True))
    running = {str(key) for key in Job.objects.exclude(state__in=OVER).values_list("pk", flat=True)}
    for orphan in results_folder().iterdir():
        if orphan.name not in known and not any(orphan.name.startswith(key) for key in running):
            orphan.unlink(missing_ok=True)
    Job.objects.filter(ended_at__lte=now - REMEMBERED).delete()
    return len(names)
