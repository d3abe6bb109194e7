"""A questionnaire is a chain of questions: none is a dead end, and what was written comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perezvon.cores.scripting import Stage, Surroundings, begin, step, validate
from perezvon.cores.scripting.codec import read_scenario, write_scenario
from perezvon.cores.scripting.model import Answer, Ask, Field, Node, Option, Stored
from perezvon.cores.scripting.questions import ASKED, END, Question, questions_of, scenario_of

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
OPTIONS = (Option("a", {"en": "Yes"}, Decimal(1)), Option("b", {"en": "No"}), Option("c", {"en": "Perhaps"}))
ROWS = (Option("r1", {"en": "Speed"}), Option("r2", {"en": "Manners"}))


@st.composite
def questionnaires(draw: st.DrawFn) -> list[Question]:
    kinds = draw(st.lists(st.sampled_from(ASKED), min_size=1, max_size=8))
    codes = [f"q{place}" for place in range(len(kinds))]
    return [
        Question(
            Field(
                code, ask, {"en": f"Question {code}"}, draw(st.booleans()),
                OPTIONS if ask in {Ask.ONE, Ask.MANY, Ask.MATRIX} else (), ROWS if ask == Ask.MATRIX else (),
                *((Decimal(1), Decimal(5)) if ask == Ask.SCALE else (None, None)),
            ),
            draw(st.dictionaries(st.sampled_from("abc"), st.sampled_from([*codes[place + 1 :], END])))
            if ask == Ask.ONE else {},
        )
        for place, (code, ask) in enumerate(zip(codes, kinds, strict=True))
    ]  # fmt: skip


def answer_to(node: Node, choice: str) -> dict[str, Stored]:
    field = node.fields[0]
    given: dict[Ask, Stored] = {
        Ask.ONE: choice, Ask.MANY: (choice,), Ask.FLAG: "yes", Ask.NUMBER: "7", Ask.SCALE: "3", Ask.TEXT: "words",
        Ask.DAY: "2026-11-23", Ask.MATRIX: tuple(f"{row.code}:{choice}" for row in field.rows),
    }  # fmt: skip
    return {field.code: given[field.ask]}


@given(questionnaires(), st.lists(st.sampled_from("abc"), min_size=8, max_size=8))
def test_come_to_the_end_on_every_way_and_ask_nothing_twice(questions: list[Question], choices: list[str]) -> None:
    made = scenario_of("survey", ("en",), questions)
    stage = Stage({"survey": made}, {})
    assert validate(made, Surroundings({}, {}, ())) == []

    run = begin(stage, "survey", run_id="1", language="en", context={}, now=NOW).run
    for choice in choices:
        if run.ended_at is None:
            run = step(stage, run, Answer(answer_to(made.nodes[run.here.place.node], choice)), NOW).run

    asked = [one.place.node for one in run.steps]
    assert (run.ended_at, run.result, len(set(asked))) == (NOW, "filled", len(asked))
    assert sorted(asked[:-1]) == asked[:-1]
    for one, following in zip(run.steps, run.steps[1:], strict=False):
        question = next(each for each in questions if each.code == one.place.node)
        picked = run.answers[question.code]
        if isinstance(picked, str) and picked in question.leads:
            assert following.place.node == question.leads[picked]


@given(questionnaires())
def test_read_the_questions_back_as_they_were_written(questions: list[Question]) -> None:
    kept = read_scenario(write_scenario(scenario_of("survey", ("en",), questions)))

    assert questions_of(kept) == questions


@pytest.mark.parametrize("to", ["q0", "q1", "gone"], ids=["up", "to itself", "to nothing"])
def test_refuse_an_option_that_does_not_lead_down(to: str) -> None:
    asks = [Question(Field("q0")), Question(Field("q1", Ask.ONE, options=OPTIONS), {"a": to})]

    with pytest.raises(ValueError, match="leads up"):
        scenario_of("survey", ("en",), asks)
