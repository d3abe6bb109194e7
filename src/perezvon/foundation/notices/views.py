"""The bell of the top bar."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.notices.registry import said_of
from perezvon.foundation.notices.selectors import latest, unread
from perezvon.foundation.notices.services import read_all
from perezvon.foundation.web.guard import needs_sign_in, person_of

_WHY = "everybody reads what he himself is told"


@needs_sign_in(_WHY)
@require_GET
def count(request: HttpRequest) -> HttpResponse:
    """How many are unread; nothing for none."""
    return render(request, "notices/_count.html", {"count": unread(person_of(request))})


@needs_sign_in(_WHY)
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """The last of them, those that are new marked."""
    rows = [
        {"url": one.url, "icon": said.icon, "text": said.words(one.facts), "at": one.at, "new": one.read_at is None}
        for one in latest(person_of(request))
        if (said := said_of(one.code))
    ]
    return render(request, "notices/_list.html", {"rows": rows, "now": clock.now()})


@needs_sign_in(_WHY)
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """All of them are read: the bell is quiet again."""
    read_all(by=person_of(request), now=clock.now())
    return HttpResponse(status=204, headers={"HX-Trigger": "live:notice"})
