"""Scenarios among what the knowledge base finds (F12.09)."""

from __future__ import annotations

from typing import Any

import pytest

from perezvon.foundation.access import Person
from perezvon.foundation.people.models import Project
from perezvon.modules.interactions.tests.conftest import NOW
from perezvon.modules.scripting import services
from perezvon.modules.scripting.selectors import scenarios_beside
from perezvon.modules.scripting.services.defining import Drawing
from perezvon.modules.scripting.tests.conftest import SYSTEM, drawn, node, way, words

pytestmark = pytest.mark.django_db


def saying(*titles: str) -> dict[str, Any]:
    steps = {
        f"s{n}": node("phrase", way("on", f"s{n + 1}"), text={"texts": words(title)}) for n, title in enumerate(titles)
    }
    return drawn({**steps, f"s{len(titles)}": node("end", title="The end")}, "s0")


def found(text: str, by: Person) -> list[tuple[str, str]]:
    return [(line.text, line.url) for line in scenarios_beside().lines(text, by, 5)]


@pytest.mark.feature("F12.09", partly="orders of service and of work: those modules are not there yet")
def test_are_found_by_their_name_and_by_what_they_say(draw, olga, django_assert_max_num_queries):
    draw("loan", saying("What is your income?", "He agrees to the second attempt"))
    draw("incomes", saying("How much do you earn?"))

    assert found("income", olga) == [("Incomes", ""), ("Loan", "")]  # by name first
    assert found("agreed attempts", olga) == [("Loan", "")]
    assert found("phrase loan nothing", olga) == []  # how it is drawn is none of its words
    assert found("' & !", olga) == []
    with django_assert_max_num_queries(6):  # what they say was read once
        found("income", olga)


def test_what_is_published_anew_is_found_by_its_new_words_and_only_by_whoever_may_run_it(draw, olga):
    talk = draw("talk", saying("Greeting"))
    assert found("mortgage", olga) == []

    again = Drawing({**saying("Mortgages"), "key": "talk", "version": 0})
    services.save_draft(scenario_id=talk.pk, revision=1, drawing=again, by=SYSTEM, now=NOW)
    services.publish_scenario(scenario_id=talk.pk, revision=2, by=SYSTEM, now=NOW)

    assert found("mortgage", olga) == [("Talk", "")]
    talk.projects.add(Project.objects.create(code="far", number=999, name={"en": "Far"}))
    assert found("mortgage", olga) == []
