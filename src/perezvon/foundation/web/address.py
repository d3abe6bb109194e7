"""Whose address a request comes from, when proxies stand between.

Each proxy adds to X-Forwarded-For the address that it was asked from, at the end; what stands before may be anything
that a client has sent. So with N proxies of ours the last N entries are true, and the first of those is the client.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

type Next = Callable[[HttpRequest], HttpResponse]


def client_address(get_response: Next) -> Next:
    """REMOTE_ADDR is the client's from here on: for throttles, limits, logs and what is open to this machine only."""

    def middleware(request: HttpRequest) -> HttpResponse:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if settings.PROXIES and (address := address_before(forwarded, settings.PROXIES)):
            request.META["REMOTE_ADDR"] = address
        return get_response(request)

    return middleware


def address_before(forwarded: str, proxies: int) -> str | None:
    """The address that the outermost of so many proxies was asked from; None when it is no address."""
    hops = forwarded.split(",")
    return _address_in(hops[-proxies:][0].strip())


def _address_in(hop: str) -> str | None:
    """Some proxies add the port: 192.0.2.7:4711, [2001:db8::7]:4711."""
    for text in (hop, hop.removeprefix("[").partition("]")[0], hop.rpartition(":")[0]):
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            continue
    return None
