"""Whatever is drawn without flaws: there is always a way on, back and forth is where one was, and the same is the
same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from perezvon.cores.scripting import Stage, Surroundings, begin, look, next_wakeup, step, validate
from perezvon.cores.scripting.codec import read_run, read_scenario, write_run, write_scenario
from perezvon.cores.scripting.model import (
    Answer,
    Ask,
    Back,
    Clock,
    Done,
    Forward,
    Input,
    JumpTo,
    Keep,
    NotNow,
    Run,
    Scenario,
    Skip,
    Speak,
    Stored,
    Tick,
)
from perezvon.cores.scripting.tests.house import ACTIONS, IDENTIFY, KNOWN, NOW, node, scenario, way, words
from perezvon.cores.scripting.viewing import View

CONDITIONS = [
    ["and", ["score", "least", "3"]],
    ["and", ["one_1", "any", "a"]],
    ["and", ["count.seen", "least", "2"]],
    ["or", ["and", ["customer.vip", "yes"]], ["and", ["flag_2", "yes"], ["score", "most", "5"]]],
    ["and", ["outcome", "is", "failed"]],
]


def _field(kind: str, place: int) -> dict[str, Any]:
    options = [{"code": code, "texts": words(code), "score": str(score)} for code, score in (("a", 2), ("b", -1))]
    more = {
        "one": {"options": options, "weight": "1.5"},
        "many": {"options": options},
        "scale": {"least": "1", "most": "5", "bands": [{"least": "3", "score": "4"}]},
    }
    return {"code": f"{kind}_{place}", "ask": kind, "label": words(kind), **more.get(kind, {})}


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Up to a dozen nodes; every way on leads forward, so an end is reached, and some buttons lead anywhere."""
    count = draw(st.integers(2, 10))
    names = [f"n{place}" for place in range(count)]
    nodes: dict[str, dict[str, Any]] = {"end": node("end", result="over"), "return": node("return")}
    for place, name in enumerate(names):
        onward = draw(st.sampled_from([*names[place + 1 :], "end"]))
        kind = draw(st.sampled_from(["phrase", "form", "question", "choice", "action", "decision", "sub"]))
        ways = []
        if draw(st.booleans()):
            condition = draw(st.sampled_from(CONDITIONS))
            ways.append(way("if", draw(st.sampled_from([*names[place + 1 :], "end"])), when=condition))
        more: dict[str, Any] = {}
        match kind:
            case "form" | "question":
                kinds = draw(
                    st.lists(st.sampled_from(["text", "one", "many", "scale", "flag"]), min_size=1, max_size=3)
                )
                more["fields"] = [_field(one, place) for one in dict.fromkeys(kinds)]
            case "phrase":
                more |= {"text": {"texts": words("Say {customer.name}")}, "counts": draw(st.sampled_from(["", "seen"]))}
                more["phrases"] = [{"code": "p", "text": {"texts": words("p")}}] if draw(st.booleans()) else []
                more["limit_s"] = draw(st.sampled_from([0, 30]))
                more["late_to"] = onward if more["limit_s"] and draw(st.booleans()) else ""
            case "choice":
                anywhere = draw(st.sampled_from(names))
                ways.append(way("again", anywhere, "Again"))
                locked = draw(st.sampled_from(CONDITIONS))
                ways.append(way("locked", "end", "Locked", needs=locked, why=words("Not yet")))
            case "action":
                more |= {"does": "card.open", "waits": draw(st.booleans())}
            case "sub":
                more |= {"scenario": "identify"}
        ways.append(way("on", onward, "On" if kind == "choice" else ""))
        nodes[name] = node(kind, *ways, **more)
    nodes["aside"] = node("phrase", way("on", "return"), text={"texts": words("An aside")})
    jumps = [
        {"code": "aside", "to": "aside", "label": words("Aside")},
        {"code": "leave", "to": draw(st.sampled_from([*names, "end"])), "label": words("Leave"), "returns": False},
    ]
    return scenario("any", "n0", nodes, jumps=jumps)


_texts = st.text(max_size=8)
inputs: st.SearchStrategy[Input] = st.one_of(
    st.builds(
        Answer,
        st.dictionaries(
            st.sampled_from(["one_1", "flag_2", "many_3", "scale_0", "text_1", "birth"]),
            _texts | st.sampled_from(["a", "yes", "3", "1981-05-14"]) | st.tuples(st.sampled_from(["a", "b", "z"])),
            max_size=3,
        ),
        st.sampled_from(["", "on", "again", "locked", "none"]),
    ),
    st.builds(Tick, st.sampled_from(["p", "q"])),
    st.just(Back()),
    st.just(Forward()),
    st.builds(JumpTo, st.sampled_from(["aside", "leave", "none"])),
    st.builds(Done, st.integers(0, 4), st.booleans()),
    st.just(Skip()),
    st.builds(Speak, st.sampled_from(["en", "ru", "fr"])),
    st.builds(Keep, st.dictionaries(st.sampled_from(["one_1", "text_1"]), _texts, max_size=2)),
    st.just(Clock()),
)
patient = settings(max_examples=60, deadline=None)


