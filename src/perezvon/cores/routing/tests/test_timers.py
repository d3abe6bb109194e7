"""What is due when, whatever was set in which order."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from perezvon.cores.routing.tests.floor import MORNING, at
from perezvon.cores.routing.timers import NOBODY, Timers

settings = st.lists(st.tuples(st.integers(-1, 3), st.sampled_from([5.0, 20.0, 60.0]), st.sampled_from("abc")))


class TestTimers:
    @given(settings)
    def test_come_in_order_though_the_clock_goes_back_and_moments_coincide(self, given_in):
        timers, now = Timers(), MORNING
        expected = []
        for step, length_s, item in given_in:
            now += timedelta(seconds=step)
            expected.append((timers.after(length_s, now, "offer", item), "offer", item, NOBODY))

        found = []
        while timer := timers.pop(at(10_000)):
            found.append(timer)

        assert found == sorted(expected)
        assert (len(timers), timers.next) == (0, None)

    def test_wait_for_their_time(self):
        timers = Timers()
        timers.after(20, MORNING, "offer", "late")
        timers.set(at(5), "widen", "early")

        assert timers.next == at(5)
        assert timers.pop(at(4.9)) is None
        assert timers.pop(at(5)) == (at(5), "widen", "early", NOBODY)
        assert timers.next == at(20)
        assert timers.pop(at(5)) is None
