from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perezvon.foundation.search.finders import Group, actions_for, places_for, records_for
from perezvon.foundation.web.guard import needs_sign_in, person_of

LONGEST = 200


@needs_sign_in("everybody who works here finds what he may see")
@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    """The dialog, or only its lines when something was typed: to do, to go to, records."""
    by = person_of(request)
    text = request.GET.get("q", "")[:LONGEST].replace("\x00", "")
    groups = [
        Group(_("Actions"), actions_for(text, by)),
        Group(_("Places"), places_for(text, by)),
        *records_for(text, by),
    ]
    template = "search/palette.html#lines" if "q" in request.GET else "search/palette.html"
    return render(request, template, {"text": text, "groups": [group for group in groups if group.hits]})
