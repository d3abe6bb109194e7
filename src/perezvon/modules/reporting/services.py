"""Keeping the sums by the hour right.

An hour is added up some minutes after its end, when whoever wrote in it has committed, and anew whenever a contact
that began in it is changed later (`PastChanged`). Adding up is one statement over contacts and segments, whatever
stood there before, so doing it twice is doing it once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min

from perezvon.foundation.people.models import Project
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.reporting.models import HourOfCalls, HourOfDimensions, HourOfTopics, RolledUp
from perezvon.modules.reporting.selectors import CALLS, DIMENSIONS, TOPIC_SETS
from perezvon.modules.routing.models import Queue

HOUR = timedelta(hours=1)
SETTLING = timedelta(minutes=5)  # far longer than any transaction
AT_ONCE = timedelta(days=31)  # so that a first run over years is many short transactions

ADD_UP_CALLS = f"""
INSERT INTO reporting_hourofcalls
  (hour, project_id, queue, within_s, total, served, abandoned, in_time, wait_s, talk_s, hold_s, wrap_up_s)
SELECT date_trunc('hour', began_at, 'UTC') AS hour, project_id, call.queue, n.seconds,
  count(*), count(answered_at), count(*) FILTER (WHERE answered_at IS NULL AND ended_at IS NOT NULL),
  count(*) FILTER (WHERE in_time),
  coalesce(sum(wait_s), 0), coalesce(sum(talk_s), 0), coalesce(sum(hold_s), 0), coalesce(sum(wrap_up_s), 0)
FROM ({CALLS}) call
LEFT JOIN unnest(%(queues)s::bigint[], %(seconds)s::int[]) AS n(queue, seconds) ON n.queue = call.queue
GROUP BY 1, 2, 3, 4
"""  # noqa: S608  (a constant)

ADD_UP_TOPICS = f"""
INSERT INTO reporting_houroftopics (hour, project_id, topics, calls)
SELECT date_trunc('hour', began_at, 'UTC') AS hour, project_id, topics, count(*) FROM ({TOPIC_SETS}) call
GROUP BY 1, 2, 3
"""  # noqa: S608  (a constant)

ADD_UP_DIMENSIONS = f"""
INSERT INTO reporting_hourofdimensions (hour, project_id, dimension, value, calls)
SELECT date_trunc('hour', began_at, 'UTC') AS hour, project_id, dimension, value, count(*) FROM ({DIMENSIONS}) call
GROUP BY 1, 2, 3, 4
"""  # noqa: S608  (a constant)
TABLES = (HourOfCalls, HourOfTopics, HourOfDimensions)


def hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def advance(now: datetime) -> bool:
    """Add up hours that are over; a month of them at most, and then true: there may be more."""
    wanted = hour_of(now - SETTLING)
    if (known := RolledUp.objects.values_list("until", flat=True).first()) and known >= wanted:
        return False
    with transaction.atomic():
        state = _lock()
        since = state.until or _first_hour()
        if since is None or since >= wanted:
            return False
        state.until = min(wanted, since + AT_ONCE)
        _add_up(since, state.until)
        _follow_service_levels(since)
        state.save(update_fields=["until"])
        return state.until < wanted


def add_up_again(*, begins_at: datetime, ends_at: datetime) -> None:
    """The hours from one moment to another, as far as they have been added up before."""
    with transaction.atomic():
        until = _lock().until
        if until is not None and begins_at < until:
            _add_up(hour_of(begins_at), min(until, hour_of(ends_at) + HOUR))


def forget() -> None:
    """Nothing is added up; every report counts contacts until `advance` has come to now."""
    with transaction.atomic():
        state = _lock()
        for model in TABLES:
            model.objects.all().delete()
        state.until = None
        state.save(update_fields=["until"])


def _lock() -> RolledUp:
    """One at a time: what was deleted must not be inserted twice."""
    RolledUp.objects.bulk_create([RolledUp(pk=1)], ignore_conflicts=True)
    return RolledUp.objects.select_for_update().get(pk=1)


def _first_hour() -> datetime | None:
    first: datetime | None = Interaction.objects.aggregate(first=Min("began_at"))["first"]
    return hour_of(first) if first else None


def _add_up(begins_at: datetime, ends_at: datetime) -> None:
    for model in TABLES:
        model.objects.filter(hour__gte=begins_at, hour__lt=ends_at).delete()
    queues = dict(Queue.objects.values_list("pk", "service_level_s"))
    facts: dict[str, Any] = {
        "zone": "UTC",
        "begins_at": begins_at,
        "ends_at": ends_at,
        "projects": list(Project.objects.values_list("pk", flat=True)),
        "queues": list(queues),
        "seconds": list(queues.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(ADD_UP_CALLS, facts)
        cursor.execute(ADD_UP_TOPICS, facts)
        cursor.execute(ADD_UP_DIMENSIONS, facts)


def _follow_service_levels(until: datetime) -> None:
    """Hours before `until` that were counted with other seconds than a queue has today."""
    for queue, seconds in Queue.objects.values_list("pk", "service_level_s"):
        other = HourOfCalls.objects.filter(queue=queue, hour__lt=until).exclude(within_s=seconds)
        found = other.aggregate(first=Min("hour"), last=Max("hour"))
        if found["first"] is not None:
            _add_up(found["first"], found["last"] + HOUR)
