"""No router does better than theory allows, and this one no worse (PERF.md §1.3, §1.4)."""

from __future__ import annotations

import pytest

from perezvon.cores.routing.tests.played import Case, Play

PATIENT = [
    Case(100, 180, 7),
    Case(200, 180, 12),
    Case(200, 180, 14),
    Case(1000, 240, 72),
    Case(1200, 300, 105),
    Case(2880, 60, 50),
]
IMPATIENT = [
    Case(2880, 60, 50, patience_s=120),
    Case(200, 180, 10, patience_s=120),
    Case(200, 180, 12, patience_s=60),
    Case(1000, 240, 66, patience_s=180),
    Case(1200, 300, 95, patience_s=120),
    Case(3600, 300, 300, patience_s=120),
]


def name(case: Case) -> str:
    return f"{case.per_hour}/h {case.talk_s}s {case.agents}"


class TestTheCore:
    def test_is_as_good_as_theory_allows(self):
        case = Case(200, 180, 14)

        assert_agrees(case, calls=20_000)

    @pytest.mark.long
    @pytest.mark.parametrize("case", PATIENT, ids=name)
    def test_makes_patient_callers_wait_as_erlang_c_says(self, case):
        assert_agrees(case, calls=200_000)

    @pytest.mark.long
    @pytest.mark.parametrize("case", IMPATIENT, ids=name)
    def test_loses_as_many_impatient_callers_as_erlang_a_says(self, case):
        assert_agrees(case, calls=200_000)

    @pytest.mark.long
    def test_two_skills_each_are_nearly_as_good_as_all(self):
        """Wallace and Whitt 2004: of what could be gained over one skill each, 97 % (PERF.md A6).

        One skill each is six floors apart, all skills one floor: both are known exactly. What two skills each cost
        more than all is measured on the same calls, so that chance touches both alike.
        """
        case = Case(per_hour=0.92 * 90 / 600 * 3600, talk_s=600, agents=90, skills=6)
        apart = Case(case.per_hour / 6, case.talk_s, case.agents // 6).expected["wait_s"]
        pooled = case.expected["wait_s"]
        every = {number: list(range(6)) for number in range(1, 91)}
        two = {number: [number % 6, (number + 1 + number // 6 % 5) % 6] for number in range(1, 91)}

        waits = [mean_wait(case, skills) for skills in (two, every)]

        assert (apart - (pooled + waits[0] - waits[1])) / (apart - pooled) >= 0.97


def assert_agrees(case: Case, *, calls: int) -> None:
    """Every measure lies within its confidence interval, 99.9 % of a correct core's would."""
    found = Play(case, seed=1).run(calls, warm_up=calls // 20).estimates(case.agents)
    apart = {
        measure: (value, found[measure])
        for measure, value in case.expected.items()
        if abs(found[measure][0] - value) > max(found[measure][1], 1e-9)
    }
    assert apart == {}


def mean_wait(case: Case, skills: dict[int, list[int]]) -> float:
    waits = Play(case, seed=1, skills_of=skills).run(200_000, warm_up=10_000).waits
    return sum(waits) / len(waits)
