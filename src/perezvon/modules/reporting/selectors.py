"""Questions of the call report, each one query over contacts and segments whatever the number of rows.

A call is an incoming telephone contact; whoever is cut off and comes back in time goes on with the same contact and
counts once. It belongs to the day on which it began and to the queue in which it waited first. The table and the
list behind each of its numbers read the same rows (`CALLS`), so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Project
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.reporting.figures import Calls, Share
from perezvon.modules.reporting.filters import Asked
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

BY_DAY_AND_QUEUE = f"""
SELECT day, queue, count(*), count(answered_at),
  count(*) FILTER (WHERE answered_at IS NULL AND ended_at IS NOT NULL), count(*) FILTER (WHERE in_time),
  coalesce(sum(wait_s), 0)::float, coalesce(sum(talk_s), 0)::float, coalesce(sum(hold_s), 0)::float,
  coalesce(sum(wrap_up_s), 0)::float
FROM ({CALLS}) call GROUP BY day, queue
"""  # noqa: S608  (a constant)

# Each contact counts once in a topic, and once in every topic above it (F18.07).
TOPICS = """
WITH RECURSIVE upward(topic, above) AS (
  SELECT id, id FROM topics_topic WHERE project_id = ANY(%(projects)s)
  UNION ALL
  SELECT upward.topic, t.parent_id FROM upward JOIN topics_topic t ON t.id = upward.above
  WHERE t.parent_id IS NOT NULL
), registered AS (
  SELECT c.id, c.project_id, c.began_at >= %(begins_at)s AS is_now, m.topic_id
  FROM interactions_interaction c JOIN interactions_interactiontopic m ON m.interaction_id = c.id
  WHERE c.began_at >= %(before_begins_at)s AND c.began_at < %(ends_at)s AND c.project_id = ANY(%(projects)s)
    AND c.channel = 'phone' AND c.direction = 'inbound'
)
SELECT r.project_id, u.above, r.is_now, count(DISTINCT r.id)
FROM registered r JOIN upward u ON u.topic = r.topic_id
GROUP BY GROUPING SETS ((u.above, r.is_now), (r.project_id, r.is_now), (r.is_now))
"""


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
    """Two queries."""
    queues = {queue.pk: queue for queue in list_queues(by=by)}
    by_queue: dict[int | None, Calls] = {}
    by_day = dict.fromkeys(asked.days, Calls())
    total = Calls()
    for day, queue, *numbers in _rows(BY_DAY_AND_QUEUE, _facts(asked, queues.values())):
        calls = Calls(*numbers)
        key = queue if queue in queues else None
        by_queue[key] = by_queue.get(key, Calls()) + calls
        by_day[day] += calls
        total += calls
    known = [QueueCalls(queue, by_queue[pk]) for pk, queue in queues.items() if pk in by_queue]
    others = [QueueCalls(None, by_queue[None])] if None in by_queue else []
    return CallFigures(total, (*known, *others), tuple(by_day.items()))


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
    """Two queries. names: of the projects asked for; with several, each has a line of its own above its topics.

    Topics that nobody spoke of in either period are left out.
    """
    facts = _facts(asked, ()) | {"before_begins_at": asked.before.begins_at}
    counts: dict[tuple[str, int | None], dict[bool, int]] = {}
    for project, topic, is_now, count in _rows(TOPICS, facts):
        key = ("topic", topic) if topic is not None else ("project", project)
        counts.setdefault(key, {})[is_now] = count
    registered = _share(counts, ("project", None), None)
    lines: list[TopicLine] = []
    children = _children(asked.project_ids)
    for project_id in asked.project_ids:
        depth = 0
        if len(asked.project_ids) > 1:
            share = _share(counts, ("project", project_id), registered.count)
            lines.append(TopicLine(names[project_id], 0, project_id, None, share))
            depth = 1
        lines += _topic_lines(children, counts, registered.count, (project_id, None), depth)
    return TopicFigures(registered, tuple(line for line in lines if line.share.count or line.share.before))


def _share(counts: Mapping[tuple[str, int | None], Mapping[bool, int]], key: Any, registered: int | None) -> Share:
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
    children: Mapping[Place, list[Topic]], counts: Any, registered: int, place: Place, depth: int
) -> list[TopicLine]:
    lines: list[TopicLine] = []
    for topic in children.get(place, []):
        share = _share(counts, ("topic", topic.pk), registered)
        lines.append(TopicLine(str(topic), depth, topic.project_id, topic.pk, share))
        lines += _topic_lines(children, counts, registered, (topic.project_id, topic.pk), depth + 1)
    return lines


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


@dataclass(frozen=True, slots=True)
class Which:
    """Which calls of the period stand behind a number. which: a key of WHICH; queue 0: in none of today's queues."""

    which: str = "total"
    queue: int | None = None
    day: date | None = None
    topic: int | None = None
    project: int | None = None

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
    return [str(one) for one in (*projects, *queues, *topics)]


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
        return cursor.fetchall()
