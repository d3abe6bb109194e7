from datetime import timedelta

import pytest

from perezvon.connectors.pbx_simulator.load import WORKING_DAY, Load, arrivals, callers
from perezvon.connectors.pbx_simulator.tests.day import ANNA, MORNING

BANK = Load(lines=("bank", "cards"), callers=(ANNA, None), calls_per_hour=600)


class TestArrivals:
    def test_are_as_many_as_asked_for(self):
        came = list(arrivals(BANK, starts_at=MORNING, minutes=600, seed=1))

        assert len(came) == pytest.approx(6000, rel=0.05)
        assert came == sorted(came)
        assert came[0] >= MORNING
        assert came[-1] < MORNING + timedelta(hours=10)

    def test_follow_the_hour_of_the_day(self):
        load = Load(lines=("bank",), callers=(ANNA,), calls_per_hour=600, profile=WORKING_DAY)
        midnight = MORNING.replace(hour=0)

        came = list(arrivals(load, starts_at=midnight, minutes=24 * 60, seed=1))

        at_night = sum(at.hour == 3 for at in came)
        at_noon = sum(at.hour == 11 for at in came)
        assert at_noon == pytest.approx(600, rel=0.1)
        assert at_night < 30

    def test_nobody_comes_when_nobody_is_to_come(self):
        assert not list(arrivals(Load(lines="a", callers="b", calls_per_hour=0), starts_at=MORNING, minutes=9, seed=1))


class TestCallers:
    def test_are_the_same_for_the_same_seed(self):
        runs = [list(callers(BANK, starts_at=MORNING, minutes=30, seed=seed)) for seed in (1, 1, 2)]

        assert runs[0] == runs[1] != runs[2]

    def test_wait_and_talk_as_long_as_asked_on_average(self):
        people = list(callers(BANK, starts_at=MORNING, minutes=600, seed=3))

        assert sum(one.talk_s for one in people) / len(people) == pytest.approx(150, rel=0.05)
        assert sum(one.patience_s for one in people) / len(people) == pytest.approx(120, rel=0.05)
        assert {one.line for one in people} == {"bank", "cards"}
        assert {one.caller for one in people} == {ANNA, None}
        assert any(one.calls_back_after_s for one in people)
        assert any(one.presses for one in people)
