"""For supervisors: who has how many, how late; the work of whoever leaves; who stands in for whom."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound
from perezvon.modules.tasks import services
from perezvon.modules.tasks.selectors import ASSIGN, WRITE, colleagues_of, list_deputies, loads
from perezvon.modules.tasks.services import Absence, TaskWrong
from perezvon.modules.tasks.web.tabs import tabs
from perezvon.modules.tasks.web.views import number_of

DAYS = (7, 30, 90)


@needs(ASSIGN)
@require_GET
def control(request: HttpRequest) -> HttpResponse:
    by, now = person_of(request), clock.now()
    days = number_of(request.GET.get("days", ""))
    days = days if days in DAYS else DAYS[0]
    found = loads(by, now, days)
    context: dict[str, Any] = {
        "tabs": tabs("tasks:control", by),
        "loads": found,
        "sums": {
            name: sum(getattr(one, name) for one in found)
            for name in ("open", "overdue", "today", "offered", "done", "done_late")
        },
        "most": max((one.open for one in found), default=0) or 1,
        "days": [(count, count == days) for count in DAYS],
        "people": [(user.pk, user.short_name) for user in colleagues_of(by)],
        "all_people": [(one.user.pk, one.user.short_name, one.open) for one in found if one.user and one.open],
        "deputies": list_deputies(timezone.localdate(now)),
        "today": timezone.localdate(now).isoformat(),
        "given": request.GET.get("given", "") if request.GET.get("given", "").isdecimal() else "",
        "saved": "saved" in request.GET,
        "now": now,
    }
    return render_page(request, "tasks/control.html", context, part="workspace")


@needs(ASSIGN)
@require_POST
def hand_over_all(request: HttpRequest) -> HttpResponse:
    """All open work of one person to another, or back to his team."""
    whose, to = number_of(request.POST.get("from", "")), request.POST.get("to", "")
    if whose is None:
        raise NotFound(user="")
    target = None if to == "team" else number_of(to) or 0
    count = services.hand_over_all(from_id=whose, to_id=target, by=person_of(request), now=clock.now())
    return HttpResponseRedirect(f"{reverse('tasks:control')}?given={count}")


@needs(WRITE)
@require_POST
def deputy(request: HttpRequest) -> HttpResponse:
    """Somebody is away; another one looks after his tasks."""
    by, given = person_of(request), request.POST
    since, until = _day(given.get("since", "")), _day(given.get("until", ""))
    if since is None or until is None:
        raise TaskWrong(problems={"since": Wrong("date.wrong")})
    absence = Absence(number_of(given.get("user", "")) or by.id, number_of(given.get("deputy", "")) or 0, since, until)
    services.set_deputy(absence=absence, by=by, now=clock.now())
    return HttpResponseRedirect(_home(by))


@needs(WRITE)
@require_POST
def end_deputy(request: HttpRequest, deputy_id: int) -> HttpResponse:
    by = person_of(request)
    services.end_deputy(deputy_id=deputy_id, by=by, now=clock.now())
    return HttpResponseRedirect(_home(by))


def _home(by: Person) -> str:
    return f"{reverse('tasks:control')}?saved" if by.may(ASSIGN) else reverse("tasks:day")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
