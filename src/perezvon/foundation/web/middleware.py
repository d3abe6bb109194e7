"""What every request goes through: security headers, errors in words, the person's language."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation

from perezvon.foundation.people.models import User
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import PerezvonError, Refused

log = structlog.get_logger()

type Next = Callable[[HttpRequest], HttpResponse]

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


def security_headers(get_response: Next) -> Next:
    """CSP `self`, no framing, no sniffing, microphone for ourselves only."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "microphone=(self), camera=(), geolocation=()")
        return response

    return middleware


def language_of_the_person(get_response: Next) -> Next:
    """The language in the profile; for others what the browser prefers, else Russian."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, User):
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        return get_response(request)

    return middleware


class BadText(Refused):
    """A form holds a zero byte."""

    code = "perezvon.bad_text"
    http_status = 400


class ErrorsInWords:
    """Errors raised on purpose become a page or a part that says what to do; others get a code to quote."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._next(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """No view gets text that the database cannot keep; no browser sends it from a form of ours."""
        if not any("\x00" in text for _name, texts in request.POST.lists() for text in texts):
            return None
        refused = BadText()
        return self._answer(request, refused.code, refused.http_status, words_for(refused))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, PerezvonError):
            return self._answer(request, error.code, error.http_status, words_for(error))
        if request.headers.get("HX-Request"):
            quoted = uuid.uuid4().hex[:4].upper()
            log.exception("web.unexpected", quoted=quoted, path=request.path)
            return self._answer(request, "perezvon.unexpected", 500, words_for(error, quoted=quoted))
        return None

    def _answer(self, request: HttpRequest, code: str, status: int, words: str) -> HttpResponse:
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"code": code, "message": words}, status=status)
        template = "ui/error_part.html" if request.headers.get("HX-Request") else "ui/error_page.html"
        response = render(request, template, {"words": words, "code": code}, status=status)
        response["X-Perezvon-Code"] = code
        return response
