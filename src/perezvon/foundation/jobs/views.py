"""The progress of one's own jobs."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.jobs import services
from perezvon.foundation.jobs.models import Job
from perezvon.foundation.jobs.selectors import get_own_job, has_file
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import is_swap


@needs("jobs.follow_own")
@require_GET
def progress(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """How far it has got; the part asks again each second until it is over."""
    return _answer(request, get_own_job(job_id, by=person_of(request)))


@needs("jobs.follow_own")
@require_POST
def cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    job = services.cancel_job(job_id=job_id, by=person_of(request), now=clock.now())
    if not is_swap(request):
        return HttpResponseRedirect(reverse("jobs:progress", args=[job_id]))
    return _answer(request, job)


def _answer(request: HttpRequest, job: Job) -> HttpResponse:
    template = "jobs/_progress.html" if is_swap(request) else "jobs/progress.html"
    given = has_file(job, clock.now())
    file_url = services.file_url_of(job) if given else ""
    return render(request, template, {"job": job, "has_file": given, "file_url": file_url})
