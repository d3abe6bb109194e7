"""`/live/`: the event stream of one browser."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.live.hub import hub
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


@sync_to_async
def _who(request: HttpRequest) -> Actor:
    """Looks the person up and lets the connection go: a stream lasts a shift, a connection must not."""
    try:
        return actor_of(request)
    finally:
        for connection in connections.all(initialized_only=True):
            connection.close()
        close_old_connections()


@needs_nothing("the stream carries only ids, and only to the person signed in")
async def live(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    actor = await _who(request)
    if not isinstance(actor, Person):
        return HttpResponse(status=UNAUTHORISED)
    seen = request.headers.get("Last-Event-ID") or request.GET.get("seen", "")
    stream = hub.listen(audiences_of(actor), int(seen) if seen.isdigit() else None)
    response = StreamingHttpResponse(stream, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response
