"""Files of a record: seen, attached, taken away. Nothing that was uploaded ever runs in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.files import services, store
from perezvon.foundation.files.models import FileRules
from perezvon.foundation.files.names import KINDS
from perezvon.foundation.files.registry import owner_of
from perezvon.foundation.files.selectors import (
    ATTACH,
    VIEW,
    NoSuchFile,
    get_owner,
    get_rules,
)
from perezvon.foundation.files.services import MOST_MB, RulesWrong
from perezvon.foundation.files.web.section import section
from perezvon.foundation.files.words import problem_words
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import is_swap, render_page
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound

_UNPROCESSABLE = 422


@needs(VIEW)
@require_http_methods(["GET", "POST"])
def files(request: HttpRequest, kind: str, record_id: UUID) -> HttpResponse:
    """The files of a record, or with ?field those of one of its fields; a POST attaches what it brings."""
    by, field = person_of(request), request.GET.get("field", "")
    if request.method == "POST":
        by.must(ATTACH)
        made = [_attach(request, kind, record_id, field, one, by) for one in request.FILES.getlist("file")]
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"files": [str(key) for key in made]})
        return HttpResponseRedirect(request.get_full_path())
    return _shown(request, kind, record_id, field, by)


def _attach(
    request: HttpRequest, kind: str, record_id: UUID, field: str, sent: UploadedFile[bytes], by: Person
) -> UUID:
    get_owner(kind, record_id, by=by, field=field, to_change=True)  # before a byte is written
    content = store.put(sent.chunks(), most=get_rules().most_bytes)
    file = services.attach(
        kind=kind,
        record_id=record_id,
        content=content,
        name=sent.name or "",
        field=field,
        by=by,
        now=clock.now(),
    )
    return file.pk


def _shown(request: HttpRequest, kind: str, record_id: UUID, field: str, by: Person) -> HttpResponse:
    record = get_owner(kind, record_id, by=by, field=field)
    context = section(kind, record_id, by=by, now=clock.now(), field=field)
    if is_swap(request) and request.headers.get("HX-Target", "").startswith("files-"):
        return render(request, "files/_rows.html", context)
    owner = owner_of(kind)
    label = owner.label(record)
    steps = [{"label": label, "url": owner.url(record_id)}, {"label": context["title"], "url": ""}]
    return render_page(request, "files/files.html", {**context, "steps": steps}, part="workspace")


@needs(VIEW)
@require_GET
def download(request: HttpRequest, file_id: UUID) -> FileResponse:
    """The file itself, inert; that somebody read it is written down. `?look` shows a picture in the browser."""
    file, path = services.open_file(file_id=file_id, by=person_of(request), now=clock.now())
    if not path.exists():
        raise NoSuchFile(file=file_id)
    look = "look" in request.GET and bool(file.picture)
    response = FileResponse(path.open("rb"), content_type=file.picture if look else "application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=not look, filename=file.name) or ""
    return inert(response)


def inert[R: HttpResponseBase](response: R) -> R:
    """What came from outside: never run, never guessed at, kept by nobody."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


@needs(VIEW)
@require_POST
def act(request: HttpRequest, file_id: UUID, act: str) -> HttpResponse:
    """Delete, restore or describe it; then the list again."""
    by, now = person_of(request), clock.now()
    match act:
        case "delete":
            file = services.delete(file_id=file_id, by=by, now=now)
        case "restore":
            file = services.restore(file_id=file_id, by=by, now=now)
        case "describe":
            text = request.POST.get("description", "")
            file = services.describe(file_id=file_id, description=text, by=by, now=now)
        case _:
            raise NotFound(act=act)
    if is_swap(request):
        context = section(file.kind, file.record, by=by, now=now, field=file.field)
        return render(request, "files/_rows.html", context)
    return HttpResponseRedirect(owner_of(file.kind).url(file.record))


# --- what may be attached ---


@needs("files.rule")
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """How large, how many, of which kinds."""
    if request.method == "GET":
        return _rules(request, get_rules(), {})
    given = request.POST
    try:
        services.change_rules(
            most_mb=given.get("most_mb", "").strip(),
            most_files=given.get("most_files", "").strip(),
            most_mb_record=given.get("most_mb_record", "").strip(),
            kinds=given.getlist("kinds"),
            by=person_of(request),
            now=clock.now(),
        )
    except RulesWrong as wrong:
        problems: Mapping[str, Wrong] = wrong.facts["problems"]  # type: ignore[assignment]
        return _rules(request, get_rules(), problems, _UNPROCESSABLE)
    return HttpResponseRedirect(f"{reverse('files:rules')}?saved")


def _rules(request: HttpRequest, kept: FileRules, problems: Mapping[str, Wrong], status: int = 200) -> HttpResponse:
    labels = {
        "most_mb": _("One file, MB at most"),
        "most_files": _("Files of one record, at most"),
        "most_mb_record": _("Files of one record together, MB at most"),
    }
    hints = {"most_mb": _("The server takes {most} MB at most.").format(most=MOST_MB)}
    chosen = request.POST.getlist("kinds") if request.method == "POST" else kept.kinds
    context: dict[str, Any] = {
        "fields": [
            {
                "name": name,
                "label": label,
                "value": request.POST.get(name, getattr(kept, name)),
                "hint": hints.get(name, ""),
                "error": problem_words(problems[name]) if name in problems else "",
            }
            for name, label in labels.items()
        ],
        "kinds": [{"code": kind, "chosen": kind in chosen} for kind in KINDS],
        "kinds_error": problem_words(problems["kinds"]) if "kinds" in problems else "",
        "saved": "saved" in request.GET,
    }
    return render_page(request, "files/rules.html", context, part="workspace", status=status)
