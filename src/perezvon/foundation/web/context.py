"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from perezvon.foundation import clock
from perezvon.foundation.web.guard import person_of
from perezvon.foundation.web.places import nav_for


def frame(request: HttpRequest) -> dict[str, Any]:
    """server_now: the clock that all timers on the page are set by. places: where this person may go."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "server_now": clock.now(),
        "user": user,
        "zone": settings.TIME_ZONE,
        "places": nav_for(person_of(request), _here(request)) if signed_in else [],
    }


def _here(request: HttpRequest) -> str:
    """The name of this page's address; a page that was not found has none."""
    return request.resolver_match.view_name if request.resolver_match else ""
