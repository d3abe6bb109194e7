"""After the contact: five ways of writing it up, and what the agent is afterwards (UX.md §1.2)."""

from __future__ import annotations

import pytest

from perezvon.cores.routing import AgentStatus, Presence, WrapUp
from perezvon.cores.routing.tests.floor import (
    IVAN,
    LOANS,
    OLGA,
    at,
    ends_in,
    offers_in,
    talking,
    writing,
    written_in,
)
from perezvon.cores.routing.words import Declined, Finished, Reason, Taken, Withdrawn, WrappedUp, WrapUpExtended

WRITTEN = WrappedUp(item="call:1", agent=OLGA)
OPEN_ENDED = [WrapUp.OPTIONAL, WrapUp.MANDATORY]


class TestTheFiveModes:
    def test_none_is_over_at_once(self):
        core = talking(wrap_up=WrapUp.NONE)

        said = core.finish("call:1", OLGA, 100)

        assert written_in(said) == [("call:1", OLGA, False)]
        assert core.last_move(OLGA).reason == Reason.AFTER_CONTACT

    @pytest.mark.parametrize("mode", OPEN_ENDED)
    def test_open_ended_ones_wait_for_the_person(self, mode):
        core = writing(mode)

        assert core.wait(100_000) == []
        assert written_in(core.tell(WRITTEN, 100_001)) == [("call:1", OLGA, False)]

    @pytest.mark.parametrize("mode", [WrapUp.TIMED, WrapUp.LOCKED])
    def test_timed_ones_are_ended_by_the_clock(self, mode):
        core = writing(mode, wrap_up_s=60)

        assert core.last_move(OLGA).until == at(160)
        assert core.wait(159.9) == []
        assert written_in(core.wait(160)) == [("call:1", OLGA, True)]

    def test_a_timed_one_may_be_ended_earlier(self):
        core = writing(WrapUp.TIMED)

        assert written_in(core.tell(WRITTEN, 110)) == [("call:1", OLGA, False)]
        assert core.wait(160) == []

    def test_a_locked_one_may_not_though_what_was_written_counts(self):
        core = writing(WrapUp.LOCKED)

        assert core.tell(WRITTEN, 110) == []
        assert written_in(core.wait(160)) == [("call:1", OLGA, False)]

    def test_an_optional_one_ends_with_a_click_on_any_presence(self):
        core = writing(WrapUp.OPTIONAL)

        said = core.ask(OLGA, Presence.READY, 110)

        assert written_in(said) == [("call:1", OLGA, False)]
        assert core.status(OLGA) is AgentStatus.READY

    @pytest.mark.parametrize("mode", [WrapUp.MANDATORY, WrapUp.TIMED, WrapUp.LOCKED])
    def test_any_other_does_not(self, mode):
        core = writing(mode)

        assert written_in(core.ask(OLGA, Presence.READY, 110)) == []
        assert core.status(OLGA) is AgentStatus.WRAP_UP

    @pytest.mark.parametrize("mode", list(WrapUp))
    def test_nobody_is_offered_anything_meanwhile(self, mode):
        core = writing(mode)

        assert offers_in(core.queue("call:2", 101)) == []


class TestMoreTime:
    def test_is_added_to_what_is_left(self):
        core = writing(WrapUp.TIMED, wrap_up_s=60)

        said = core.tell(WrapUpExtended(item="call:1", agent=OLGA, seconds=30), 150)

        assert said[0].until == at(190)
        assert core.wait(160) == []
        assert written_in(core.wait(190)) == [("call:1", OLGA, True)]

    def test_is_given_as_often_as_the_queue_allows(self):
        core = writing(WrapUp.TIMED, wrap_up_s=60, extensions=2)

        said = [core.tell(WrapUpExtended(item="call:1", agent=OLGA, seconds=30), 150) for _ in range(3)]

        assert [len(one) for one in said] == [1, 1, 0]
        assert core.agents[OLGA].work.until == at(220)

    @pytest.mark.parametrize("seconds", [0, -30])
    def test_is_never_less(self, seconds):
        core = writing(WrapUp.TIMED)

        assert core.tell(WrapUpExtended(item="call:1", agent=OLGA, seconds=seconds), 110) == []

    def test_has_no_meaning_where_there_is_no_limit(self):
        core = writing(WrapUp.MANDATORY)

        assert core.tell(WrapUpExtended(item="call:1", agent=OLGA, seconds=30), 110) == []


