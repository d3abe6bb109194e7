"""Questions of the call report, each one query over contacts and segments whatever the number of rows.

A call is an incoming telephone contact; whoever is cut off and comes back in time goes on with the same contact and
counts once. It belongs to the day on which it began and to the queue in which it waited first. The table and the
list behind each of its numbers read the same rows (`CALLS`), so they cannot disagree. Of hours that are over the
table reads sums (`models.HourOfCalls`) made from the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Project
from perezvon.foundation.people.selectors import list_projects
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import Dimension, dimensions_of
from perezvon.modules.reporting.figures import Calls as Calls
from perezvon.modules.reporting.figures import Share
from perezvon.modules.reporting.filters import Asked as Asked
from perezvon.modules.reporting.models import RolledUp
from perezvon.modules.routing.models import Queue
from perezvon.modules.routing.selectors import list_queues
from perezvon.modules.topics.models import Topic

CALLS = """
SELECT c.id, c.project_id, c.began_at, c.answered_at, c.ended_at, (c.began_at AT TIME ZONE %(zone)s)::date AS day,
  coalesce(s.queue, c.queue) AS queue, coalesce(c.answered_at <= s.queued_at + n.patience, false) AS in_time,
  extract(epoch FROM c.answered_at - s.queued_at) AS wait_s, s.talk_s, s.hold_s, s.wrap_up_s
FROM interactions_interaction c
LEFT JOIN (
  SELECT g.interaction_id,
    min(g.began_at) FILTER (WHERE g.kind = 'queue') AS queued_at,
    (array_agg(g.queue ORDER BY g.began_at) FILTER (WHERE g.kind = 'queue'))[1] AS queue,
    extract(epoch FROM sum(g.ended_at - g.began_at) FILTER (WHERE g.kind = 'talk')) AS talk_s,
    extract(epoch FROM sum(g.ended_at - g.began_at) FILTER (WHERE g.kind = 'hold')) AS hold_s,
    extract(epoch FROM sum(g.ended_at - g.began_at) FILTER (WHERE g.kind = 'wrap_up')) AS wrap_up_s
  FROM interactions_segment g
  JOIN interactions_interaction i ON i.id = g.interaction_id
  WHERE i.began_at >= %(begins_at)s AND i.began_at < %(ends_at)s AND i.project_id = ANY(%(projects)s)
    AND i.channel = 'phone' AND i.direction = 'inbound'
  GROUP BY g.interaction_id
) s ON s.interaction_id = c.id
LEFT JOIN (
  SELECT queue, make_interval(secs => seconds) AS patience
  FROM unnest(%(queues)s::bigint[], %(seconds)s::int[]) AS known(queue, seconds)
) n ON n.queue = coalesce(s.queue, c.queue)
WHERE c.began_at >= %(begins_at)s AND c.began_at < %(ends_at)s AND c.project_id = ANY(%(projects)s)
  AND c.channel = 'phone' AND c.direction = 'inbound'
"""

# What was added up before (`HourOfCalls`), and the calls since, as they are. is_outdated: counted with other seconds.
BY_DAY_AND_QUEUE = f"""
SELECT day, queue, bool_or(is_outdated), sum(total)::bigint, sum(served)::bigint, sum(abandoned)::bigint,
  sum(in_time)::bigint, sum(wait_s)::float, sum(talk_s)::float, sum(hold_s)::float, sum(wrap_up_s)::float
