from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perezvon.cores.staffing import Load, Overloaded, agents_for, blocked, impatient, patient

LOADS = st.builds(Load, st.floats(1, 2_000), st.floats(10, 900))


class TestPatientCallers:
    @pytest.mark.parametrize(
        ("per_hour", "handling_s", "agents", "waits", "wait_s", "in_time", "occupancy", "waiting"),
        [
            (100, 180, 7, 0.324150, 29.1735, 0.740441, 0.714286, 0.81037),
            (200, 180, 12, 0.449388, 40.4449, 0.640158, 0.833333, 2.24694),
            (200, 180, 14, 0.174132, 7.8359, 0.888350, 0.714286, 0.43533),
            (1000, 240, 72, 0.414489, 18.6520, 0.734238, 0.925926, 5.18111),
            (1200, 300, 105, 0.515707, 30.9424, 0.630479, 0.952381, 10.31415),
            (3600, 300, 310, 0.455931, 13.6779, 0.765917, 0.967742, 13.67792),
            (2880, 60, 50, 0.694456, 20.8337, 0.643455, 0.960000, 16.66693),
        ],
    )
    def test_wait_as_erlang_says(self, per_hour, handling_s, agents, waits, wait_s, in_time, occupancy, waiting):
        found = patient(Load(per_hour, handling_s), agents, 20)
        shown = (found.waits, found.wait_s, found.in_time, found.occupancy, found.waiting)
        assert shown == pytest.approx((waits, wait_s, in_time, occupancy, waiting), rel=2e-5)
        assert found.abandoned == 0

    def test_are_never_served_by_too_few(self):
        with pytest.raises(Overloaded):
            patient(Load(200, 180), 10, 20)

    def test_of_one_agent_are_the_textbook_line(self):
        """M/M/1 at half load: the half waits, two handling times less one on the average."""
        found = patient(Load(30, 60), 1, 0)
        assert (found.waits, found.wait_s, found.waiting) == pytest.approx((0.5, 60.0, 0.5))


class TestImpatientCallers:
    @pytest.mark.parametrize(
        (
            "per_hour",
            "handling_s",
            "agents",
            "patience_s",
            "waits",
            "abandoned",
            "wait_s",
            "waiting",
            "busy",
            "in_time",
        ),
        [
            (2880, 60, 50, 120, 0.467774, 0.030912, 3.7095, 2.9676, 0.930324, 0.943019),
            (200, 180, 10, 120, 0.496853, 0.137464, 16.4957, 0.9164, 0.862536, 0.639941),
            (200, 180, 12, 60, 0.240426, 0.075902, 4.5541, 0.2530, 0.770082, 0.860301),
            (1000, 240, 66, 180, 0.512124, 0.057454, 10.3418, 2.8727, 0.952066, 0.745094),
            (1200, 300, 95, 120, 0.561954, 0.078868, 9.4642, 3.1547, 0.969613, 0.747881),
            (1200, 300, 105, 300, 0.321593, 0.020041, 6.0123, 2.0041, 0.933294, 0.864620),
            (3600, 300, 300, 120, 0.396932, 0.028206, 3.3848, 3.3848, 0.971794, 0.946271),
        ],
    )
    def test_wait_and_give_up_as_the_paper_says(
        self, per_hour, handling_s, agents, patience_s, waits, abandoned, wait_s, waiting, busy, in_time
    ):
        found = impatient(Load(per_hour, handling_s), agents, patience_s, 20)
        shown = (found.waits, found.abandoned, found.wait_s, found.waiting, found.occupancy, found.in_time)
        assert shown == pytest.approx((waits, abandoned, wait_s, waiting, busy, in_time), rel=5e-5)

    @given(LOADS, st.integers(1, 300), st.floats(5, 900), st.floats(0, 300))
    def test_are_all_accounted_for(self, load, agents, patience_s, within_s):
        found = impatient(load, agents, patience_s, within_s)
        assert 0 <= found.abandoned <= found.waits + 1e-9 <= 1 + 1e-9
        assert 0 <= found.occupancy <= 1 + 1e-9
        assert -1e-9 <= found.in_time <= 1 - found.abandoned + 1e-9
        assert impatient(load, agents, patience_s, 1e6).in_time == pytest.approx(1 - found.abandoned, abs=1e-6)

    def test_who_never_give_up_are_patient(self):
        load = Load(200, 180)
        endless, patiently = impatient(load, 12, 1e9, 20), patient(load, 12, 20)
        assert endless.wait_s == pytest.approx(patiently.wait_s, rel=1e-4)
        assert endless.in_time == pytest.approx(patiently.in_time, rel=1e-4)


class TestStaff:
    @given(LOADS, st.floats(0.5, 0.99))
    def test_is_the_least_that_suffices(self, load, share):
        agents = agents_for(load, share, 20)
        assert patient(load, agents, 20).in_time >= share
        if agents - 1 > load.erlangs:
            assert patient(load, agents - 1, 20).in_time < share

    def test_for_impatient_callers_is_smaller(self):
        assert agents_for(Load(200, 180), 0.8, 20) == 14
        assert agents_for(Load(200, 180), 0.8, 20, patience_s=60) == 12

    def test_of_none_loses_all(self):
        assert blocked(Load(200, 180), 0) == 1
