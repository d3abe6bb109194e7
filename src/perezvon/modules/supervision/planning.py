"""What a queue has to reckon with on a day, from what came before; and the load of each project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.db.models.functions import ExtractHour, ExtractMinute, TruncDate

from perezvon.cores.planning import QUARTERS, QUARTERS_AN_HOUR, forecast
from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Project
from perezvon.foundation.people.selectors import list_projects
from perezvon.kernel.errors import NotFound
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import narrowed
from perezvon.modules.reporting.selectors import Asked, Calls, get_call_figures
from perezvon.modules.routing.models import Queue
from perezvon.modules.routing.selectors import list_queues

PLAN = "supervision.plan"
WEEK = timedelta(days=7)
_MINUTES = 60 // QUARTERS_AN_HOUR


@dataclass(frozen=True, slots=True)
class Past:
    """weeks: days that were looked at, those without calls among them; known: how many had any.

    calls: forecast by quarter.
    handling_s: mean of a served call, talk, hold and write-up; None where none was served.
    """

    weeks: int
    known: int
    calls: tuple[float, ...]
    handling_s: float | None


def queue_to_plan(queue_id: int, *, by: Actor) -> Queue:
    """Raises NotFound."""
    by.must(PLAN)
    found = list_queues(by=by).filter(pk=queue_id).first()
    if found is None:
        raise NotFound(queue=queue_id)
    return found


def past_of(queue: Queue, day: date, weeks: int, *, by: Actor, now: datetime) -> Past:
    """What is known of such days: the same weekday of so many weeks that are over. Six queries."""
    by.must(PLAN)
    zone = ZoneInfo(queue.project.zone)
    today = now.astimezone(zone).date()
    last = day - WEEK
    while last >= today:
        last -= WEEK
    days = [last - WEEK * number for number in range(weeks)]
    counted = _counted(queue, days, zone, by)
    asked = Asked(days[-1], last, queue.project, (queue.project_id,))
    figures = get_call_figures(asked, by=by)
    served = next((one.calls for one in figures.queues if one.queue and one.queue.pk == queue.pk), Calls())
    return Past(weeks, sum(map(any, counted)), tuple(forecast(counted)), handling_of(served))


def _counted(queue: Queue, days: Sequence[date], zone: ZoneInfo, by: Actor) -> list[list[int]]:
    """Calls that came for the queue, by quarter of each day. One query."""
    within = Q()
    for day in days:
        begins_at, ends_at = (datetime.combine(edge, time(0), zone) for edge in (day, day + timedelta(days=1)))
        within |= Q(began_at__gte=begins_at, began_at__lt=ends_at)
    calls = narrowed(Interaction.objects.filter(project=queue.project_id), by).filter(
        within, queue=queue.pk, channel="phone", direction="inbound"
    )
    rows = (
        calls.values_list(
            TruncDate("began_at", tzinfo=zone),
            ExtractHour("began_at", tzinfo=zone),
            ExtractMinute("began_at", tzinfo=zone),
        )
        .annotate(Count("pk"))
        .order_by()
    )
    found = {day: [0] * QUARTERS for day in days}
    for day, hour, minute, count in rows:
        found[day][hour * QUARTERS_AN_HOUR + minute // _MINUTES] += count
    return list(found.values())


def handling_of(calls: Calls) -> float | None:
    """Seconds of an operator's time that a served call takes; None where none was served."""
    if not calls.served:
        return None
    return (calls.talk_s + calls.hold_s + calls.wrap_up_s) / calls.served


@dataclass(frozen=True, slots=True)
class LoadOf:
    """A project's load on its operators. hours: of their time, talk, hold and write-up together."""

    project: Project
    calls: Calls
    hours: float
    handling_s: float | None


def load_by_project(first: date, last: date, *, by: Actor) -> list[LoadOf]:
    """Of incoming calls, from day to day; projects without any left out (F03.25)."""
    by.must(PLAN)
    found: list[LoadOf] = []
    for project in list_projects(by=by):
        calls = get_call_figures(Asked(first, last, project, (project.pk,)), by=by).total
        hours = (calls.talk_s + calls.hold_s + calls.wrap_up_s) / 3600
        if calls.total:
            found.append(LoadOf(project, calls, hours, handling_of(calls)))
    return sorted(found, key=lambda one: -one.hours)
