"""No router does better than theory allows, and this one no worse (PERF.md §1.3, §1.4)."""

from __future__ import annotations

import pytest

from perezvon.cores.routing.tests.theory import Load, Play, erlang_a, erlang_c

PATIENT = [
    Load(100, 180, 7),
    Load(200, 180, 12),
    Load(200, 180, 14),
    Load(1000, 240, 72),
    Load(1200, 300, 105),
    Load(2880, 60, 50),
]
IMPATIENT = [
    Load(2880, 60, 50, patience_s=120),
    Load(200, 180, 10, patience_s=120),
    Load(200, 180, 12, patience_s=60),
    Load(1000, 240, 66, patience_s=180),
    Load(1200, 300, 95, patience_s=120),
    Load(3600, 300, 300, patience_s=120),
]


def name(load: Load) -> str:
    return f"{load.per_hour}/h {load.talk_s}s {load.agents}"


class TestTheFormulas:
    """Worked out by hand for one place; the rest are known values of the tables in PERF.md."""

    def test_one_place_waits_as_often_as_it_is_busy(self):
        found = erlang_c(Load(per_hour=30, talk_s=60, agents=1))

        assert found["waits"] == pytest.approx(0.5)
        assert found["wait_s"] == pytest.approx(60)  # half of them, two minutes each

    def test_of_patient_callers(self):
        found = erlang_c(Load(200, 180, 12))

        assert (found["waits"], found["wait_s"], found["soon"]) == pytest.approx(
            (0.449388, 40.4449, 0.640158), abs=5e-5
        )

    def test_of_impatient_callers(self):
        found = erlang_a(Load(2880, 60, 50, patience_s=120))

        assert (found["waits"], found["lost"], found["wait_s"]) == pytest.approx((0.467774, 0.030912, 3.7095), abs=5e-5)


class TestTheCore:
    def test_is_as_good_as_theory_allows(self):
        load = Load(200, 180, 14)

        assert_agrees(load, erlang_c(load), calls=20_000)

    @pytest.mark.long
    @pytest.mark.parametrize("load", PATIENT, ids=name)
    def test_makes_patient_callers_wait_as_erlang_c_says(self, load):
        assert_agrees(load, erlang_c(load), calls=200_000)

    @pytest.mark.long
    @pytest.mark.parametrize("load", IMPATIENT, ids=name)
    def test_loses_as_many_impatient_callers_as_erlang_a_says(self, load):
        assert_agrees(load, erlang_a(load), calls=200_000)

    @pytest.mark.long
    def test_two_skills_each_are_nearly_as_good_as_all(self):
        """Wallace and Whitt 2004: of what could be gained over one skill each, 97 % (PERF.md A6).

        One skill each is six floors apart, all skills one floor: both are known exactly. What two skills each cost
        more than all is measured on the same calls, so that chance touches both alike.
        """
        load = Load(per_hour=0.92 * 90 / 600 * 3600, talk_s=600, agents=90, skills=6)
        apart = erlang_c(Load(load.per_hour / 6, load.talk_s, load.agents // 6))["wait_s"]
        pooled = erlang_c(load)["wait_s"]
        every = {number: list(range(6)) for number in range(1, 91)}
        two = {number: [number % 6, (number + 1 + number // 6 % 5) % 6] for number in range(1, 91)}

        waits = [mean_wait(load, skills) for skills in (two, every)]

        assert (apart - (pooled + waits[0] - waits[1])) / (apart - pooled) >= 0.97


def assert_agrees(load: Load, theory: dict[str, float], *, calls: int) -> None:
    """Every measure lies within its confidence interval, 99.9 % of a correct core's would."""
    found = Play(load, seed=1).run(calls, warm_up=calls // 20).estimates(load.agents)
    apart = {
        measure: (value, found[measure])
        for measure, value in theory.items()
        if abs(found[measure][0] - value) > max(found[measure][1], 1e-9)
    }
    assert apart == {}


def mean_wait(load: Load, skills: dict[int, list[int]]) -> float:
    waits = Play(load, seed=1, skills_of=skills).run(200_000, warm_up=10_000).waits
    return sum(waits) / len(waits)
