"""How conversations by a scenario went over a year: from sums by the day against counting every step.

    perezvon bench insight [--runs N] [--rounds N] [--clean] --json

Runs of thirteen steps lie evenly over a year. The same figures are made both ways in the same database and in turns;
`equal` says that all of them are the same. Goal: half a second for a year of 1.3 million steps.
"""

from __future__ import annotations

import argparse
import time
from datetime import datetime
from typing import Any

from django.db import connection

from bench.ground import own_database, percentiles
from bench.script import drawn
from perezvon.cores.scripting.codec import write_scenario
from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import DayOfRuns, DayOfStays, DayOfSteps, Run, RunStep, Scenario, SummedUp
from perezvon.modules.scripting.selectors.insight import Insight, insight
from perezvon.modules.scripting.services.defining import Drawing, Offering
from perezvon.project import blueprint

BY = System(name="bench")
CODE = "bench-insight"
DAYS, NODES, GOAL_MS = 365, 13, 500
TABLES = "scripting_run, scripting_runstep, interactions_interaction"

CONTACT = """
INSERT INTO interactions_interaction (id, number, project_id, channel, direction, line, line_name, queue, address,
  clarified, speaker, on_behalf, state, began_at, answered_at, ended_at, done_at, ended_by, cause, result_fields,
  dimensions, recording_refused, version)
SELECT gen_random_uuid(), 1, (SELECT min(id) FROM people_project), 'phone', 'inbound', '', '', NULL, '', '', '', '',
  'done', %(now)s, %(now)s, %(now)s, %(now)s, '', '', '{}', '{}', false, 1
RETURNING id
"""
# All come to an end, by three results and nine scores.
RUNS = """
INSERT INTO scripting_run (id, scenario_id, version_id, pinned, interaction_id, project_id, language, state, node, said,
  facts, score, result, began_at, ended_at, revision)
SELECT gen_random_uuid(), %(scenario)s, %(version)s, ARRAY[%(version)s], %(contact)s,
  (SELECT min(id) FROM people_project), 'en', '{}', '', '[]', '{}', n %% 9, (ARRAY['over','sold','lost'])[1 + n %% 3],
  at, at + make_interval(secs => 60 + n %% 400), 1
FROM (SELECT n, %(now)s::timestamptz - (n * %(days)s::float8 / %(runs)s) * interval '1 day' - interval '20 minutes'
    AS at
      FROM generate_series(1, %(runs)s::bigint) n) made
"""
STEPS = """
INSERT INTO scripting_runstep (run_id, place, scenario, node, entered_at, left_at, way, late)
SELECT id, place, %(code)s, CASE WHEN place = 12 THEN 'end' ELSE 'n' || place END,
  began_at + make_interval(secs => place * 20), began_at + make_interval(secs => place * 20 + 2 +
    abs(hashtext(id::text || place)) %% 90),
  CASE WHEN place < 12 THEN CASE WHEN place %% 3 = 1 THEN 'few' ELSE 'on' END ELSE '' END,
  abs(hashtext(id::text)) %% 50 = 0
FROM scripting_run CROSS JOIN generate_series(0, 12) place
"""


def main(arguments: list[str]) -> dict[str, object]:
    """Milliseconds of all figures of a year, both ways."""
    parser = argparse.ArgumentParser(prog="perezvon bench insight", description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clean", action="store_true", help="begin with a new database")
    given = parser.parse_args(arguments)
    with own_database(f"insight_{given.runs}", clean=given.clean):
        seeded, now = _seed(given.runs), clock.now()
        began = time.perf_counter()
        services.forget()
        while services.advance(now):
            pass
        rebuilt = round(time.perf_counter() - began, 1)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE scripting_dayofruns, scripting_dayofsteps, scripting_dayofstays")
        until = SummedUp.objects.get().until
        counted = [_timed(now, None) for _round in range(given.rounds)]
        summed = [_timed(now, until) for _round in range(given.rounds + 1)][1:]  # the first one warms up
        took = percentiles([ms for ms, _seen in summed])
        return {
            "runs": Run.objects.count(), "steps": RunStep.objects.count(), "days": DAYS, "seed_s": seeded,
            "rebuild_s": rebuilt, "counted": percentiles([ms for ms, _seen in counted]), "summed": took,
            "equal": counted[0][1] == summed[0][1],
            "rows": sum(model.objects.count() for model in (DayOfRuns, DayOfSteps, DayOfStays)),
            "goal_ms": GOAL_MS, "is_met": took["p95_ms"] <= GOAL_MS,
        }  # fmt: skip


def _seed(runs: int) -> float:
    """Seconds that making the runs took; 0 when they were there."""
    began = time.perf_counter()
    if Run.objects.exists():
        return 0.0
    now = clock.now()
    blueprint.load(blueprint.read("bank"), now=now)
    made = services.create_scenario(
        code=CODE, offering=Offering({"en": "A year"}), by=BY, now=now,
        drawing=Drawing({**write_scenario(drawn(NODES)), "key": CODE}),
    )  # fmt: skip
    services.publish_scenario(scenario_id=made.pk, revision=1, by=BY, now=now)
    made.refresh_from_db()
    facts: dict[str, Any] = {"now": now, "runs": runs, "days": DAYS, "code": CODE}
    with connection.cursor() as cursor:
        cursor.execute(CONTACT, facts)
        facts |= {"contact": cursor.fetchone()[0], "scenario": made.pk, "version": made.current_id}
        cursor.execute(RUNS, facts)
        cursor.execute(STEPS, facts)
        cursor.execute(f"VACUUM ANALYZE {TABLES}")
    return round(time.perf_counter() - began, 1)


def _timed(now: datetime, until: object) -> tuple[float, Insight]:
    """until: up to which sums are read; None counts everything."""
    SummedUp.objects.update(until=until)
    scenario = Scenario.objects.select_related("current").get(code=CODE)
    assert scenario.current is not None  # noqa: S101  (published above)
    began = time.perf_counter()
    seen = insight(scenario, scenario.current, DAYS, by=BY, now=now, language="en", good="over")
    return (time.perf_counter() - began) * 1000, seen
