from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from perezvon.foundation.administration.registry import TITLES, AdminPage, pages_for
from perezvon.foundation.web.guard import needs_sign_in, person_of
from perezvon.foundation.web.render import render_page


@needs_sign_in("it lists only the pages that one may open")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What this person may set up, by section; `q` narrows it to pages that say so."""
    by = person_of(request)
    wanted = request.GET.get("q", "").strip()
    pages = [page for page in pages_for(by) if _says(page, wanted)]
    context = {"wanted": wanted, "total": len(pages), "sections": _by_section(pages)}
    return render_page(request, "administration/home.html", context, part="workspace")


def _says(page: AdminPage, wanted: str) -> bool:
    """Whether each of the words stands in its name or description."""
    text = f"{page.label} {page.description}".casefold()
    return all(word in text for word in wanted.casefold().split())


def _by_section(pages: list[AdminPage]) -> list[dict[str, Any]]:
    return [
        {"code": section.value, "title": TITLES[section], "pages": list(group)}
        for section, group in groupby(pages, key=lambda page: page.section)
    ]