def stage_of(drawn: Scenario) -> Stage:
    return Stage({"any": drawn, "identify": IDENTIFY}, KNOWN)


def begun(stage: Stage) -> Run:
    return begin(stage, "any", run_id="r", language="en", context={"customer.name": "Elena"}, now=NOW).run


def walk(stage: Stage, given: list[Input]) -> list[Run]:
    """The runs after each input that was taken, half a minute after another."""
    runs, now = [begun(stage)], NOW
    for one in given:
        now += timedelta(seconds=20)
        try:
            runs.append(step(stage, runs[-1], one, now).run)
        except NotNow:
            continue
    return runs


@given(scenarios())
@patient
def test_what_is_drawn_here_has_no_flaws_but_what_is_not_reached(drawn: Scenario) -> None:
    flaws = validate(drawn, Surroundings({"identify": IDENTIFY}, KNOWN, ACTIONS))
    assert {flaw.code for flaw in flaws if flaw.code != "condition"} <= {"unreachable"}
    assert write_scenario(read_scenario(write_scenario(drawn))) == write_scenario(drawn)


@given(scenarios(), st.lists(inputs, max_size=25))
@patient
def test_there_is_always_a_way_on_until_the_end(drawn: Scenario, given_inputs: list[Input]) -> None:
    stage = stage_of(drawn)
    run = walk(stage, given_inputs)[-1]
    for _turn in range(60):
        if run.ended_at is not None:
            break
        run = step(stage, run, _onward(stage, run), NOW).run
    assert run.ended_at is not None, run.here


def _onward(stage: Stage, run: Run) -> Input:
    """What leads towards the end from here."""
    view = look(stage, run, NOW)
    if view.waits:
        return Skip()
    for phrase in view.phrases:
        if phrase.mandatory and phrase.read_at is None:
            return Tick(phrase.code)
    ways = sorted((one.code for one in view.ways if not one.locked), key=bool)
    assert ways, view
    return Answer({shown.field.code: _right(view, shown.field.code) for shown in view.fields}, ways[-1])


def _right(view: View, code: str) -> Stored:
    field = next(shown.field for shown in view.fields if shown.field.code == code)
    match field.ask:
        case Ask.ONE:
            return "a"
        case Ask.MANY:
            return ("a",)
        case Ask.SCALE:
            return "3"
        case Ask.FLAG:
            return "yes"
        case Ask.DAY:
            return "1981-05-14"
    return "words"


@given(scenarios(), st.lists(inputs, max_size=25))
@patient
def test_back_and_forth_is_where_one_was(drawn: Scenario, given_inputs: list[Input]) -> None:
    stage = stage_of(drawn)
    for run in walk(stage, [one for one in given_inputs if not isinstance(one, Keep)]):
        if look(stage, run, NOW).can_go_back and not _is_held_up(stage, run):
            there = step(stage, step(stage, run, Back(), NOW).run, Forward(), NOW)
            assert there.run == run
            assert there.effects == ()


def _is_held_up(stage: Stage, run: Run) -> bool:
    """Before the cursor lies what was left otherwise than by an answer: its own rules hold then."""
    return any(one.way == "late" for one in run.path)


@given(scenarios(), st.lists(inputs, max_size=25), st.sampled_from(["aside", "leave"]))
@patient
def test_a_jump_is_there_in_every_step_and_keeps_all_that_was_said(
    drawn: Scenario, given_inputs: list[Input], code: str
) -> None:
    """In a sub-scenario too; the aside comes back to the same place, by the same steps."""
    stage = stage_of(drawn)
    for run in walk(stage, given_inputs):
        if run.ended_at is not None:
            continue
        assert code in dict(look(stage, run, NOW).jumps)
        there = step(stage, run, JumpTo(code), NOW).run
        assert (there.answers, there.ticks, there.failures) == (run.answers, run.ticks, run.failures)
        assert there.steps[: run.at] == run.steps[: run.at]
        if code == "aside":
            back = step(stage, there, Answer(), NOW).run
            assert (back.here.place, back.here.stack) == (run.here.place, run.here.stack)
            assert step(stage, back, Back(), NOW).run.here.place.node == "aside"


@given(scenarios(), st.lists(inputs, max_size=25))
@patient
def test_the_same_inputs_give_the_same_run_and_it_can_be_kept_at_any_time(
    drawn: Scenario, given_inputs: list[Input]
) -> None:
    stage, again = stage_of(drawn), stage_of(read_scenario(write_scenario(drawn)))
    run = begun(stage)
    for one, other in zip(walk(stage, given_inputs), walk(again, given_inputs), strict=True):
        assert one == other
        assert read_run(write_run(one)) == one
        run = one
    assert len(run.steps) > run.at


@given(scenarios(), st.lists(inputs, max_size=25))
@patient
def test_a_clock_that_is_asked_early_changes_nothing(drawn: Scenario, given_inputs: list[Input]) -> None:
    stage = stage_of(drawn)
    for run in walk(stage, given_inputs):
        until: datetime | None = next_wakeup(stage, run)
        if run.ended_at is None:
            now = until - timedelta(seconds=1) if until else NOW
            assert step(stage, run, Clock(), now).run == run
