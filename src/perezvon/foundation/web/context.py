"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.web.guard import ACTED_BY, actor_of
from perezvon.foundation.web.places import nav_for


def frame(request: HttpRequest) -> dict[str, Any]:
    """server_now: the clock that all timers on the page are set by. places: where this person may go.

    acted_by: the name of whoever acts in his name; empty when he is himself.
    """
    user = getattr(request, "user", None)
    actor = actor_of(request) if user is not None and user.is_authenticated else None
    person = actor if isinstance(actor, Person) else None
    return {
        "server_now": clock.now(),
        "user": user,
        "zone": settings.TIME_ZONE,
        "places": nav_for(person, _here(request)) if person else [],
        "acted_by": request.session[ACTED_BY]["name"] if person and person.behind else "",
    }


def _here(request: HttpRequest) -> str:
    """The name of this page's address; a page that was not found has none."""
    return request.resolver_match.view_name if request.resolver_match else ""
