"""`/healthz` for whoever watches the process, `/metrics` for Prometheus."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from perezvon.foundation.live.hub import hub
from perezvon.foundation.web.guard import needs_nothing
from perezvon.modules.telephony.models import CallFact, EngineState

_streams = Gauge("perezvon_live_streams", "Open event streams of this process")
_calls = Gauge("perezvon_calls", "Calls that the engine has in hand")
_unprojected = Gauge("perezvon_facts_waiting", "Facts not yet written into the history")
_unnumbered = Gauge("perezvon_outbox_waiting", "Outbox rows not yet numbered by the relay")
LOCAL = {"127.0.0.1", "::1"}


@needs_nothing("says nothing but whether we are well")
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when this process serves and reaches the database, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"ok": False, "database": "away"}, status=503)
    return JsonResponse({"ok": True})


@needs_nothing("counts only, and only to this machine")
def metrics(request: HttpRequest) -> HttpResponse:
    if request.META.get("REMOTE_ADDR") not in LOCAL:
        return HttpResponse(status=404)
    _streams.set(hub.streams)
    _calls.set(EngineState.objects.filter(kind="call").count())
    _unprojected.set(CallFact.objects.filter(projected_at=None).count())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM outbox_outboxrow WHERE number IS NULL")
        _unnumbered.set(cursor.fetchone()[0])
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