FROM (
  SELECT (h.hour AT TIME ZONE %(zone)s)::date AS day, h.queue, h.within_s <> n.seconds AS is_outdated, h.total,
    h.served, h.abandoned, CASE WHEN n.queue IS NULL THEN 0 ELSE h.in_time END AS in_time,
    h.wait_s, h.talk_s, h.hold_s, h.wrap_up_s
  FROM reporting_hourofcalls h
  LEFT JOIN unnest(%(queues)s::bigint[], %(seconds)s::int[]) AS n(queue, seconds) ON n.queue = h.queue
  WHERE h.project_id = ANY(%(projects)s) AND h.hour >= %(rolled_from)s AND h.hour < %(begins_at)s
  UNION ALL
  SELECT day, queue, false, 1, (answered_at IS NOT NULL)::int, (answered_at IS NULL AND ended_at IS NOT NULL)::int,
    in_time::int, coalesce(wait_s, 0), coalesce(talk_s, 0), coalesce(hold_s, 0), coalesce(wrap_up_s, 0)
  FROM ({CALLS}) call
) part GROUP BY day, queue
"""  # noqa: S608  (a constant)

SUMS = """count(*)::bigint, count(answered_at)::bigint,
  count(*) FILTER (WHERE answered_at IS NULL AND ended_at IS NOT NULL)::bigint, count(*) FILTER (WHERE in_time)::bigint,
  coalesce(sum(wait_s), 0)::float, coalesce(sum(talk_s), 0)::float, coalesce(sum(hold_s), 0)::float,
  coalesce(sum(wrap_up_s), 0)::float"""

BY_QUEUE = f"SELECT queue, {SUMS} FROM ({CALLS}) call GROUP BY queue"  # noqa: S608  (a constant)

# Each call with a topic, and the set of its topics.
TOPIC_SETS = """
SELECT c.id, c.project_id, c.began_at, array_agg(m.topic_id ORDER BY m.topic_id) AS topics
FROM interactions_interaction c JOIN interactions_interactiontopic m ON m.interaction_id = c.id
WHERE c.began_at >= %(begins_at)s AND c.began_at < %(ends_at)s AND c.project_id = ANY(%(projects)s)
  AND c.channel = 'phone' AND c.direction = 'inbound'
GROUP BY c.id
"""
# Each call once for every list in which something was chosen for it.
DIMENSIONS = """
SELECT c.project_id, c.began_at, chosen.key AS dimension, chosen.value
FROM interactions_interaction c CROSS JOIN LATERAL jsonb_each_text(c.dimensions) chosen
WHERE c.began_at >= %(begins_at)s AND c.began_at < %(ends_at)s AND c.project_id = ANY(%(projects)s)
  AND c.channel = 'phone' AND c.direction = 'inbound' AND c.dimensions <> '{}'
"""
BY_DIMENSION = f"""
SELECT dimension, value, is_now, sum(calls)::bigint
FROM (
  SELECT dimension, value, hour >= %(now_begins_at)s AS is_now, calls FROM reporting_hourofdimensions
  WHERE project_id = ANY(%(projects)s) AND hour >= %(rolled_from)s AND hour < %(begins_at)s
  UNION ALL
  SELECT dimension, value, began_at >= %(now_begins_at)s, 1 FROM ({DIMENSIONS}) call
) part GROUP BY dimension, value, is_now
"""  # noqa: S608  (a constant)
BY_TOPIC_SET = f"""
SELECT project_id, topics, is_now, sum(calls)::bigint
FROM (
  SELECT project_id, topics, hour >= %(now_begins_at)s AS is_now, calls FROM reporting_houroftopics
  WHERE project_id = ANY(%(projects)s) AND hour >= %(rolled_from)s AND hour < %(begins_at)s
  UNION ALL
  SELECT project_id, topics, began_at >= %(now_begins_at)s, 1 FROM ({TOPIC_SETS}) call
) part GROUP BY project_id, topics, is_now
"""  # noqa: S608  (a constant)


@dataclass(frozen=True, slots=True)
class QueueCalls:
    """queue: None for calls that no queue of today had."""

    queue: Queue | None
    calls: Calls


@dataclass(frozen=True, slots=True)
class CallFigures:
    """All calls, then by queue in their order, then by day, days without calls included."""

    total: Calls
    queues: tuple[QueueCalls, ...]
    days: tuple[tuple[date, Calls], ...]


def get_call_figures(asked: Asked, *, by: Actor) -> CallFigures:
    """Three queries; four while sums wait for a queue's new service level."""
    queues = {queue.pk: queue for queue in list_queues(by=by)}
    by_queue: dict[int | None, Calls] = {}
    by_day = dict.fromkeys(asked.days, Calls())
    total = Calls()
    for day, queue, calls in _calls_by_day_and_queue(asked, queues.values()):
        key = queue if queue in queues else None
        by_queue[key] = by_queue.get(key, Calls()) + calls
        by_day[day] += calls
        total += calls
    known = [QueueCalls(queue, by_queue[pk]) for pk, queue in queues.items() if pk in by_queue]
    others = [QueueCalls(None, by_queue[None])] if None in by_queue else []
    return CallFigures(total, (*known, *others), tuple(by_day.items()))


