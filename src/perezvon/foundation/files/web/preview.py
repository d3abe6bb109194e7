"""A file looked at without leaving the page: pictures and pages of PDFs as pictures, all else by its words.

Nothing of the file itself reaches the browser but pictures that are served inert: what a document would run, fetch or
link to stays in it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.files import services
from perezvon.foundation.files.models import File, FileContent, Reading
from perezvon.foundation.files.names import ending_of
from perezvon.foundation.files.reading import page_picture
from perezvon.foundation.files.registry import owner_of
from perezvon.foundation.files.selectors import (
    VIEW,
    NoSuchFile,
    find_content,
    get_file,
    is_safe,
    is_too_large,
    waits_for_scanner,
)
from perezvon.foundation.files.web.views import inert
from perezvon.foundation.files.words import not_safe_words, reading_words
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import is_swap, render_page

MOST_PAGES_SHOWN = 50


@needs(VIEW)
@require_GET
def preview(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The file on a page of its own; that somebody looked is kept with what he was shown."""
    by, now = person_of(request), clock.now()
    file = get_file(file_id, by=by)
    look = look_at(file)
    if look["blocks"]:
        services.open_file(file_id=file_id, by=by, now=now)
    owner = owner_of(file.kind)
    label = owner.label(owner.get(file.record, by))
    context = {
        "file": file,
        "look": look,
        "steps": [{"label": label, "url": owner.url(file.record)}, {"label": file.name, "url": ""}],
        "now": now,
    }
    if is_swap(request) and request.headers.get("HX-Target") == f"look-{file.pk}":
        return render_page(request, "files/_look.html", {"look": look}, part="look")
    return render_page(request, "files/preview.html", context, part="workspace")


def look_at(file: File) -> dict[str, Any]:
    """As files/_look.html takes it. One query."""
    content = find_content(file)
    safe = is_safe(content)
    found: dict[str, Any] = {
        "key": file.pk,
        "name": file.name,
        "url": reverse("files:preview", args=[file.pk]),
        "picture_url": "",
        "page_urls": [],
        "blocks": [],
        "is_cut": False,
        "is_safe": safe,
        "waits": safe and content is None,
        "words": "" if safe else _closed_words(content),
    }
    if not safe:
        return found | {"waits": waits_for_scanner(content)}
    if file.picture:
        return found | {"picture_url": f"{reverse('files:download', args=[file.pk])}?look", "waits": False}
    return found | (_read(file, content) if content else {})


def _closed_words(content: FileContent | None) -> str:
    return not_safe_words(content.threat if content else "", is_too_large=is_too_large(content))


def _read(file: File, content: FileContent) -> dict[str, Any]:
    if content.reading == Reading.WAITING:
        return {"waits": True}
    # One without words, as a scan is, still has pages.
    if ending_of(file.name) == "pdf" and (content.pages or content.problem == "nothing"):
        shown = min(content.pages or 1, MOST_PAGES_SHOWN)
        urls = [reverse("files:page", args=[file.pk, number]) for number in range(shown)]
        return {"page_urls": urls, "is_cut": content.pages > shown}
    if content.reading == Reading.DONE:
        return {"blocks": content.blocks, "is_cut": content.is_cut}
    return {"words": reading_words(content.problem)}


@needs(VIEW)
@require_GET
def page(request: HttpRequest, file_id: UUID, number: int) -> FileResponse:
    """A page of a PDF, counted from 0, as a picture. Raises NoSuchFile, NotSafe."""
    file, path = services.open_file(file_id=file_id, by=person_of(request), now=clock.now())
    if ending_of(file.name) != "pdf" or number >= MOST_PAGES_SHOWN or not path.exists():
        raise NoSuchFile(file=file_id)
    drawn = page_picture(file.sha256, number)
    if drawn is None:
        raise NoSuchFile(file=file_id)
    return inert(FileResponse(drawn.open("rb"), content_type="image/png"))
