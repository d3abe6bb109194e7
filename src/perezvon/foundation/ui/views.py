from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from perezvon.foundation import clock
from perezvon.foundation.ui.gallery import load_gallery
from perezvon.foundation.web.guard import needs


@needs("ui.gallery")
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component in every state."""
    now = clock.now()
    return render(request, "ui/gallery.html", {"gallery": load_gallery(now), "now": now})


@needs("ui.gallery")
def gallery_desk(request: HttpRequest, state: str) -> HttpResponse:
    """A whole desk with invented people; its buttons lead nowhere."""
    now = clock.now()
    desks = load_gallery(now).desks
    if state not in desks:
        raise Http404
    still = {"is_still": True, "live_state": "lost" if state == "offline" else "connected"}
    return render(request, "desk/desk.html", {**desks[state], **still, "now": now})


@needs("ui.gallery")
def gallery_page(request: HttpRequest, name: str) -> HttpResponse:
    """A page that is not a desk: the customer's call page, signing in, an error."""
    now = clock.now()
    page = load_gallery(now).pages.get(name)
    if page is None:
        raise Http404
    return render(request, page.template, {**page.context, "now": now})