def calls_of_today(*, by: Actor, now: datetime) -> CallFigures:
    """As the report of today counts them, in the days of the centre's zone. Four queries."""
    projects = list_projects(by=by)
    day = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return get_call_figures(Asked(day, day, None, tuple(project.pk for project in projects)), by=by)


def calls_since(began: datetime, *, by: Actor, now: datetime) -> dict[int, Calls]:
    """Calls that began since then, by queue. Three queries; what began is read call by call, so not for many hours."""
    queues = list(list_queues(by=by))
    day = now.date()
    asked = Asked(day, day, None, tuple(project.pk for project in list_projects(by=by)))
    facts = _facts(asked, queues) | {"begins_at": began, "ends_at": now}
    found: dict[int, Calls] = {}
    for queue, *numbers in _rows(BY_QUEUE, facts):
        if queue is not None:
            found[queue] = Calls(*numbers)
    return found


def _calls_by_day_and_queue(asked: Asked, queues: Iterable[Queue]) -> list[tuple[date, int | None, Calls]]:
    facts = _facts(asked, queues)
    rows = _rows(BY_DAY_AND_QUEUE, facts | _split(asked, asked.begins_at, rolled_up_until(asked)))
    if any(is_outdated for _day, _queue, is_outdated, *_numbers in rows):
        rows = _rows(BY_DAY_AND_QUEUE, facts | _split(asked, asked.begins_at, None))
    return [(day, queue, Calls(*numbers)) for day, queue, _, *numbers in rows]


def rolled_up_until(asked: Asked) -> datetime | None:
    """Up to when sums by the hour serve this question; None where days do not begin with an hour. One query."""
    edges = [*asked.before.days, *asked.days]
    if any(datetime.combine(day, time(0), asked.zone).astimezone(UTC).minute for day in edges):
        return None
    return RolledUp.objects.values_list("until", flat=True).first()


def _split(asked: Asked, begins_at: datetime, until: datetime | None) -> dict[str, datetime]:
    """From `rolled_from` on sums by the hour are read, from `begins_at` on the calls themselves."""
    return {"rolled_from": begins_at, "begins_at": min(max(begins_at, until or begins_at), asked.ends_at)}


# --- topics -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A line of the topic table. topic: None for a project's own line. depth: 0 is outermost."""

    name: str
    depth: int
    project_id: int
    topic_id: int | None
    share: Share


@dataclass(frozen=True, slots=True)
class TopicFigures:
    """registered: contacts with at least one topic."""

    registered: Share
    lines: tuple[TopicLine, ...]


def get_topic_figures(asked: Asked, *, names: Mapping[int, str]) -> TopicFigures:
    """Three queries. names: of the projects asked for; with several, each has a line of its own above its topics.

    Topics that nobody spoke of in either period are left out.
    """
    children = _children(asked.project_ids)
    counts = _count_topics(asked, {topic.pk: topic.parent_id for level in children.values() for topic in level})
    registered = _share(counts, ("project", None), None)
    lines: list[TopicLine] = []
    for project_id in asked.project_ids:
        depth = 0
        if len(asked.project_ids) > 1:
            share = _share(counts, ("project", project_id), registered.count)
            lines.append(TopicLine(names[project_id], 0, project_id, None, share))
            depth = 1
        lines += _topic_lines(children, counts, registered.count, (project_id, None), depth)
    return TopicFigures(registered, tuple(line for line in lines if line.share.count or line.share.before))


type Counts = dict[tuple[str, int | None], dict[bool, int]]


def _count_topics(asked: Asked, above: Mapping[int, int | None]) -> Counts:
    """Calls of now (true) and before by topic, project, and all together.

    Each call counts once in a topic, and once in every topic above it (F18.07).
    """
    split = _split(asked, asked.before.begins_at, rolled_up_until(asked))
    counts: Counts = {}
    for project_id, topics, is_now, calls in _rows(
        BY_TOPIC_SET, _facts(asked, ()) | split | {"now_begins_at": asked.begins_at}
    ):
        keys = {("topic", one) for topic in topics for one in _upwards(topic, above)}
        for key in (*keys, ("project", project_id), ("project", None)):
            found = counts.setdefault(key, {})
            found[is_now] = found.get(is_now, 0) + calls
    return counts


