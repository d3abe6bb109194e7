"""Whole pages for what no view answers: a wrong address, our own mistake, a form that is too old."""

from __future__ import annotations

import uuid

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from perezvon.foundation.access import Person
from perezvon.foundation.web.guard import actor_of, sign_in_first
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import NotFound

log = structlog.get_logger()


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, words_for(NotFound()), NotFound.code, 404)


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The token of the form is not ours any more: somebody signed in again, or the page was open for weeks.

    A part of a page that is asked for by nobody we know belongs to somebody whose cookies are gone.
    """
    if request.headers.get("HX-Request") and not isinstance(actor_of(request), Person):
        return sign_in_first(request)
    words = _("This page was open for too long. Go back, load it anew and send it again.")
    return _page(request, words, "perezvon.form_too_old", 403)


def broken(request: HttpRequest) -> HttpResponse:
    """Drawn without anything that may be what is broken: no user, no database. The log has the same code."""
    quoted = uuid.uuid4().hex[:4].upper()
    log.error("web.broken", quoted=quoted, path=request.path)
    return HttpResponse(render_to_string("ui/broken.html", {"code": quoted}), status=500)


def _page(request: HttpRequest, words: str, code: str, status: int) -> HttpResponse:
    template = "ui/error_part.html" if request.headers.get("HX-Request") else "ui/error_page.html"
    response = render(request, template, {"words": words, "code": code}, status=status)
    response["X-Perezvon-Code"] = code
    return response
