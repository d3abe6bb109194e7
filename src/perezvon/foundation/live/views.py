"""`/live/`: whether this browser may listen, and to what. The stream itself is `streams`' affair."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse

from perezvon.foundation.access import Person
from perezvon.foundation.live.streams import HANDED_OVER
from perezvon.foundation.web.guard import actor_of, needs_nothing

UNAUTHORISED = 401


def audiences_of(actor: Person) -> frozenset[str]:
    """The names under which this person is spoken to."""
    names = {f"user:{actor.id}", "all"}
    names |= {f"project:{project}" for project in actor.projects or ()}
    if actor.projects is None:
        names.add("project:*")
    names |= {f"right:{right}" for right in actor.rights}
    if actor.team_id:
        names.add(f"team:{actor.team_id}")
    return frozenset(names)


@needs_nothing("the stream carries only ids, and only to the person signed in")
def live(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not isinstance(actor, Person):
        return HttpResponse(status=UNAUTHORISED)
    seen = request.headers.get("Last-Event-ID") or request.GET.get("seen", "")
    listener = {"audiences": sorted(audiences_of(actor)), "seen": int(seen) if seen.isdigit() else None}
    return JsonResponse(listener, content_type=HANDED_OVER)
