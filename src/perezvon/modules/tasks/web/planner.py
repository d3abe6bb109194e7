"""The calendar of planned work, what it asks for and what dragging does; and the feed for calendar programs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from icalendar import Calendar, Event

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.web.guard import needs, needs_nothing, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound
from perezvon.modules.tasks import services
from perezvon.modules.tasks.models import Feed, Kind, State, Task
from perezvon.modules.tasks.rules import Act
from perezvon.modules.tasks.selectors import (
    ASSIGN,
    VIEW,
    WRITE,
    colleagues_of,
    find_feed_owner,
    hash_of_key,
    may_do_row,
    visible,
    who_of,
)
from perezvon.modules.tasks.web.tabs import tabs
from perezvon.modules.tasks.web.views import number_of
from perezvon.modules.tasks.web.words import due_note

MOST = 1000
LONGEST_SPAN = timedelta(days=70)
USUAL = timedelta(minutes=30)
FEED_BACK, FEED_AHEAD = timedelta(days=30), timedelta(days=180)


@needs(VIEW)
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """The page; the work itself is asked for by what is shown of it (`events`)."""
    return _page(request)


def _page(request: HttpRequest, key: str = "") -> HttpResponse:
    """key: a secret that has just been made; it is shown this once."""
    by, now = person_of(request), clock.now()
    whose = number_of(request.GET.get("person", "")) or by.id
    ahead = visible(by).filter(owner=_whose(whose, by), closed_at=None, due_at__gte=now).order_by("due_at", "id")
    context = {
        "tabs": tabs("tasks:calendar", by),
        "people": [(user.pk, user.short_name, user.pk == whose) for user in colleagues_of(by)]
        if by.may(ASSIGN)
        else [],
        "person": whose,
        "events_url": reverse("tasks:events"),
        "new_url": reverse("tasks:new") if by.may(WRITE) else "",
        "language": (get_language() or "ru")[:2],
        "zone": timezone.get_current_timezone_name(),
        "without_time": list(visible(by).filter(owner=_whose(whose, by), closed_at=None, due_at=None)[:50]),
        "ahead": list(ahead[:10]),
        "feed": Feed.objects.filter(user=by.id).first(),
        "feed_url": request.build_absolute_uri(reverse("tasks:feed", args=[key])) if key else "",
        "dav": {
            "url": request.build_absolute_uri(reverse("tasks:dav")),
            "login": request.user.get_username(),
            "secret": key,
        },
        "now": now,
    }
    return render_page(request, "tasks/calendar.html", context, part="workspace")


def _whose(user_id: int, by: Person) -> int:
    """Another's calendar is for those who dispose of his work."""
    return user_id if by.may(ASSIGN) else by.id


@needs(VIEW)
@require_GET
def events(request: HttpRequest) -> JsonResponse:
    """What lies between ?start and ?end, for ?person."""
    by, now = person_of(request), clock.now()
    start, end = _moment(request.GET.get("start", "")), _moment(request.GET.get("end", ""))
    if start is None or end is None or not timedelta(0) < end - start <= LONGEST_SPAN:
        raise NotFound(start=request.GET.get("start", "")[:40])
    whose = _whose(number_of(request.GET.get("person", "")) or by.id, by)
    tasks = visible(by).filter(owner=whose, due_at__gte=start, due_at__lt=end).exclude(state=State.CANCELLED)
    who = who_of(by)
    rows = [_event(task, by.may(WRITE) and may_do_row(Act.CHANGE, task, who), now) for task in tasks[:MOST]]
    return JsonResponse({"events": rows})


def _event(task: Task, may_change: bool, now: datetime) -> dict[str, Any]:
    due = timezone.localtime(task.due_at)
    ends = due + (timedelta(minutes=task.duration_min) if task.duration_min else USUAL)
    is_late = task.is_open and task.due_at is not None and task.due_at < now
    customer = f", {task.customer.short_name}" if task.customer else ""
    return {
        "id": str(task.pk),
        "title": f"{task.title}{customer}",
        "start": f"{due:%Y-%m-%dT%H:%M:%S}",
        "end": f"{ends:%Y-%m-%dT%H:%M:%S}",
        "editable": may_change and task.is_open,
        "tone": "bad" if is_late else "good" if task.state == State.DONE else task.kind,
        "note": due_note(task),
        "url": reverse("tasks:task", args=[task.pk]),
        "move_url": reverse("tasks:reschedule", args=[task.pk]),
        "version": task.version,
    }


