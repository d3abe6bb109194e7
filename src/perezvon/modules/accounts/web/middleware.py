from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from perezvon.foundation import clock
from perezvon.modules.accounts.services import SEEN_EVERY, note_seen

type Next = Callable[[HttpRequest], HttpResponse]


def seen_now_and_then(get_response: Next) -> Next:
    """The page of one's sessions says when each was last used; to the nearest minutes, so it costs almost nothing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        seen = request.session.get("seen") if request.user.is_authenticated else None
        if seen and (now := clock.now()) - datetime.fromisoformat(seen) > SEEN_EVERY:
            request.session["seen"] = now.isoformat()
            note_seen(session=request.session.session_key or "", now=now)
        return get_response(request)

    return middleware