class TestAfterwards:
    def test_the_agent_is_not_ready_by_himself(self):
        core = writing(WrapUp.MANDATORY)
        core.queue("call:2", 101)

        said = core.tell(WRITTEN, 110)

        assert offers_in(said) == []
        assert (core.last_move(OLGA).status, core.last_move(OLGA).reason) == (
            AgentStatus.NOT_READY,
            Reason.AFTER_CONTACT,
        )

    def test_the_agent_is_ready_where_the_queue_says_so(self):
        core = writing(WrapUp.MANDATORY, ready_after=True)
        core.queue("call:2", 101)

        assert offers_in(core.tell(WRITTEN, 110)) == [("call:2", OLGA)]

    def test_he_is_what_he_chose_to_be_during_the_contact(self):
        core = talking(wrap_up=WrapUp.MANDATORY, ready_after=True)
        core.ask(OLGA, Presence.NOT_READY, 50, reason="lunch", after_contact=True)
        core.finish("call:1", OLGA, 100)

        core.tell(WRITTEN, 110)

        assert (core.last_move(OLGA).status, core.last_move(OLGA).reason) == (AgentStatus.NOT_READY, "lunch")

    def test_he_may_choose_to_be_ready_during_the_write_up(self):
        core = writing(WrapUp.MANDATORY)
        core.ask(OLGA, Presence.READY, 105, after_contact=True)

        core.tell(WRITTEN, 110)

        assert core.status(OLGA) is AgentStatus.READY

    def test_the_last_choice_counts(self):
        core = writing(WrapUp.MANDATORY, ready_after=True)
        core.ask(OLGA, Presence.NOT_READY, 105, reason="lunch", after_contact=True)
        core.ask(OLGA, Presence.READY, 106)

        core.tell(WRITTEN, 110)

        assert core.status(OLGA) is AgentStatus.READY

    def test_who_went_during_the_contact_stays_away(self):
        core = talking(wrap_up=WrapUp.NONE, ready_after=True)
        core.ask(OLGA, Presence.OUT, 50)

        core.finish("call:1", OLGA, 100)

        assert core.status(OLGA) is AgentStatus.OUT

    def test_choosing_for_afterwards_without_work_in_hand_is_choosing_for_now(self):
        core = writing(WrapUp.NONE)

        core.ask(OLGA, Presence.NOT_READY, 110, reason="lunch", after_contact=True)

        assert core.last_move(OLGA).reason == "lunch"

    def test_he_is_the_last_to_be_rung(self):
        core = talking(OLGA, IVAN, wrap_up=WrapUp.NONE, ready_after=True)

        core.finish("call:1", OLGA, 100)

        assert offers_in(core.queue("call:2", 110)) == [("call:2", IVAN)]

    def test_own_work_without_wrap_up_leads_where_he_chose_to_go(self):
        core = talking()
        core.ask(OLGA, Presence.NOT_READY, 50, reason="lunch", after_contact=True)

        core.tell(Finished(item="call:1", agent=OLGA, wrap_up=False), 60)

        assert core.last_move(OLGA).reason == "lunch"

    def test_other_work_ends_the_write_up(self):
        core = writing(WrapUp.MANDATORY)

        said = core.tell(Taken(item="call:2", agent=OLGA), 110)

        assert written_in(said) == [("call:1", OLGA, False)]
        assert core.agents[OLGA].work.item == "call:2"


class TestTheSameCustomerBack:
    """He calls again while his contact is being written up: the pen is laid aside, not down."""

    def back(self, core, seconds=110, **more):
        return core.queue("call:2", seconds, preferred=OLGA, patience_s=40, reopens="call:1", **more)

    def test_rings_the_one_who_writes(self):
        core = writing(WrapUp.MANDATORY)

        said = self.back(core)

        assert offers_in(said) == [("call:2", OLGA)]
        assert written_in(said) == []

    def test_ends_the_write_up_when_she_answers(self):
        core = writing(WrapUp.MANDATORY)
        self.back(core)

        said = core.accept("call:2", OLGA, 112)

        assert written_in(said) == [("call:1", OLGA, False)]
        assert core.agents[OLGA].work.item == "call:2"
        assert core.finish("call:2", OLGA, 120)[0].status is AgentStatus.WRAP_UP

    def test_who_hangs_up_again_gives_her_the_pen_back(self):
        core = writing(WrapUp.TIMED, wrap_up_s=60)
        self.back(core)

        said = core.tell(Withdrawn(item="call:2"), 115)

        assert ends_in(said) == [("call:2", OLGA, False)]
        assert (core.last_move(OLGA).status, core.last_move(OLGA).until) == (AgentStatus.WRAP_UP, at(160))
        assert written_in(core.wait(160)) == [("call:1", OLGA, True)]

    def test_whom_she_does_not_answer_goes_to_others_and_she_writes_on(self):
        core = writing(WrapUp.TIMED, wrap_up_s=60)
        core.enrol(IVAN, LOANS)
        core.ready(IVAN, 105)
        self.back(core, 125)

        said = core.wait(145)

        assert offers_in(said) == [("call:2", IVAN)]
        assert core.status(OLGA) is AgentStatus.WRAP_UP
        assert written_in(core.wait(160)) == [("call:1", OLGA, True)]
        assert core.status(OLGA) is AgentStatus.MISSED

    def test_rings_past_the_end_of_the_write_up(self):
        core = writing(WrapUp.TIMED, wrap_up_s=60)
        self.back(core, 150)

        assert core.wait(160) == []
        said = core.tell(Declined(item="call:2", agent=OLGA), 165)
        assert core.next_wakeup() == at(160)
        assert written_in(said + core.wait(165)) == [("call:1", OLGA, True)]

    def test_waits_for_her_when_she_writes_about_another(self):
        core = writing(WrapUp.MANDATORY)

        core.queue("call:2", 110, preferred=OLGA, patience_s=40, reopens="call:0")

        assert core.rung("call:2") is None

    def test_does_not_ring_one_who_has_left(self):
        core = writing(WrapUp.MANDATORY)
        core.ask(OLGA, Presence.OUT, 105)

        self.back(core)

        assert core.rung("call:2") is None

    def test_goes_on_with_what_she_chose_for_afterwards(self):
        core = writing(WrapUp.MANDATORY)
        core.ask(OLGA, Presence.NOT_READY, 105, reason="lunch", after_contact=True)
        self.back(core)
        core.accept("call:2", OLGA, 112)
        core.finish("call:2", OLGA, 120)

        core.tell(WrappedUp(item="call:2", agent=OLGA), 130)

        assert core.last_move(OLGA).reason == "lunch"
