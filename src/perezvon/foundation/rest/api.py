"""The interface itself: every module adds a router with its operations; `project/api.py` puts them together.

    router = Router(tags=["Cases"])

    @router.get("/{number}/", response=CaseOut)
    @operation("cases.view")
    def case(request, number: str) -> CaseOut: ...

An operation names its right and gets the actor from `caller(request)`. Errors raised on purpose become problem+json
(RFC 9457) with the code of the error and words in the language of whoever the key belongs to.
"""

from __future__ import annotations

import functools
import inspect
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, get_type_hints
from uuid import UUID

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern
from django.utils import translation
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.security import HttpBearer

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.rest.services import NotKnown, TooManyRequests, enter
from perezvon.foundation.rest.words import problem_words
from perezvon.foundation.web.guard import OPEN, SIGNED_IN
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import PerezvonError, Refused

log = structlog.get_logger()

LARGEST_BODY = 256 * 1024
LONGEST_KEY = 200
_RIGHT = "perezvon_right"
_IDEMPOTENCY = UUID("b1f2dfb2-9a0f-4e6b-8d1a-6f9f5b0f7c11")  # ids of commands are made under this name

type View = Callable[..., Any]


class BodyTooLarge(PerezvonError):
    """facts: most, in bytes."""

    code = "rest.too_large"
    http_status = 413


class NotJson(Refused):
    """facts: type, that of the body."""

    code = "rest.not_json"
    http_status = 415


class KeyTooLong(Refused):
    """The Idempotency-Key."""

    code = "rest.key_too_long"
    http_status = 400


class _Bearer(HttpBearer):
    """`Authorization: Bearer pz_…`"""

    def __call__(self, request: HttpRequest) -> Any:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_BODY:
            raise BodyTooLarge(most=LARGEST_BODY)
        found = super().__call__(request)
        if found is None:
            raise NotKnown()
        if _has_body(request) and request.content_type != "application/json":
            raise NotJson(type=request.content_type or "")
        return found

    def authenticate(self, request: HttpRequest, token: str) -> Person:
        key, person = enter(token, clock.now())
        translation.activate(person.language)
        request._actor = person  # type: ignore[attr-defined]  # where guards of pages keep it too
        request._key = key.pk  # type: ignore[attr-defined]
        return person


def _has_body(request: HttpRequest) -> bool:
    return int(request.META.get("CONTENT_LENGTH") or 0) > 0 or "Transfer-Encoding" in request.headers


def caller(request: HttpRequest) -> Person:
    """Who calls: whoever the key belongs to."""
    return request._actor  # type: ignore[attr-defined,no-any-return]


def once(request: HttpRequest) -> AbstractContextManager[None]:
    """Around the command of an operation that writes: with the same `Idempotency-Key` it is done once, and the first
    result is given again. Raises KeyTooLong."""
    text = request.headers.get("Idempotency-Key", "").strip()
    if len(text) > LONGEST_KEY:
        raise KeyTooLong(most=LONGEST_KEY)
    name = f"{request._key}:{request.method}:{request.path}:{text}"  # type: ignore[attr-defined]
    return intent(uuid.uuid5(_IDEMPOTENCY, name) if text else None)


def operation(right: str) -> Callable[[View], View]:
    """Only for keys of people who have the right (NotAllowed)."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            caller(request).must(right)
            return view(request, *args, **kwargs)

        setattr(guarded, _RIGHT, right)
        guarded.__signature__ = _resolved(view)  # type: ignore[attr-defined]
        return guarded

    return wrap


def _resolved(view: View) -> inspect.Signature:
    """Its signature with types, not their names: those mean something in the view's own module only."""
    types = get_type_hints(view, include_extras=True)
    signature = inspect.signature(view)
    parameters = [one.replace(annotation=types.get(name, one.annotation)) for name, one in signature.parameters.items()]
    return signature.replace(parameters=parameters)


def make_api(title: str, version: str) -> NinjaAPI:
    """An interface without operations yet; its description is at openapi.json."""
    api = NinjaAPI(title=title, version=version, auth=_Bearer(), docs_url=None, urls_namespace="api")
    api.exception_handler(PerezvonError)(_refused)
    api.exception_handler(ValidationError)(_unreadable)
    api.exception_handler(HttpError)(_http_error)
    api.exception_handler(Exception)(_broken)
    _served[:] = [api]
    return api


_served: list[NinjaAPI] = []


def description() -> dict[str, Any]:
    """The interface as OpenAPI, with the operations of all modules."""
    return dict(_served[0].get_openapi_schema()) if _served else {"paths": {}}


def guarded_urls(api: NinjaAPI) -> tuple[list[URLPattern], str, str]:
    """Its addresses, each saying which right it needs, as those of pages do. Raises TypeError where one does not."""
    patterns, app, namespace = api.urls
    rights = {
        f"{router.prefix.strip('/')}/{path.strip('/')}".strip("/"): {
            getattr(one.view_func, _RIGHT, "") for one in view.operations
        }
        for router in api._get_bound_routers()
        for path, view in router.path_operations.items()
    }
    if missing := [path for path, needed in rights.items() if "" in needed]:
        raise TypeError(f"operations without a right: {missing}")
    found: list[URLPattern] = []
    for pattern in patterns:
        if not isinstance(pattern, URLPattern):
            raise TypeError(f"not an address: {pattern}")
        needed = rights.get(_plain(str(pattern.pattern)), set())
        said = next(iter(needed)) if len(needed) == 1 else f"{SIGNED_IN}each method its own right, by key"
        setattr(pattern.callback, _RIGHT, said if needed else f"{OPEN}describes the interface, no data")
        found.append(pattern)
    return found, app, namespace


def _plain(pattern: str) -> str:
    """Of "cases/<number>/" what the router calls "cases/{number}"."""
    text = pattern.replace("<", "{").replace(">", "}").strip("/")
    return "/".join("{" + part.partition(":")[2] if part.startswith("{") and ":" in part else part
                    for part in text.split("/"))  # fmt: skip


# --- errors ---


def _problem(status: int, code: str, words: str, **more: Any) -> HttpResponse:
    body = {"type": "about:blank", "title": words, "status": status, "code": code, **more}
    response = JsonResponse(body, status=status, content_type="application/problem+json")
    if status == NotKnown.http_status:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _refused(_request: HttpRequest, error: Any) -> HttpResponse:
    more = {"errors": field_words(error.facts["problems"])} if isinstance(error.facts.get("problems"), Mapping) else {}
    response = _problem(error.http_status, error.code, words_for(error), **more)
    if isinstance(error, TooManyRequests):
        response["Retry-After"] = str(error.facts["seconds"])
    return response


def field_words(problems: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """{field: {code, words}}"""
    return {name: {"code": wrong.code, "words": problem_words(wrong)} for name, wrong in problems.items()}


def _unreadable(_request: HttpRequest, error: Any) -> HttpResponse:
    errors = {
        ".".join(str(part) for part in one["loc"][2:] or one["loc"][-1:]): {"code": one["type"], "words": one["msg"]}
        for one in error.errors
    }
    return _problem(422, "rest.unreadable", _("The request cannot be read: see what is wrong by field."), errors=errors)


def _http_error(_request: HttpRequest, error: Any) -> HttpResponse:
    words = {400: _("The body is no JSON that could be read.")}.get(error.status_code, str(error))
    return _problem(error.status_code, "rest.unreadable", words)


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    quoted = uuid.uuid4().hex[:4].upper()
    log.exception("rest.unexpected", quoted=quoted, path=request.path, exc_info=error)
    return _problem(500, "perezvon.unexpected", words_for(error, quoted=quoted))
