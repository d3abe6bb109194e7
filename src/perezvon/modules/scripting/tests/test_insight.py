"""How conversations go, by their steps: ways and jumps taken, attempts and their success, times, scores."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from perezvon.cores.scripting.model import Answer, JumpTo, Tick
from perezvon.foundation.people.models import Role, User
from perezvon.modules.interactions.tests.conftest import NOW, talk
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import Run, RunStep
from perezvon.modules.scripting.selectors import insight
from perezvon.modules.scripting.selectors.insight import Bin, bin_width
from perezvon.modules.scripting.tests.conftest import JUMPS, SYSTEM, drawn, node, way, words
from perezvon.modules.scripting.web.insight import draw_scores

SOON = NOW + timedelta(hours=1)
OPTIONS = [
    {"code": "yes", "texts": words("Yes"), "score": "10"},
    {"code": "no", "texts": words("No"), "score": "1"},
]
OFFER = {
    "hello": node(
        "phrase",
        way("on", "offer"),
        title="Greeting",
        phrases=[{"code": "notice", "text": {"texts": words("Recorded.")}}],
    ),
    "offer": node(
        "question",
        {**way("yes", "sold"), "when": ["and", ["wants", "any", "yes"]]},
        way("no", "lost"),
        title="The offer",
        fields=[{"code": "wants", "ask": "one", "label": words("Wants it"), "options": OPTIONS}],
    ),
    "objection": node(
        "phrase", way("on", "back"), title="An answer to it", counts="objections", text={"texts": words("But…")}
    ),
    "back": node("return"),
    "sold": node("end", title="Sold", result="sold"),
    "lost": node("end", title="Not sold", result="lost"),
}
AFTER_S = (10, 20, 60)  # the greeting takes so long


@pytest.fixture
def scenario(draw, olga, elena, loans):
    """Three have talked: one bought after two objections, one refused after one, one left at the offer."""
    made = draw(document=drawn(OFFER, jumps=JUMPS))
    for seconds, objections, wants in zip(AFTER_S, (2, 1, 0), ("yes", "no", ""), strict=True):
        contact = talk(loans, olga, elena)
        run = services.begin_run(scenario_id=made.pk, interaction_id=contact.pk, by=olga, now=NOW, language="en")
        at = NOW + timedelta(seconds=seconds)
        services.give(run_id=run.pk, given=[Tick("notice"), Answer()], by=olga, now=at)
        for _one in range(objections):
            services.give(run_id=run.pk, given=[JumpTo("objection"), Answer()], by=olga, now=at)
        if wants:
            services.give(run_id=run.pk, given=[Answer({"wants": wants})], by=olga, now=at + timedelta(seconds=5))
    return made


def seen(scenario, **more):
    return insight(scenario, scenario.current, 30, by=SYSTEM, now=SOON, language="en", **more)


def test_ways_jumps_and_times_of_each_step(scenario):
    at = {one.node: one for one in seen(scenario).nodes}

    hello, offer = at["hello"], at["offer"]
    assert (hello.mean_s, hello.median_s, hello.p90_s) == (30, 20, 52)
    assert [(one.code, one.count, one.share) for one in hello.ways] == [("on", 3, 100)]
    assert [(one.code, one.to_title, one.count) for one in offer.ways] == [
        ("yes", "Sold", 1), ("no", "Not sold", 1), ("jump:objection", "An answer to it", 3),
    ]  # fmt: skip
    assert [one.is_jump for one in offer.ways] == [False, False, True]
    assert (offer.visits, offer.runs, offer.left, offer.left_share) == (6, 3, 1, 33)
    assert at["sold"].median_s is None


@pytest.mark.parametrize(("good", "well", "whole"), [("sold", 50, 33), ("lost", 50, 33), ("", 100, 67)])
def test_attempts_and_how_those_ended_who_were_met_with_them(scenario, good, well, whole):
    found = seen(scenario, good=good)

    [tried] = found.tried
    assert (tried.label, tried.times, tried.runs, tried.ended) == ("Objection", 3, 2, 2)
    assert (tried.well_share, found.well_share) == (well, whole)
    assert tried.sources == (("The offer", 3),)


def test_a_counted_step_that_no_jump_leads_to_is_an_attempt_too(draw):
    nodes = {**OFFER, "hello": {**OFFER["hello"], "counts": "tries"}}

    assert [one.label for one in seen(draw("counted", drawn(nodes, jumps=JUMPS))).tried] == ["Objection", "Greeting"]


def test_scores_lie_in_bins_of_one_width(scenario):
    found = seen(scenario).scores

    assert (found[0], found[-1]) == (Bin(Decimal(1), Decimal(2), 1), Bin(Decimal(10), Decimal(11), 1))
    assert sum(one.count for one in found) == 2
    chart = draw_scores(found)
    assert chart
    assert all(round(bar.y + bar.height, 6) == chart.base_y for bar in chart.bars)


@pytest.mark.parametrize(
    ("least", "most", "width"), [("0", "1", "0.1"), ("0", "10", "1"), ("-3", "100", "10"), ("0", "0.0004", "0.00005")]
)
def test_a_width_of_bins_that_is_easily_read(least, most, width):
    assert bin_width(Decimal(least), Decimal(most)) == Decimal(width)


@pytest.fixture
def chief(client, db):
    role = Role.objects.get(code="information_administrator")
    client.force_login(User.objects.create_user("chief", last_name="C", first_name="C", role=role, language="en"))
    return client


def test_the_page_shows_the_same_on_the_graph_and_in_the_list(chief, scenario, monkeypatch):
    monkeypatch.setattr("perezvon.foundation.clock.now", lambda: SOON)
    url = reverse("scripting:insight", args=[scenario.pk])

    page = chief.get(url, {"good": "sold"}).content.decode()
    [found] = re.findall(r'<template id="insight-drawn">(.*?)</template>', page, re.DOTALL)
    drawn_page = json.loads(found.replace("&quot;", '"').replace("&#x27;", "'").replace("&gt;", ">"))
    assert drawn_page["nodes"]["offer"] == {
        "lines": ["came 3 · left 33 %", "half within 0:00 · 90 % within 0:05"],
        "isLost": True,
    }
    ways = {one["id"]: (one["count"], one["share"], one["isJump"]) for one in drawn_page["ways"]}
    assert ways["offer/jump:objection"] == (3, 50, True)
    assert all(text in page for text in ("Jumps and attempts", "1 / 2 · 50 %", 'aria-label="score 10…11: 1"'))

    listed = chief.get(url, {"good": "sold", "view": "list"}).content.decode()
    assert "insight-drawn" not in listed
    assert all(text in " ".join(listed.split()) for text in ("→ An answer to it", "3 · 50 %", "1 · 33 %"))


@pytest.mark.parametrize("rubbish", ["'; --", "0", "\x00", "9" * 60])
def test_rubbish_in_the_address_is_the_usual(chief, scenario, rubbish):
    url = reverse("scripting:insight", args=[scenario.pk])

    asked = dict.fromkeys(("version", "days", "good", "view"), rubbish)
    assert chief.get(url, asked).status_code == 200


def test_queries_do_not_grow_with_what_was_talked(scenario, django_assert_num_queries):
    seen(scenario)  # its drawing is read once
    with django_assert_num_queries(4):
        seen(scenario)
    run = Run.objects.order_by("began_at").first()
    more = [RunStep(run=run, place=100 + at, scenario="talk", node="hello", entered_at=NOW) for at in range(200)]
    RunStep.objects.bulk_create(more)
    with django_assert_num_queries(4):
        assert {one.node: one.visits for one in seen(scenario).nodes}["hello"] == 203
