"""`perezvon bench report`: the call report over ninety days, from sums by the hour against counting (PERF.md, C4).

Contacts lie evenly over twice the period, because growth needs the period before. The same report is made by both
ways in the same database and in turns; `equal` says that every number of the two is the same.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection

from bench.ground import own_database, percentiles
from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.people.models import Project
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.reporting import services
from perezvon.modules.reporting.filters import Asked, read_asked
from perezvon.modules.reporting.models import HourOfCalls, HourOfTopics, RolledUp
from perezvon.modules.reporting.report import CallReport, make_report
from perezvon.project import blueprint

BY = System(name="bench")
DAYS = 90
TABLES = "interactions_interaction, interactions_segment, interactions_interactiontopic"

# Every tenth gives up while queued; the rest talk, some with a hold. Busy hours are in the middle of the day.
CONTACTS = """
INSERT INTO interactions_interaction (id, number, project_id, channel, direction, line, line_name, queue, address,
  clarified, speaker, on_behalf, state, began_at, answered_at, ended_at, done_at, ended_by, cause, result_fields,
  dimensions, recording_refused, version)
SELECT gen_random_uuid(), n, q.project_id, 'phone', 'inbound', '', '', q.id, '', '', '', '', 'done', at,
  CASE WHEN n %% 10 > 0 THEN at + make_interval(secs => 5 + n %% 37) END,
  at + make_interval(secs => 60 + n %% 400), at + make_interval(secs => 90 + n %% 400), '', '', '{}', '{}', false, 1
FROM (
  SELECT n, %(since)s::timestamptz + (n * %(days)s / %(contacts)s) * interval '1 day'
    + (6 + sqrt((n * 7919 %% 9973) / 9973.0) * 12) * interval '1 hour' AS at
  FROM generate_series(1, %(contacts)s::bigint) n
) made JOIN (
  SELECT id, project_id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many FROM routing_queue
) q ON q.place = n %% q.many
"""
SEGMENTS = """
INSERT INTO interactions_segment (id, interaction_id, call, kind, queue, agent_id, began_at, ended_at, outcome)
SELECT gen_random_uuid(), c.id, c.id, part.kind, c.queue, NULL, part.began_at, part.ended_at, ''
FROM interactions_interaction c CROSS JOIN LATERAL (VALUES
  ('greeting', c.began_at, c.began_at + interval '4 s'),
  ('queue', c.began_at + interval '4 s', coalesce(c.answered_at, c.ended_at)),
  ('talk', c.answered_at, c.ended_at),
  ('hold', CASE WHEN c.number % 6 = 0 THEN c.answered_at + interval '7 s' END, c.answered_at + interval '19 s'),
  ('wrap_up', c.ended_at, CASE WHEN c.answered_at IS NOT NULL THEN c.done_at END)
) part(kind, began_at, ended_at) WHERE part.began_at IS NOT NULL AND part.ended_at IS NOT NULL
"""
# One topic, and with every fourth call another one.
TOPICS = """
INSERT INTO interactions_interactiontopic (interaction_id, topic_id, at)
SELECT c.id, t.id, c.ended_at FROM interactions_interaction c JOIN (
  SELECT id, project_id, row_number() OVER (PARTITION BY project_id ORDER BY id) - 1 AS place,
    count(*) OVER (PARTITION BY project_id) AS many FROM topics_topic
) t ON t.project_id = c.project_id AND (t.place = c.number % t.many
  OR (c.number % 4 = 0 AND t.place = (c.number / 7) % t.many))
WHERE c.answered_at IS NOT NULL
"""


def main(arguments: list[str]) -> dict[str, object]:
    """Milliseconds of the whole report, both ways."""
    given = _read(arguments)
    found: dict[str, object] = {"contacts": given.contacts, "days": DAYS, "rounds": given.rounds}
    with own_database(f"report_{given.contacts}", clean=given.clean):
        now = services.hour_of(clock.now())
        found["seed_s"] = _seed(given.contacts, now)
        found["rebuild_s"] = _rebuild(now)
        asked = _ninety_days(now)
        until = RolledUp.objects.get().until
        counted, summed = [], []
        for _ in range(given.rounds + 1):  # the first of each warms up
            counted.append(_timed(asked, now, until=None))
            summed.append(_timed(asked, now, until=until))
        found |= _told("counted", [ms for ms, _ in counted[1:]]) | _told("summed", [ms for ms, _ in summed[1:]])
        found["times_faster"] = round(_median(counted[1:]) / _median(summed[1:]), 1)
        found["equal"] = counted[0][1] == summed[0][1]
        found["calls"] = summed[0][1].calls.total.total
        found["rows"] = HourOfCalls.objects.count() + HourOfTopics.objects.count()
    return found


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perezvon bench report", description=__doc__.partition("\n")[0])
    parser.add_argument("--contacts", type=int, default=100_000, help="over 180 days; the goal is for 10000000")
    parser.add_argument("--rounds", type=int, default=10, help="reports by each way")
    parser.add_argument("--clean", action="store_true", help="begin with a new database")
    return parser.parse_args(arguments)


def _seed(contacts: int, now: datetime) -> float:
    """Seconds that making the contacts took; 0 when they were there."""
    began = time.perf_counter()
    if Interaction.objects.exists():
        return 0.0
    blueprint.load(blueprint.read("bank"), now=now)
    facts = {"since": now - timedelta(days=2 * DAYS + 1), "days": 2.0 * DAYS, "contacts": contacts}
    with connection.cursor() as cursor:
        cursor.execute(CONTACTS, facts)
        cursor.execute(SEGMENTS)
        cursor.execute(TOPICS)
        cursor.execute(f"VACUUM ANALYZE {TABLES}")
    return round(time.perf_counter() - began, 1)


def _rebuild(now: datetime) -> float:
    began = time.perf_counter()
    services.forget()
    while services.advance(now):
        pass
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE reporting_hourofcalls, reporting_houroftopics")
    return round(time.perf_counter() - began, 1)


def _ninety_days(now: datetime) -> Asked:
    projects = list(Project.objects.order_by("number"))
    first = (now - timedelta(days=DAYS - 1)).date()
    return read_asked({"from": first.isoformat()}, projects=projects, now=now)


def _timed(asked: Asked, now: datetime, *, until: datetime | None) -> tuple[float, CallReport]:
    """A report made from sums up to `until`; without it every call is counted."""
    RolledUp.objects.update(until=until)
    projects = list(Project.objects.order_by("number"))
    began = time.perf_counter()
    report = make_report(asked, projects=projects, by=BY, now=now)
    return (time.perf_counter() - began) * 1000, report


def _told(name: str, times_ms: Sequence[float]) -> dict[str, float]:
    return {f"{name}_{key}": value for key, value in percentiles(times_ms).items()}


def _median(timed: Sequence[tuple[float, CallReport]]) -> float:
    return percentiles([ms for ms, _ in timed])["p50_ms"]
