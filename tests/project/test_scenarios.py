"""The scenarios that ship: nothing is wrong with them, and conversations by them come to their ends."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import pytest
import yaml

from perezvon.cores.scripting import Stage, Surroundings, begin, look, step, validate
from perezvon.cores.scripting.codec import read_run, read_scenario, write_run
from perezvon.cores.scripting.model import Answer, Ask, Do, Done, Field, JumpTo, Library, NotNow, Run, Tick, Turn
from perezvon.cores.scripting.questions import questions_of
from perezvon.foundation.access import System
from perezvon.modules.scripting.actions import actions
from perezvon.modules.scripting.selectors import known_facts

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BY = System(name="test")

pytestmark = pytest.mark.django_db  # an administrator's own fields are facts too
MOST = 300


def _library() -> dict[str, Any]:
    files = resources.files("perezvon.project.blueprints")
    texts = (files.joinpath(f"{name}.yaml").read_text("utf-8") for name in ("bank", "telecom"))
    rows = [row for text in texts for row in yaml.safe_load(text)["scenarios"]]
    return {row["code"]: read_scenario({**row["document"], "key": row["code"], "version": 1}) for row in rows}


LIBRARY: Library = _library()


@pytest.mark.feature("F06.04", partly="outgoing campaign and survey (campaigns)")
@pytest.mark.feature("F06.14", partly="quality evaluation and surveys (supervision, campaigns)")
@pytest.mark.parametrize("code", LIBRARY)
def test_nothing_is_wrong_with_it_in_either_language(code: str) -> None:
    assert LIBRARY[code].languages == ("ru", "en")
    assert validate(LIBRARY[code], Surroundings(LIBRARY, known_facts(BY), actions().keys())) == []


@pytest.mark.parametrize("code", LIBRARY)
def test_whoever_presses_what_he_likes_comes_to_an_end(code: str) -> None:
    """Fifty conversations of chance, in which actions fail as often as not; each is kept and read on the way."""
    results = Counter(_talked(code, random.Random(seed)) for seed in range(50))
    ends = {node.result for node in LIBRARY[code].nodes.values() if node.result}
    assert set(results) <= ends
    assert len(results) > len(ends) / 2


def _talked(code: str, chance: random.Random) -> str:
    stage = Stage(LIBRARY, known_facts(BY))
    turn = begin(stage, code, run_id="1", language=chance.choice(("ru", "en")), context=_context(chance), now=NOW)
    for second in range(MOST):
        run = _acted(stage, turn, chance)
        if run.ended_at is not None:
            return run.result
        turn = _pressed(stage, read_run(write_run(run)), chance, NOW + timedelta(seconds=second))
    raise AssertionError(f"{code} goes on at {turn.run.here.place}")


def _context(chance: random.Random) -> dict[str, Any]:
    return {"customer.known": chance.random() < 0.5, "contact.identified": chance.random() < 0.3}


def _acted(stage: Stage, turn: Turn, chance: random.Random) -> Run:
    """Every action comes to its end, well or not."""
    while asked := [one for one in turn.effects if isinstance(one, Do)]:
        run = turn.run
        for one in asked:
            turn = step(stage, run, Done(one.effect, ok=chance.random() < 0.5, said="no"), NOW)
            run = turn.run
    return turn.run


def _pressed(stage: Stage, run: Run, chance: random.Random, now: datetime) -> Turn:
    view = look(stage, run, now)
    for phrase in view.phrases:
        run = step(stage, run, Tick(phrase.code), now).run
    if view.jumps and chance.random() < 0.1:
        return step(stage, run, JumpTo(chance.choice(view.jumps)[0]), now)
    open_ways = [way.code for way in view.ways if not way.locked]
    values = {one.field.code: _answer(one.field, chance) for one in view.fields}
    return step(stage, run, Answer(values, chance.choice(open_ways)), now)


def _answer(field: Field, chance: random.Random) -> str | tuple[str, ...]:
    match field.ask:
        case Ask.MANY:
            return (chance.choice(field.options).code,)
        case Ask.MATRIX:
            return tuple(f"{row.code}:{chance.choice(field.options).code}" for row in field.rows)
        case Ask.SCALE | Ask.NUMBER:
            return str(field.least or 0)
        case Ask.ONE:
            return chance.choice(field.options).code
        case Ask.FLAG:
            return chance.choice(("yes", "no"))
        case Ask.DAY:
            return "2026-12-01"
        case Ask.MOMENT:
            return "2026-12-01T11:00:00+03:00"
        case _:
            return "words"


@pytest.mark.parametrize("code", ["market-survey", "satisfaction"])
def test_a_questionnaire_opens_in_its_builder(code: str) -> None:
    assert questions_of(LIBRARY[code])


@pytest.mark.feature("F02.04")
def test_an_incoming_call_goes_by_what_is_known_of_the_caller() -> None:
    """A newcomer is offered registration; whoever was here before is asked at once what he wants."""
    stage = Stage(LIBRARY, known_facts(BY))

    def comes_to(is_known: bool) -> str:
        run = begin(
            stage, "incoming-call", run_id="1", language="ru", context={"customer.known": is_known}, now=NOW
        ).run
        for phrase in look(stage, run, NOW).phrases:
            run = step(stage, run, Tick(phrase.code), NOW).run
        return step(stage, run, Answer(), NOW).run.here.place.node

    assert comes_to(is_known=False) == "offer"
    assert comes_to(is_known=True) == "topic"


@pytest.mark.feature("F06.18")
@pytest.mark.feature("F06.19")
@pytest.mark.feature("X.19")
def test_halva_takes_a_no_after_two_objections_and_a_stop_at_once() -> None:
    stage = Stage(LIBRARY, known_facts(BY))
    run = begin(stage, "halva", run_id="1", language="ru", context={}, now=NOW).run
    for node, chosen in (("hello", "himself"), ("notice", "yes"), ("offer", "")):
        run = step(stage, step(stage, run, Tick(node), NOW).run, Answer(way=chosen), NOW).run

    assert "двух" in next(way for way in look(stage, run, NOW).ways if way.code == "no").locked
    with pytest.raises(NotNow):
        step(stage, run, Answer(way="no"), NOW)
    stopped = step(stage, run, Answer(way="stop"), NOW).run
    assert stopped.here.place.node == "stop"

    for objection in ("trust", "no_need"):
        for chosen in ("objects", objection):
            run = step(stage, run, Answer(way=chosen), NOW).run
        run = step(stage, step(stage, run, Tick("reply"), NOW).run, Answer(), NOW).run
    assert step(stage, run, Answer(way="no"), NOW).run.here.place.node == "no"
