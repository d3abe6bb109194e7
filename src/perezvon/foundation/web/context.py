"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from perezvon.foundation import clock


def frame(request: HttpRequest) -> dict[str, Any]:
    """server_now: the clock that all timers on the page are set by."""
    return {"server_now": clock.now()}
