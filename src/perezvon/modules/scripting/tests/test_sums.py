"""Sums by the day give the same figures as counting, whenever they are made and whatever changes afterwards."""

from __future__ import annotations

import random
import statistics
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from perezvon.cores.scripting.model import Answer, JumpTo, Tick
from perezvon.foundation.access import System
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Project
from perezvon.kernel.ids import uuid7
from perezvon.modules.interactions.tests.conftest import talk
from perezvon.modules.scripting import handlers, services
from perezvon.modules.scripting.events import PastRunsChanged
from perezvon.modules.scripting.models import DayOfRuns, Run, RunStep, SummedUp
from perezvon.modules.scripting.selectors import insight
from perezvon.modules.scripting.selectors.insight import PERIODS, ranks
from perezvon.modules.scripting.tests.conftest import JUMPS, SYSTEM, drawn
from perezvon.modules.scripting.tests.test_insight import OFFER

NOW = datetime(2026, 11, 20, 15, 20, tzinfo=UTC)


@pytest.fixture
def scenario(draw, olga, elena, loans):
    """Two hundred runs of sixty days, in two projects."""
    made = draw(document=drawn(OFFER, jumps=JUMPS))
    cards = Project.objects.create(code="cards-too", name={"en": "Cards"}, number=77)
    chance = random.Random(5)
    contact = talk(loans, olga, elena)
    runs, steps = [], []
    for _one in range(200):
        began = NOW - timedelta(seconds=chance.uniform(0, 60 * 86_400))
        result = chance.choice(["sold", "lost", "lost", ""])
        run = Run(
            id=uuid7(began), scenario=made, version=made.current, pinned=[made.current_id], interaction=contact,
            project=chance.choice([loans, cards]), language="en", state={}, began_at=began, by_id=olga.id,
            node=f"talk/{result or 'offer'}", result=result, score=chance.choice([0, 1, 10, Decimal("2.5")]),
            ended_at=began + timedelta(seconds=chance.uniform(5, 900)) if result else None,
        )  # fmt: skip
        # One contact has one run under way at most.
        if not result:
            run.interaction = talk(loans, olga, elena)
        runs.append(run)
        way_of_it = ["hello", *["offer", "objection", "back"] * chance.randrange(3), "offer", *[result][: len(result)]]
        at = began
        for place, (node, after) in enumerate(zip(way_of_it, [*way_of_it[1:], ""], strict=True)):
            left = at + timedelta(seconds=chance.uniform(0, 400)) if after else None
            way = "jump:objection" if after == "objection" else "on" if after else ""
            steps.append(
                RunStep(run=run, place=place, scenario="talk", node=node, entered_at=at, left_at=left, way=way,
                        late=chance.random() < 0.1)
            )  # fmt: skip
            at = left or at
    Run.objects.bulk_create(runs)
    RunStep.objects.bulk_create(steps)
    return made


def figures(scenario, now=NOW):
    """Of every period and success, for whoever sees all, and for whoever sees one project."""
    one = System(name="one", projects=frozenset({Project.objects.get(code="cards-too").pk}))
    return [
        insight(scenario, scenario.current, days, by=by, now=now, language="en", good=good)
        for days in PERIODS
        for good in ("", "sold")
        for by in (SYSTEM, one)
    ]


def counted(scenario, now=NOW):
    until = SummedUp.objects.values_list("until", flat=True).first()
    SummedUp.objects.update(until=None)
    try:
        return figures(scenario, now)
    finally:
        SummedUp.objects.update(until=until)


def add_up(now=NOW):
    while services.advance(now):
        pass


@pytest.mark.parametrize("at", [NOW, NOW.replace(hour=0, minute=2), NOW - timedelta(days=20)])
def test_sums_give_what_counting_gives(scenario, at):
    add_up(at)

    assert DayOfRuns.objects.exists()
    assert figures(scenario) == counted(scenario)
    assert figures(scenario)[-2].runs > figures(scenario)[0].runs


def test_sums_are_really_read(scenario):
    add_up()
    DayOfRuns.objects.all().delete()

    assert figures(scenario)[-2].runs < counted(scenario)[-2].runs


def test_a_run_that_ends_late_and_one_that_is_gone(scenario):
    add_up()
    run = Run.objects.filter(ended_at=None).earliest("began_at")
    gone = Run.objects.exclude(ended_at=None).earliest("began_at")
    Run.objects.filter(pk=run.pk).update(ended_at=NOW, result="sold", score=10)
    days = {one.began_at.date() for one in (run, gone)}
    gone.delete()
    assert figures(scenario) != counted(scenario)

    for day in days:
        handlers.add_up_day_again(PastRunsChanged(day=day), NOW)

    assert figures(scenario) == counted(scenario)


def test_going_on_on_another_day_tells_it(draw, olga, elena, loans):
    made = draw(document=drawn(OFFER, jumps=JUMPS))
    run = services.begin_run(
        scenario_id=made.pk, interaction_id=talk(loans, olga, elena).pk, by=olga, now=NOW, language="en"
    )
    services.give(run_id=run.pk, given=[Tick("notice"), Answer()], by=olga, now=NOW)
    topic = PastRunsChanged.topic
    assert not OutboxRow.objects.filter(topic=topic).exists()

    services.give(run_id=run.pk, given=[JumpTo("objection")], by=olga, now=NOW + timedelta(days=1))

    assert OutboxRow.objects.filter(topic=topic).count() == 1


def test_adding_up_twice_is_doing_it_once(scenario):
    add_up()
    before = figures(scenario)

    services.add_up_again((NOW - timedelta(days=3)).date())
    call_command("rebuild_insight")

    assert figures(scenario) == before


@given(st.lists(st.integers(0, 500), min_size=2), st.integers(1, 99))
def test_percentiles_of_what_was_counted_are_those_of_the_values(values, share):
    found = [(value, values.count(value)) for value in sorted(set(values))]

    exact = statistics.quantiles(values, n=100, method="inclusive")[share - 1]
    assert ranks(found, [share / 100]) == [pytest.approx(exact)]


def test_long_stays_are_told_to_two_percent(scenario):
    """Compared with the database's own percentiles over the steps themselves."""
    add_up()
    seen = {one.node: one for one in insight(scenario, scenario.current, 365, by=SYSTEM, now=NOW, language="en").nodes}
    for node in ("hello", "offer", "objection"):
        rows = RunStep.objects.filter(node=node, left_at__isnull=False).values_list("entered_at", "left_at")
        stays = [(left - entered).total_seconds() for entered, left in rows]
        cuts = statistics.quantiles(stays, n=10, method="inclusive")
        assert seen[node].median_s == pytest.approx(cuts[4], rel=0.02, abs=1)
        assert seen[node].p90_s == pytest.approx(cuts[8], rel=0.02, abs=1)
        assert seen[node].mean_s == round(statistics.fmean(stays))
