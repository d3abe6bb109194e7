"""An import at work, and what became of it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.imports import services
from perezvon.foundation.imports.lists import rows_url
from perezvon.foundation.imports.models import WRITTEN, Import, State
from perezvon.foundation.imports.refused import write_refused
from perezvon.foundation.imports.running import try_sample
from perezvon.foundation.imports.selectors import get_import
from perezvon.foundation.imports.services import NotNow, SetupWrong
from perezvon.foundation.imports.web.wizard import SAMPLED, USE, check_page, page, to, totals_of
from perezvon.foundation.imports.web.words import file_problem
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import is_swap
from perezvon.foundation.web.words import words_for

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@needs(USE)
@require_POST
def start(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Write the rows; one that was stopped goes on."""
    by, now = person_of(request), clock.now()
    try:
        services.start_import(import_id=import_id, shorter="shorter" in request.POST, by=by, now=now)
    except SetupWrong as wrong:
        one = get_import(import_id, by=by)
        trial = one.trial or try_sample(one, by, now, SAMPLED)
        return check_page(request, one, trial, words_for(wrong), status=422)
    except NotNow:
        pass  # a second click; the page says how it stands
    return to("result", import_id)


@needs(USE)
@require_POST
def stop(request: HttpRequest, import_id: UUID) -> HttpResponse:
    services.stop_import(import_id=import_id, by=person_of(request), now=clock.now())
    return to("result", import_id)


@needs(USE)
@require_POST
def undo(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Take it all back."""
    services.undo_import(import_id=import_id, by=person_of(request), now=clock.now())
    return to("result", import_id)


@needs(USE)
@require_GET
def result(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """How far it has got, or what became of it."""
    one = _settled(request, import_id)
    if one.state == State.SETUP:
        return to("check" if one.trial else "sheet", one.pk)
    return page(request, "imports/result.html", _context(one))


@needs(USE)
@require_GET
def progress(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The part of the page that moves; it asks each second, and leads on when the job is over."""
    one = _settled(request, import_id)
    if not is_swap(request):
        return to("result", one.pk)
    if not one.is_at_work:
        response = HttpResponse()
        response["HX-Location"] = _follow(one)
        return response
    return render(request, "imports/_progress.html", _context(one))


def _follow(one: Import) -> str:
    return f'{{"path": "/imports/{one.pk}/", "target": "#workspace", "swap": "innerHTML"}}'


def _settled(request: HttpRequest, import_id: UUID) -> Import:
    return services.settle(get_import(import_id, by=person_of(request)), clock.now())


def _context(one: Import) -> dict[str, Any]:
    return {
        "import": one,
        "step": "result",
        "job": one.job,
        **_speed(one),
        "totals": totals_of(one.totals),
        "problem": file_problem(one.problem) if one.problem and one.state in _TOLD else "",
        "written_url": rows_url(one.pk, "create", "change"),
        "refused_url": rows_url(one.pk, "refuse", "several"),
        "left_url": rows_url(one.pk, outcome="left") if one.left else "",
        "may_go_on": one.state in {State.STOPPED, State.FAILED} and not one.left,
        "may_undo": one.state in WRITTEN and one.written and clock.now() - one.created_at < services.UNDO_WITHIN,
        "took_s": int((one.ended_at - one.started_at).total_seconds()) if one.ended_at and one.started_at else None,
    }


_TOLD = {State.BROKEN, State.FAILED, State.STOPPED}


def _speed(one: Import) -> dict[str, Any]:
    """Rows a second, and seconds that are left at this speed."""
    job = one.job
    if not job or not job.started_at or not job.done or job.is_over:
        return {"per_s": None, "left_s": None}
    taken_s = max(0.5, (clock.now() - job.started_at).total_seconds())
    per_s = job.done / taken_s
    return {"per_s": round(per_s), "left_s": round(max(0, job.total - job.done) / per_s)}


@needs(USE)
@require_GET
def refused(request: HttpRequest, import_id: UUID) -> FileResponse:
    """The refused rows as a file; that it left is written down."""
    by, now = person_of(request), clock.now()
    one = get_import(import_id, by=by)
    services.note_refused(import_id=one.pk, by=by, now=now)
    file = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115  (closed by the response)
    write_refused(Path(file.name), one, by)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"refused_{one.file_name}.xlsx", content_type=_XLSX)
