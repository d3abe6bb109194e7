"""Past contacts of the demo were led by the bank's scenarios, as its operators would have led them."""

from __future__ import annotations

import pytest

from perezvon.cores.scripting.codec import read_run
from perezvon.modules.scripting.models import Run, RunAnswer, RunStep, Scenario
from perezvon.modules.scripting.selectors import insight
from perezvon.modules.scripting.services import advance
from perezvon.project.demo.conversations import BY, load_conversations, read_offered, talks_of
from perezvon.project.demo.history import load_history

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(history, centre, tmp_path):
    list(load_history(history, centre, tmp_path))
    return sum(count for _day, count in load_conversations(history, centre))


def test_insight_shows_a_credible_picture(loaded, history, centre):
    scenario = Scenario.objects.select_related("current").get(code="incoming-call")
    while advance(history.now):
        pass

    seen = insight(scenario, scenario.current, 30, by=BY, now=history.now, language="ru", good="solved")

    assert loaded == Run.objects.count() > 20
    assert seen.ended > seen.runs / 2
    assert len(seen.results) > 1
    assert sum(1 for one in seen.nodes if one.runs) > 10
    assert all(one.median_s < 300 for one in seen.nodes if one.median_s is not None)


def test_conversations_lie_within_their_contacts(loaded):
    for run in Run.objects.select_related("interaction"):
        assert run.interaction.answered_at < run.began_at
        assert run.by_id == run.interaction.agent_id
        assert read_run(run.state).ended_at == run.ended_at
    assert RunStep.objects.count() > 5 * loaded
    assert not RunAnswer.objects.filter(run__ended_at=None).exists()
    assert Run.objects.exclude(said=[]).exists()


def test_a_second_load_changes_nothing(loaded, history, centre):
    assert list(load_conversations(history, centre)) == []


def test_the_same_contacts_make_the_same_conversations(loaded, history, centre):
    day = list(history.dates(centre.zone))[1]

    once, again = ([one.talk for one in talks_of(day, read_offered(), history, centre)] for _time in range(2))

    assert len(once) > 5
    assert once == again
    assert {str(pk) for pk in Run.objects.values_list("pk", flat=True)} >= {one.id for one in once}
