"""Pages and parts: a visit gets the page, an htmx swap the named part of the same template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

SWAP_HEADERS = ("HX-Request", "HX-Boosted", "HX-History-Restore-Request", "HX-Target")


def is_swap(request: HttpRequest) -> bool:
    asked = request.headers
    whole = asked.get("HX-Boosted") or asked.get("HX-History-Restore-Request")
    return bool(asked.get("HX-Request")) and not whole


def render_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, part: str, status: int = 200
) -> HttpResponse:
    """The whole page for a visit, only `part` for a swap."""
    name = f"{template}#{part}" if is_swap(request) else template
    response = HttpResponse(render_to_string(name, dict(context), request), status=status)
    patch_vary_headers(response, SWAP_HEADERS)
    return response
