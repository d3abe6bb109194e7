"""Promises on an office's calendar: Monday to Friday, 09:00 to 18:00 in Moscow."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perezvon.cores.sla import (
    Event,
    Happening,
    Kind,
    Policy,
    State,
    Step,
    Target,
    earliest,
    explain,
    judge,
    judge_all,
    next_step,
    next_wakeup,
    steps_due,
)
from perezvon.cores.worktime import CLOSED, Calendar, Frame

ZONE = ZoneInfo("Europe/Moscow")
OFFICE = Calendar(ZONE, ((Frame(540, 1080),),) * 5 + (CLOSED,) * 2)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FIRST = Target(Kind.FIRST_RESPONSE, 2 * HOUR, warn_before=15 * MINUTE)
SOLUTION = Target(Kind.SOLUTION, 8 * HOUR)
POLICY = Policy("bank", OFFICE, (FIRST, SOLUTION), pauses_in=frozenset({"waiting"}))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


def opened(moment: datetime) -> Event:
    return Event(Happening.OPENED, moment, "new")


def told(verdict):
    return verdict.state, verdict.counted, verdict.due_at


class TestFirstResponse:
    history = (opened(at(27, 17)),)  # a Friday

    @pytest.mark.parametrize(
        ("now", "state", "counted"),
        [
            (at(27, 17, 30), State.RUNNING, 30 * MINUTE),
            (at(29, 12), State.RUNNING, HOUR),
            (at(30, 9, 45), State.WARNED, 105 * MINUTE),
            (at(30, 10), State.BREACHED, 2 * HOUR),
            (at(30, 11), State.BREACHED, 3 * HOUR),
        ],
    )
    def test_runs_over_the_weekend_is_warned_of_and_broken(self, now, state, counted):
        assert told(judge(POLICY, FIRST, self.history, now)) == (state, counted, at(30, 10))

    def test_is_met_by_an_answer_in_time(self):
        answered = (*self.history, Event(Happening.REPLIED, at(30, 9, 10)))

        verdict = judge(POLICY, FIRST, answered, at(30, 18))

        assert (verdict.state, verdict.met_at, verdict.remaining) == (State.MET, at(30, 9, 10), 50 * MINUTE)

    def test_stays_broken_when_it_is_answered_late(self):
        answered = (*self.history, Event(Happening.REPLIED, at(30, 12)))

        assert told(judge(POLICY, FIRST, answered, at(30, 18))) == (State.MET_LATE, 4 * HOUR, at(30, 10))


class TestPauses:
    history = (
        opened(at(23, 10)),
        Event(Happening.MOVED, at(23, 12), "waiting"),
        Event(Happening.MOVED, at(24, 16), "work"),
    )

    def test_the_clock_stands_still_in_an_excused_state(self):
        verdict = judge(POLICY, SOLUTION, self.history, at(24, 9))

        assert (verdict.state, verdict.counted, verdict.due_at) == (State.PAUSED, 2 * HOUR, None)

    def test_and_goes_on_with_what_is_left(self):
        assert told(judge(POLICY, SOLUTION, self.history, at(24, 17))) == (State.RUNNING, 3 * HOUR, at(25, 13))

    def test_the_parts_say_what_was_counted_and_what_was_not(self):
        parts = explain(POLICY, SOLUTION, self.history, at(25, 10))

        assert [(one.begins_at, one.ends_at, one.is_counted) for one in parts] == [
            (at(23, 10), at(23, 12), True),
            (at(23, 12), at(24, 16), False),
            (at(24, 16), at(24, 18), True),
            (at(25, 9), at(25, 10), True),
        ]

    def test_goes_on_at_the_very_moment_at_which_the_pause_ends(self):
        history = [
            opened(at(23, 9)),
            Event(Happening.MOVED, at(23, 10), "waiting"),
            Event(Happening.MOVED, at(23, 12), "new"),
        ]

        verdict = judge(POLICY, FIRST, history, at(23, 12))

        assert told(verdict) == (State.RUNNING, HOUR, at(23, 13))

    def test_a_breach_before_a_pause_keeps_its_moment(self):
        tight = Target(Kind.SOLUTION, HOUR)

        assert told(judge(POLICY, tight, self.history, at(24, 9))) == (State.BREACHED, 2 * HOUR, at(23, 11))


class TestReopening:
    history = (
        opened(at(23, 9)),
        Event(Happening.CLOSED, at(23, 12)),
        Event(Happening.REOPENED, at(25, 9)),
    )

    def test_closed_it_is_met(self):
        assert judge(POLICY, SOLUTION, self.history, at(24, 9)).state is State.MET

    def test_reopened_it_goes_on_without_the_time_it_was_closed(self):
        assert told(judge(POLICY, SOLUTION, self.history, at(25, 10))) == (State.RUNNING, 4 * HOUR, at(25, 14))


class TestUpdate:
    asked = Target(Kind.UPDATE, HOUR)
    since = Target(Kind.UPDATE, HOUR, since_reply=True)
    history = (
        opened(at(23, 9)),
        Event(Happening.ASKED, at(23, 10)),
        Event(Happening.ASKED, at(23, 10, 30)),
        Event(Happening.REPLIED, at(23, 10, 50)),
        Event(Happening.ASKED, at(23, 15)),
    )

    def test_nobody_waits_who_has_not_asked(self):
        assert judge(POLICY, self.asked, self.history, at(23, 9, 30)).state is State.IDLE

    def test_counts_from_the_first_question_without_an_answer(self):
        assert judge(POLICY, self.asked, self.history, at(23, 10, 40)).counted == 40 * MINUTE
        assert judge(POLICY, self.asked, self.history, at(23, 14)).state is State.MET
        assert judge(POLICY, self.asked, self.history, at(23, 15, 20)).due_at == at(23, 16)

    def test_or_from_our_last_answer(self):
        assert judge(POLICY, self.since, self.history, at(23, 11)).due_at == at(23, 11, 50)


def test_a_stage_is_reached_once_and_for_all():
    target = Target(Kind.REACH, 4 * HOUR, state="work")
    history = (opened(at(23, 9)), Event(Happening.MOVED, at(23, 11), "work"), Event(Happening.MOVED, at(23, 12), "new"))

    assert told(judge(POLICY, target, history, at(24, 9)))[:2] == (State.MET, 2 * HOUR)


def test_of_several_promises_the_one_due_first_is_shown():
    hurry = Policy("vip", OFFICE, (Target(Kind.SOLUTION, HOUR),))

    verdicts = judge_all([POLICY, hurry], (opened(at(23, 9)),), at(23, 9))

    assert [(one.policy, one.target.kind) for one in verdicts] == [
        ("vip", Kind.SOLUTION), ("bank", Kind.FIRST_RESPONSE), ("bank", Kind.SOLUTION),
    ]  # fmt: skip
    assert earliest(verdicts) == verdicts[0]
    assert next_wakeup(verdicts, at(23, 9)) == at(23, 10)
    assert next_wakeup(verdicts, at(23, 10)) == at(23, 10, 45)  # the warning of the other


def test_a_calendar_without_hours_breaks_no_promise():
    never = Policy("none", Calendar(ZONE, (CLOSED,) * 7), (SOLUTION,))

    assert told(judge(never, SOLUTION, (opened(at(23, 9)),), at(30, 9))) == (State.RUNNING, timedelta(0), None)


class TestSteps:
    steps = (
        Step("warn", -15 * MINUTE, "notify"),
        Step("breach", timedelta(0), "mark"),
        Step("boss", 2 * HOUR, "escalate"),
    )
    history = (opened(at(27, 15)),)  # due at 17:00

    def due(self, now: datetime, done: tuple[str, ...] = ()) -> list[str]:
        verdict = judge(POLICY, FIRST, self.history, now)
        return [one.step.code for one in steps_due(POLICY, verdict, self.steps, done, now)]

    @pytest.mark.parametrize(
        ("now", "codes"),
        [
            (at(27, 16, 44), []),
            (at(27, 16, 45), ["warn"]),
            (at(27, 17), ["warn", "breach"]),
            (at(28, 20), ["warn", "breach"]),
            (at(30, 10), ["warn", "breach", "boss"]),
        ],
        ids=["not yet", "ahead of it", "at the breach", "working time only", "on the next working day"],
    )
    def test_are_due_at_their_working_time(self, now, codes):
        assert self.due(now) == codes

    def test_what_was_done_is_not_done_again(self):
        assert self.due(at(30, 10), done=("warn", "breach")) == ["boss"]

    def test_the_next_one_is_waited_for(self):
        verdict = judge(POLICY, FIRST, self.history, at(27, 17))

        assert next_step(POLICY, verdict, self.steps, ("warn", "breach"), at(27, 17)) == at(30, 10)

    def test_a_promise_that_was_kept_calls_for_nothing(self):
        answered = (*self.history, Event(Happening.REPLIED, at(27, 15, 5)))
        verdict = judge(POLICY, FIRST, answered, at(30, 12))

        assert steps_due(POLICY, verdict, self.steps, (), at(30, 12)) == []


moves = st.lists(
    st.tuples(
        st.sampled_from([Happening.MOVED, Happening.ASKED, Happening.REPLIED, Happening.CLOSED, Happening.REOPENED]),
        st.integers(0, 3000),
        st.sampled_from(["", "waiting", "work"]),
    ),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(moves, st.integers(0, 9000), st.sampled_from(list(Kind)), st.booleans())
def test_parts_add_up_and_the_due_time_holds(rows, minutes, kind, since_reply):
    history, moment = [opened(at(23, 9))], at(23, 9)
    for what, wait, state in rows:
        moment += wait * MINUTE
        history.append(Event(what, moment, state))
    now = at(23, 9) + minutes * MINUTE
    target = Target(kind, 6 * HOUR, 30 * MINUTE, "work" if kind is Kind.REACH else "", since_reply)

    verdict = judge(POLICY, target, history, now)

    parts = explain(POLICY, target, history, now)
    counted = sum((one.ends_at - one.begins_at for one in parts if one.is_counted), timedelta(0))
    assert counted == verdict.counted
    if verdict.state in {State.RUNNING, State.WARNED}:
        assert verdict.due_at is not None
        known = [event for event in history if event.at <= now]
        assert judge(POLICY, target, known, verdict.due_at).state is State.BREACHED
        assert judge(POLICY, target, known, verdict.due_at - MINUTE).state is not State.BREACHED
    if verdict.is_broken:
        assert verdict.due_at is not None
        assert verdict.due_at <= now