@needs(WRITE)
@require_POST
def reschedule(request: HttpRequest, task_id: UUID) -> JsonResponse:
    """Where somebody has dragged it: start and end on the wall of whoever looks. Answers in JSON."""
    by, now = person_of(request), clock.now()
    start, end = _wall(request.POST.get("start", "")), _wall(request.POST.get("end", ""))
    if start is None:
        raise services.TaskWrong(problems={"due": Wrong("date.wrong")})
    task = visible(by).filter(pk=task_id).first()
    if task is None:
        raise NotFound(task=task_id)
    zone = ZoneInfo(task.zone or task.project.zone)
    due = timezone.make_aware(start).astimezone(zone).replace(tzinfo=None)
    length = int((end - start).total_seconds() // 60) if end is not None and "resized" in request.POST else None
    moved = services.postpone(
        task_id=task_id,
        due=due,
        duration=length,
        version=number_of(request.POST.get("version", "")),
        by=by,
        now=now,
    )
    return JsonResponse({"version": moved.version, "note": due_note(moved)})


def _moment(text: str) -> datetime | None:
    """With a zone as it says, without one on the reader's wall."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is None or not 1990 < found.year < 2200:
        return None
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _wall(text: str) -> datetime | None:
    found = _moment(text)
    return timezone.localtime(found).replace(tzinfo=None, second=0, microsecond=0) if found else None


# --- for calendar programs ----------------------------------------------------------------------------


@needs(VIEW)
@require_POST
def feed_key(request: HttpRequest) -> HttpResponse:
    """A new secret address for one's own tasks, or none any more."""
    by, now = person_of(request), clock.now()
    if "end" in request.POST:
        services.end_feed(by=by, now=now)
        return HttpResponseRedirect(reverse("tasks:calendar"))
    key = secrets.token_urlsafe(32)
    services.make_feed(key_hash=hash_of_key(key), by=by, now=now)
    response = _page(request, key)
    response["Cache-Control"] = "private, no-store"
    return response


@needs_nothing("calendar programs cannot sign in; the address is a secret of one person and shows his own tasks")
@require_GET
def feed(request: HttpRequest, key: str) -> HttpResponse:
    user = find_feed_owner(key)
    by = user.actor() if user else None
    if by is None or not by.may(VIEW):
        raise NotFound(feed="")
    now = clock.now()
    with override(by.language):
        content = calendar_of(appointments(feed_tasks(by, now), now))
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response


def feed_tasks(by: Person, now: datetime) -> QuerySet[Task]:
    """One's own, of the last weeks and the next months."""
    shown = visible(by).filter(owner=by.id, due_at__gte=now - FEED_BACK, due_at__lt=now + FEED_AHEAD)
    return shown.exclude(state=State.CANCELLED).order_by("due_at", "id")[:MOST]


def appointments(tasks: Iterable[Task], now: datetime) -> list[Event]:
    return [_appointment(task, now) for task in tasks]


def calendar_of(events: Iterable[Event]) -> bytes:
    made = Calendar()
    made.add("prodid", "-//Perezvon//Tasks//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", _("Perezvon: my tasks"))
    for event in events:
        made.add_component(event)
    return bytes(made.to_ical())


def _appointment(task: Task, now: datetime) -> Event:
    """Names nobody: other programs keep what they read."""
    event = Event()
    begins = task.due_at or now
    event.add("uid", f"{task.pk}@perezvon")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", begins.astimezone(UTC))
    event.add(
        "dtend", (begins + (timedelta(minutes=task.duration_min) if task.duration_min else USUAL)).astimezone(UTC)
    )
    event.add("summary", f"{Kind(task.kind).label}: {task.title}")
    event.add("status", "CONFIRMED" if task.is_open else "CANCELLED")
    event.add("sequence", task.version)
    return event
