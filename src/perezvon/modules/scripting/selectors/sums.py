"""Counting runs, and what was counted before: the same rows either way.

`PICKED` are runs of some versions in two stretches of time; RUNS, STEPS and STAYS count them by day into the columns of
the tables of the same names. `services/summing` keeps what they give for days that are over. A figure is read from
those days and counted for what is left at both ends of the time asked for; no run is in two of the parts, so what is
counted by runs may be added up.

How long people stay is counted by about so many seconds: whole ones up to a minute, then in steps of two percent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection

from perezvon.foundation.access import Actor
from perezvon.modules.scripting.models import ScenarioVersion, SummedUp

DAY = timedelta(days=1)

_STRETCH = """
SELECT id, version_id, project_id, (began_at AT TIME ZONE 'UTC')::date AS day, ended_at IS NOT NULL AS ended,
  CASE WHEN ended_at IS NULL THEN '' ELSE result END AS result, score, node,
  extract(epoch FROM ended_at - began_at) AS lasted_s
FROM scripting_run WHERE version_id = ANY(%(versions)s)
  AND (%(projects)s::bigint[] IS NULL OR project_id = ANY(%(projects)s::bigint[]))
"""
PICKED = f"""WITH picked AS (
  {_STRETCH} AND began_at >= %(since)s AND began_at < %(first)s
  UNION ALL {_STRETCH} AND began_at >= %(until)s AND began_at < %(before)s::timestamptz
), stays AS (
  SELECT day, picked.project_id, picked.version_id, ended, result, step.run_id, step.node, step.way, step.place,
    step.late, step.left_at IS NOT NULL AS is_left,
    greatest(extract(epoch FROM step.left_at - step.entered_at), 0) AS seconds
  FROM picked JOIN scripting_runstep step ON step.run_id = picked.id
  JOIN scripting_scenarioversion version ON version.id = picked.version_id
  JOIN scripting_scenario scenario ON scenario.id = version.scenario_id AND scenario.code = step.scenario
)
"""  # noqa: S608  (constants)
RUNS = """
SELECT day, project_id, version_id, ended, result, CASE WHEN ended THEN score ELSE 0 END AS score,
  CASE WHEN ended THEN '' ELSE node END AS node, count(*) AS runs, coalesce(sum(lasted_s), 0) AS lasted_s
FROM picked GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
STEPS = """
SELECT day, project_id, version_id, node, '' AS way, ended, result, sum(visits) AS times, count(*) AS runs,
  sum(late) AS late, min(first) AS first
FROM (
  SELECT day, project_id, version_id, node, ended, result, run_id, count(*) AS visits,
    count(*) FILTER (WHERE late) AS late, min(place) AS first
  FROM stays GROUP BY 1, 2, 3, 4, 5, 6, 7
) came GROUP BY 1, 2, 3, 4, 6, 7
UNION ALL
SELECT day, project_id, version_id, node, way, false, '', count(*), 0, 0, 0
FROM stays WHERE way <> '' GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT day, project_id, version_id, '', way, ended, result, count(*), count(DISTINCT run_id), 0, 0
FROM stays WHERE way LIKE 'jump:%%' GROUP BY 1, 2, 3, 5, 6, 7
"""
STAYS = """
SELECT day, project_id, version_id, node, CASE WHEN seconds <= 60 THEN round(seconds::float8)
    ELSE round(60 * 1.02::float8 ^ round(ln(seconds::float8 / 60) / ln(1.02::float8))) END::int AS seconds,
  count(*) AS stays, sum(seconds) AS lasted_s
FROM stays WHERE is_left GROUP BY 1, 2, 3, 4, 5
"""

_KEPT = """
WHERE version_id = ANY(%(versions)s) AND day >= %(first_day)s AND day < %(until_day)s
  AND (%(projects)s::bigint[] IS NULL OR project_id = ANY(%(projects)s::bigint[]))
"""


def _both(counting: str, table: str, common: str, sums: str) -> str:
    columns = ", ".join(part.partition("(")[2].partition(")")[0] for part in sums.split(", "))
    kept = f"SELECT {common}, {columns} FROM scripting_{table} {_KEPT}"  # noqa: S608  (constants)
    counted = f"SELECT {common}, {columns} FROM ({counting}) counted"  # noqa: S608
    return f"{PICKED} SELECT {common}, {sums} FROM ({kept} UNION ALL {counted}) both_parts GROUP BY {common}"  # noqa: S608


_RUNS = _both(RUNS, "dayofruns", "ended, result, score, node", "sum(runs), sum(lasted_s)")
_STEPS = _both(STEPS, "dayofsteps", "node, way, ended, result", "sum(times), sum(runs), sum(late), min(first)")
_STAYS = _both(STAYS, "dayofstays", "node, seconds", "sum(stays), sum(lasted_s)")


@dataclass(frozen=True, slots=True)
class Sums:
    """Runs of one version since a moment, in the projects that the actor sees. A query each."""

    asked: dict[str, Any]

    def runs(self) -> list[Any]:
        """ended, result, score, node, runs, seconds they lasted."""
        return self._rows(_RUNS)

    def steps(self) -> list[Any]:
        """node, way, ended, result, times, runs, late, first; see DayOfSteps."""
        return self._rows(_STEPS)

    def stays(self) -> list[Any]:
        """node, about so many seconds, stays, seconds of them all."""
        return self._rows(_STAYS)

    def _rows(self, query: str) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(query, self.asked)
            return list(cursor.fetchall())


def sums_of(version: ScenarioVersion, since: datetime, *, by: Actor) -> Sums:
    """One query, for what has been added up so far."""
    kept_until = SummedUp.objects.values_list("until", flat=True).first()
    first, until = since, since  # nothing is read from sums; all of it is counted
    whole_day = begin_of(since.astimezone(UTC).date())
    whole_day += DAY if whole_day < since else timedelta(0)
    if kept_until is not None and whole_day < begin_of(kept_until):
        first, until = whole_day, begin_of(kept_until)
    projects = None if by.projects is None else list(by.projects)
    return Sums(parameters([version.pk], since, first, until, projects=projects))


def parameters(
    versions: Sequence[int], since: datetime, first: datetime, until: datetime, before: datetime | None = None,
    projects: Sequence[int] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Runs that began from `since` up to `first`, and from `until` up to `before`, are counted; what lies between is
    read."""
    return {
        "versions": list(versions), "since": since, "first": first, "until": until,
        "before": before or "infinity", "first_day": first.astimezone(UTC).date(),
        "until_day": until.astimezone(UTC).date(), "projects": projects,
    }  # fmt: skip


def begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