def _upwards(topic: int | None, above: Mapping[int, int | None]) -> Iterator[int]:
    while topic is not None:
        yield topic
        topic = above.get(topic)


def _share(counts: Counts, key: tuple[str, int | None], registered: int | None) -> Share:
    found = counts.get(key, {})
    count = found.get(True, 0)
    return Share(count, count if registered is None else registered, found.get(False, 0))


type Place = tuple[int, int | None]


def _children(project_ids: Iterable[int]) -> dict[Place, list[Topic]]:
    """Withdrawn topics too: they stay on the contacts that carry them."""
    found: dict[Place, list[Topic]] = {}
    for topic in Topic.objects.filter(project__in=project_ids).order_by("position", "id"):
        found.setdefault((topic.project_id, topic.parent_id), []).append(topic)
    return found


def _topic_lines(
    children: Mapping[Place, list[Topic]], counts: Counts, registered: int, place: Place, depth: int
) -> list[TopicLine]:
    lines: list[TopicLine] = []
    for topic in children.get(place, []):
        share = _share(counts, ("topic", topic.pk), registered)
        lines.append(TopicLine(str(topic), depth, topic.project_id, topic.pk, share))
        lines += _topic_lines(children, counts, registered, (topic.project_id, topic.pk), depth + 1)
    return lines


# --- what else a project counts by ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DimensionLine:
    """value: its code; name: in words."""

    value: str
    name: str
    share: Share


@dataclass(frozen=True, slots=True)
class DimensionFigures:
    """A list by which calls are counted, its values in their order, withdrawn ones last under their codes."""

    code: str
    name: str
    lines: tuple[DimensionLine, ...]


def get_dimension_figures(asked: Asked, *, projects: Iterable[Project], calls: int) -> tuple[DimensionFigures, ...]:
    """Two queries. calls: all of the period, of which the shares are. A list without a choice is left out."""
    split = _split(asked, asked.before.begins_at, rolled_up_until(asked))
    counts: dict[str, dict[str, dict[bool, int]]] = {}
    for dimension, value, is_now, count in _rows(
        BY_DIMENSION, _facts(asked, ()) | split | {"now_begins_at": asked.begins_at}
    ):
        counts.setdefault(dimension, {}).setdefault(value, {})[is_now] = count
    known: dict[str, Dimension] = {}
    for project in projects:
        for one in dimensions_of(project) if project.pk in asked.project_ids else ():
            values = known[one.code].values if one.code in known else {}
            known[one.code] = Dimension(one.code, one.name, values | one.values)
    return tuple(
        DimensionFigures(one.code, one.name, tuple(_dimension_lines(one, counts[one.code], calls)))
        for one in known.values()
        if one.code in counts
    )


def _dimension_lines(
    dimension: Dimension, counts: Mapping[str, Mapping[bool, int]], calls: int
) -> Iterator[DimensionLine]:
    for value in (*dimension.values, *sorted(set(counts) - set(dimension.values))):
        found = counts.get(value, {})
        share = Share(found.get(True, 0), calls, found.get(False, 0))
        if share.count or share.before:
            yield DimensionLine(value, dimension.values.get(value, value), share)


# --- the list behind a number -----------------------------------------------------------------------

WHICH = {
    "total": "true",
    "served": "answered_at IS NOT NULL",
    "abandoned": "answered_at IS NULL AND ended_at IS NOT NULL",
    "waiting": "answered_at IS NULL AND ended_at IS NULL",
    "in_time": "in_time",
    "held": "hold_s > 0",
    "registered": "EXISTS (SELECT 1 FROM interactions_interactiontopic m WHERE m.interaction_id = call.id)",
}
OF_TOPIC = """EXISTS (
  WITH RECURSIVE below(topic) AS (
    SELECT %(topic)s::bigint UNION ALL SELECT t.id FROM topics_topic t JOIN below ON t.parent_id = below.topic
  )
  SELECT 1 FROM interactions_interactiontopic m JOIN below ON below.topic = m.topic_id
  WHERE m.interaction_id = call.id
)"""

