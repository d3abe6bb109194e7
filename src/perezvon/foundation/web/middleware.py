"""What every request goes through: security headers, errors in words, the person's language."""

from __future__ import annotations

import re
import sys
import uuid
from collections.abc import Callable, Iterator

import structlog
from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
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


API = "/api/"
# PostgreSQL keeps no zero byte, and half of a pair of surrogates is no character.
_NO_CHARACTER = re.compile(r"[\x00\ud800-\udfff]")


class BadText(Refused):
    """A request holds what is no character, or a number longer than any."""

    code = "perezvon.bad_text"
    http_status = 400


class ErrorsInWords:
    """Errors raised on purpose become a page or a part that says what to do; others get a code to quote."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._next(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """No view gets text that the database cannot keep; no browser sends it from a form of ours.

        Bodies of other programs are no forms, and one that was read here could not be read again there."""
        if request.path.startswith(API):
            return None
        if any(_NO_CHARACTER.search(text) for text in _texts(request.POST)):
            return self._refuse(request)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """An address is for its view to read, and many say in words of their own what is wrong with one; where a view
        let it through, the request was wrong, not we."""
        if isinstance(error, DataError | ValueError) and _cannot_be_read(request):
            return self._refuse(request)
        if isinstance(error, PerezvonError):
            return self._answer(request, error.code, error.http_status, words_for(error))
        if request.headers.get("HX-Request"):
            quoted = uuid.uuid4().hex[:4].upper()
            log.exception("web.unexpected", quoted=quoted, path=request.path)
            return self._answer(request, "perezvon.unexpected", 500, words_for(error, quoted=quoted))
        return None

    def _refuse(self, request: HttpRequest) -> HttpResponse:
        refused = BadText()
        return self._answer(request, refused.code, refused.http_status, words_for(refused))

    def _answer(self, request: HttpRequest, code: str, status: int, words: str) -> HttpResponse:
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"code": code, "message": words}, status=status)
        template = "ui/error_part.html" if request.headers.get("HX-Request") else "ui/error_page.html"
        response = render(request, template, {"words": words, "code": code}, status=status)
        response["X-Perezvon-Code"] = code
        return response


def _texts(given: QueryDict) -> Iterator[str]:
    return (text for _name, texts in given.lists() for text in texts)


def _cannot_be_read(request: HttpRequest) -> bool:
    longest = sys.get_int_max_str_digits()
    texts = [*_texts(request.GET), *_texts(request.POST)]
    return any(_NO_CHARACTER.search(text) or (0 < longest < len(text) and text.isdecimal()) for text in texts)
