"""The archive of one person's data, for who asked for it."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.jobs.selectors import get_own_job, has_file
from perezvon.foundation.jobs.services import results_folder
from perezvon.foundation.personal import services
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import NotFound, PerezvonError


@needs("personal.export")
@require_GET
def file(request: HttpRequest, job_id: UUID) -> FileResponse:
    """Each time is written down."""
    by, now = person_of(request), clock.now()
    job = get_own_job(job_id, by=by)
    path = results_folder() / job.result.get("file", "-")
    if job.kind != services.EXPORT or not has_file(job, now) or not path.exists():
        raise NotFound(job=job_id)
    services.note_download(job_id=job_id, by=by, now=now)
    response = FileResponse(path.open("rb"), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{job.result["name"]}"'
    response["Cache-Control"] = "private, no-store"
    return response


@say("personal.held")
def _held(error: PerezvonError) -> str:
    until = error.facts.get("until")
    end = _(" until {day}").format(day=date_format(until, "SHORT_DATE_FORMAT")) if until else ""  # type: ignore[arg-type]
    return _("A legal hold keeps these data{until}: {reason}").format(until=end, reason=error.facts.get("reason", ""))


@say("personal.reason_missing")
def _reason_missing(_error: PerezvonError) -> str:
    return _("Say why; the reason is kept.")


@say("personal.not_confirmed")
def _not_confirmed(_error: PerezvonError) -> str:
    return _("Type the number of the card. Nothing was erased.")
