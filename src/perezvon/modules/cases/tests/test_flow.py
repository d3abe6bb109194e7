"""Which steps are open, what they need, and how a flow is judged and drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perezvon.modules.cases import flow
from perezvon.modules.cases.flow import Flaw, Place, Stage, Standing, Step

NEW, WORK, WAIT, DONE = 1, 2, 3, 4
PLACES = (Place(NEW, Stage.OPEN), Place(WORK, Stage.OPEN), Place(WAIT, Stage.PAUSED), Place(DONE, Stage.CLOSED))
BEGIN = Step(1, NEW, WORK, requires=(flow.PERSON,))
PAUSE = Step(2, WORK, WAIT, requires=(flow.COMMENT,))
RESUME = Step(3, WAIT, WORK)
FINISH = Step(4, WORK, DONE, requires=(flow.ANSWER, "custom_sum", flow.APPROVAL))
AGAIN = Step(5, DONE, WORK, roles=frozenset({"supervisor"}))
STEPS = (BEGIN, PAUSE, RESUME, FINISH, AGAIN)


class TestSteps:
    def test_begin_in_the_first_open_state(self) -> None:
        assert flow.first_place((Place(9, Stage.PAUSED), *PLACES)) == PLACES[0]

    @pytest.mark.parametrize(
        ("role", "open_to_him"),
        [("operator", []), ("supervisor", [AGAIN]), ("", [AGAIN])],
        ids=["another role", "the role that may", "the system"],
    )
    def test_are_open_to_their_roles(self, role: str, open_to_him: list[Step]) -> None:
        assert flow.steps_for(STEPS, DONE, role) == open_to_him

    @pytest.mark.parametrize(
        ("standing", "missing"),
        [
            (Standing(), (flow.ANSWER, "custom_sum", flow.APPROVAL)),
            (Standing(answered=True, approved=True), ("custom_sum",)),
            (Standing(frozenset({"custom_sum"}), answered=True, approved=True), ()),
            (Standing(frozenset({"custom_sum"}), answered=True, approved=True, open_children=1), (flow.CHILDREN,)),
        ],
        ids=["nothing is there", "a field is not filled", "all is there", "a part of it is not over"],
    )
    def test_say_what_has_to_be_there_first(self, standing: Standing, missing: tuple[str, ...]) -> None:
        assert flow.missing(FINISH, Stage.CLOSED, standing, commented=False) == missing

    def test_that_pause_do_not_ask_for_the_parts(self) -> None:
        assert flow.missing(PAUSE, Stage.PAUSED, Standing(open_children=3), commented=True) == ()


class TestFlaws:
    def test_are_none_in_a_flow_that_works(self) -> None:
        assert flow.flaws(PLACES, STEPS) == []

    @pytest.mark.parametrize(
        ("places", "steps", "flaw"),
        [
            (PLACES[2:], STEPS, Flaw("no_first")),
            (PLACES, (BEGIN, FINISH), Flaw("unreachable", WAIT)),
            (PLACES, (BEGIN, PAUSE, FINISH), Flaw("dead_end", WAIT)),
            (PLACES[:3], (BEGIN, PAUSE, RESUME), Flaw("never_over")),
        ],
        ids=["nowhere to begin", "nothing leads there", "nothing leads out", "never over"],
    )
    def test_are_named(self, places: tuple[Place, ...], steps: tuple[Step, ...], flaw: Flaw) -> None:
        assert flaw in flow.flaws(places, steps)


_places = st.lists(st.sampled_from(Stage), min_size=1, max_size=8).map(
    lambda stages: [Place(key, stage) for key, stage in enumerate(stages)]
)
_steps = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30).map(
    lambda pairs: [Step(key, source, target) for key, (source, target) in enumerate(pairs) if source != target]
)


@given(_places, _steps)
def test_a_drawing_has_every_state_once_and_no_two_in_one_place(places: list[Place], steps: list[Step]) -> None:
    drawn = flow.drawing(places, steps)

    assert sorted(box.key for box in drawn.boxes) == [place.key for place in places]
    assert len({(box.column, box.row) for box in drawn.boxes}) == len(places)
    assert all(box.column < drawn.columns and box.row < drawn.rows for box in drawn.boxes)
    assert {key for arrow in drawn.arrows for key in arrow} <= {place.key for place in places}