OF_DIMENSION = """EXISTS (
  SELECT 1 FROM interactions_interaction d WHERE d.id = call.id AND d.dimensions ->> %(dimension)s = %(value)s
)"""


@dataclass(frozen=True, slots=True)
class Which:
    """Which calls of the period stand behind a number. which: a key of WHICH; queue 0: in none of today's queues."""

    which: str = "total"
    queue: int | None = None
    day: date | None = None
    topic: int | None = None
    project: int | None = None
    dimension: str = ""
    value: str = ""

    @property
    def conditions(self) -> list[str]:
        found = [WHICH[self.which]]
        if self.queue is not None:
            found.append("queue = %(queue)s" if self.queue else "(queue = ANY(%(queues)s)) IS NOT TRUE")
        if self.day is not None:
            found.append("day = %(day)s")
        if self.topic is not None:
            found.append(OF_TOPIC)
        if self.project is not None:
            found.append("project_id = %(of_project)s")
        if self.dimension:
            found.append(OF_DIMENSION)
        return found


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call in the list. Its own times as the figures count them, in seconds."""

    contact: Interaction
    wait_s: float | None
    talk_s: float | None
    hold_s: float | None
    wrap_up_s: float | None


@dataclass(frozen=True, slots=True)
class CallList:
    """A page of calls, newest first. after: what the next page begins behind, if there is one."""

    total: int
    rows: tuple[CallRow, ...]
    after: tuple[datetime, UUID] | None


def list_calls(
    asked: Asked, which: Which, *, by: Actor, after: tuple[datetime, UUID] | None = None, limit: int = 50
) -> CallList:
    """Five queries: queues, number, page, its contacts, their topics."""
    facts = _facts(asked, list_queues(by=by)) | {
        "queue": which.queue,
        "day": which.day,
        "topic": which.topic,
        "of_project": which.project,
        "dimension": which.dimension,
        "value": which.value,
    }
    chosen = f"FROM ({CALLS}) call WHERE {' AND '.join(which.conditions)}"
    [(total,)] = _rows(f"SELECT count(*) {chosen}", facts)
    further = "AND (began_at, id) < (%(began_at)s, %(id)s)" if after else ""
    found = _rows(
        f"SELECT id, began_at, wait_s, talk_s, hold_s, wrap_up_s {chosen} {further}"
        f" ORDER BY began_at DESC, id DESC LIMIT {limit + 1}",
        facts | ({"began_at": after[0], "id": after[1]} if after else {}),
    )
    page = found[:limit]
    contacts = _contacts([row[0] for row in page])
    rows = tuple(CallRow(contacts[row[0]], *row[2:]) for row in page)
    return CallList(total, rows, (page[-1][1], page[-1][0]) if len(found) > limit else None)


def names_of(which: Which, *, by: Actor) -> list[str]:
    """What the list is narrowed to, in words. At most three queries."""
    queues = list_queues(by=by).filter(pk=which.queue) if which.queue else ()
    topics = Topic.objects.filter(pk=which.topic) if which.topic is not None else ()
    projects = Project.objects.filter(pk=which.project) if which.project is not None else ()
    return [*(str(one) for one in (*projects, *queues, *topics)), *_name_of_value(which, by)]


def _name_of_value(which: Which, by: Actor) -> Iterator[str]:
    for project in list_projects(by=by) if which.dimension else ():
        for one in dimensions_of(project):
            if one.code == which.dimension and which.value in one.values:
                yield f"{one.name}: {one.values[which.value]}"
                return


def _contacts(ids: list[UUID]) -> dict[UUID, Interaction]:
    found = Interaction.objects.filter(pk__in=ids).select_related("agent", "customer", "result", "project")
    return {contact.pk: contact for contact in found.prefetch_related("topics__topic")}


# --- the database -----------------------------------------------------------------------------------


def _facts(asked: Asked, queues: Iterable[Queue]) -> dict[str, Any]:
    known = list(queues)
    return {
        "zone": asked.zone.key,
        "begins_at": asked.begins_at,
        "ends_at": asked.ends_at,
        "projects": list(asked.project_ids),
        "queues": [queue.pk for queue in known],
        "seconds": [queue.service_level_s for queue in known],
    }


def _rows(query: str, facts: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, facts)
        return list(cursor.fetchall())
