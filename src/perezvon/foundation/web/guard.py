"""Every view says which right it needs; a test lists those that do not."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from inspect import iscoroutinefunction
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from perezvon.foundation.access import Actor, Caller, Person
from perezvon.foundation.people.models import User

type View = Callable[..., Any]

OPEN, SIGNED_IN = "open: ", "signed in: "  # instead of a right, before the reason
ACTED_BY = "acted_by"  # in the session of somebody who acts in another's name
# His calls stay his: a second telephone would take them away from him.
NOT_FOR_OTHERS = frozenset({"telephony.use"})
IMPERSONATE = "people.impersonate"


def actor_of(request: HttpRequest) -> Actor:
    """Whoever makes this request: the signed-in person, or a caller from outside."""
    known: Actor | None = getattr(request, "_actor", None)
    if known is None:
        user = request.user
        known = _as_person(request, user) if isinstance(user, User) else None
        known = known or Caller(address=request.META.get("REMOTE_ADDR", ""))
        request._actor = known  # type: ignore[attr-defined]
    return known


def _as_person(request: HttpRequest, user: User) -> Person | None:
    """The user himself, or whoever acts for him: without the telephone, and not once that one may do so no more."""
    acted_by = request.session.get(ACTED_BY)
    if not acted_by:
        return user.actor()
    himself = User.objects.select_related("role").filter(pk=acted_by["id"], is_active=True).first()
    if (
        himself is None
        or IMPERSONATE not in himself.role.rights
        or not constant_time_compare(himself.get_session_auth_hash(), acted_by["hash"])
    ):
        request.session.flush()
        return None
    actor = user.actor()
    return replace(actor, acted_by=himself.pk, rights=actor.rights - NOT_FOR_OTHERS)


def person_of(request: HttpRequest) -> Person:
    """The signed-in person of a guarded view."""
    actor = actor_of(request)
    if not isinstance(actor, Person):
        raise TypeError("a view for people was called without one")
    return actor


def needs(right: str) -> Callable[[View], View]:
    """Only for people who have the right; others are asked to sign in or told what they lack (NotAllowed)."""
    return _for_people(right, lambda person: person.must(right))


def needs_sign_in(why: str) -> Callable[[View], View]:
    """For everybody who works here, whatever his role, for a reason that is written down."""
    return _for_people(f"{SIGNED_IN}{why}", lambda _person: None)


def _for_people(named: str, check: Callable[[Person], None]) -> Callable[[View], View]:
    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = actor_of(request)
            if not isinstance(actor, Person):
                return sign_in_first(request)
            check(actor)
            return view(request, *args, **kwargs)  # type: ignore[no-any-return]

        guarded.perezvon_right = named  # type: ignore[attr-defined]
        return guarded

    return wrap


def needs_nothing(why: str) -> Callable[[View], View]:
    """Open to everybody, for a reason that is written down."""

    def wrap(view: View) -> View:
        if iscoroutinefunction(view):

            @functools.wraps(view)
            async def open_async(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                return await view(request, *args, **kwargs)

            open_async.perezvon_right = f"{OPEN}{why}"  # type: ignore[attr-defined]
            return open_async

        @functools.wraps(view)
        def open_view(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return view(request, *args, **kwargs)

        open_view.perezvon_right = f"{OPEN}{why}"  # type: ignore[attr-defined]
        return open_view

    return wrap


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back again; for a part of a page, back to the page it belongs to."""
    if request.headers.get("HX-Request"):
        page = urlsplit(request.headers.get("HX-Current-URL", "")).path or "/"
        response = HttpResponse(status=401)
        response["HX-Redirect"] = "/sign-in/?" + urlencode({"next": page})
        return response
    return redirect_to_login(request.get_full_path(), "/sign-in/")
