"""Who is rung for what, and what becomes of an offer."""

from __future__ import annotations

import pytest

from perezvon.cores.routing import AgentStatus, Presence, WrapUp
from perezvon.cores.routing.tests.floor import (
    CARDS,
    IVAN,
    LOANS,
    OLGA,
    VIKTOR,
    Floor,
    at,
    ends_in,
    floor,
    offers_in,
    ringing,
    talking,
)
from perezvon.cores.routing.words import (
    Accepted,
    AgentChanged,
    Declined,
    Finished,
    Offer,
    PhoneReachable,
    QueueSet,
    Reason,
    Taken,
    Tick,
    Withdrawn,
    WrappedUp,
    WrapUpExtended,
)
from perezvon.kernel.ids import AgentId


class TestArrivingWork:
    def test_rings_the_agent_who_has_been_idle_longest(self):
        core = floor(OLGA, IVAN)

        assert core.queue("call:1", 10) == [
            Offer(item="call:1", agent=OLGA, queue=LOANS, token=1, until=at(30)),
            AgentChanged(agent=OLGA, status=AgentStatus.RINGING, reason="", by=None, until=at(30)),
        ]
        assert offers_in(core.queue("call:2", 11)) == [("call:2", IVAN)]

    def test_waits_while_nobody_is_ready(self):
        core = Floor()
        core.enrol(OLGA, LOANS)

        assert core.queue("call:1", 10) == []
        assert core.position("call:1") == 1

    def test_goes_to_nobody_outside_its_queue(self):
        core = floor(OLGA)

        assert core.queue("call:1", 10, CARDS) == []

    def test_counts_once_however_often_it_is_queued(self):
        core = Floor()
        core.queue("call:1", 10)
        core.queue("call:1", 11)

        assert core.position("call:1") == 1
        assert core.items["call:1"].joined_at == at(10)

    def test_agents_idle_since_the_same_moment_are_rung_in_the_order_of_their_ids(self):
        core = Floor()
        for agent in (VIKTOR, OLGA, IVAN):
            core.enrol(agent, LOANS)
            core.ready(agent, 5)

        rung = [offers_in(core.queue(f"call:{number}", 10))[0][1] for number in range(3)]

        assert rung == [OLGA, IVAN, VIKTOR]


class TestAnAgentWhoBecomesFree:
    def test_gets_the_work_that_has_waited_longest(self):
        core = Floor()
        core.enrol(OLGA, LOANS, CARDS)
        core.queue("call:1", 3, CARDS)
        core.queue("call:2", 2)
        core.queue("call:3", 1, joined_at=at(4))

        assert offers_in(core.ready(OLGA, 10)) == [("call:2", OLGA)]

    def test_gets_boosted_work_as_if_it_had_waited_that_much_longer(self):
        core = Floor()
        core.enrol(OLGA, LOANS)
        core.queue("plain", 0)
        core.queue("hurried", 30, boost_s=31)
        core.queue("not enough", 30, boost_s=29)

        assert offers_in(core.ready(OLGA, 40)) == [("hurried", OLGA)]
        core.tell(Declined(item="hurried", agent=OLGA), 41)
        core.tell(Withdrawn(item="hurried"), 41)
        assert offers_in(core.ready(OLGA, 42)) == [("plain", OLGA)]

    def test_gets_one_piece_of_work_at_a_time(self):
        core = Floor()
        core.enrol(OLGA, LOANS)
        for number in range(3):
            core.queue(f"call:{number}", number)

        assert offers_in(core.ready(OLGA, 10)) == [("call:0", OLGA)]
        assert core.accept("call:0", OLGA, 11) == [
            AgentChanged(agent=OLGA, status=AgentStatus.BUSY, reason="", by=None, until=None)
        ]

    def test_is_rung_straight_from_the_last_contact_without_a_moment_of_readiness(self):
        core = talking(wrap_up=WrapUp.NONE, ready_after=True)
        core.queue("call:2", 20)

        core.finish("call:1", OLGA, 30)

        assert core.moves(OLGA)[-2:] == [AgentStatus.BUSY, AgentStatus.RINGING]

    @pytest.mark.parametrize("gone", ["reach", "presence"])
    def test_is_one_who_has_a_phone_and_says_so(self, gone):
        core = floor(OLGA)
        if gone == "reach":
            core.tell(PhoneReachable(agent=OLGA, reachable=False), 5)
        else:
            core.ask(OLGA, Presence.NOT_READY, 5, reason="lunch")

        assert core.queue("call:1", 10) == []
        assert core.status(OLGA) is (AgentStatus.NO_PHONE if gone == "reach" else AgentStatus.NOT_READY)


class TestSkills:
    @pytest.fixture
    def core(self):
        core = Floor()
        core.enrol(OLGA, LOANS, english=2)
        core.enrol(IVAN, LOANS, english=5, cards=1)
        core.ready(OLGA, 0)
        core.ready(IVAN, 1)
        return core

    @pytest.mark.parametrize(
        ("asked", "rung"),
        [
            ({("english", 2)}, OLGA),
            ({("english", 3)}, IVAN),
            ({("english", 1), ("cards", 1)}, IVAN),
            ({("english", 6)}, None),
            ({("german", 1)}, None),
            (set(), OLGA),
        ],
        ids=["level reached", "level missed", "two skills", "nobody so good", "nobody at all", "none asked for"],
    )
    def test_all_that_are_asked_for_are_needed_at_their_level(self, core, asked, rung):
        core.queue("call:1", 10, skills=frozenset(asked))

        assert core.rung("call:1") == rung

    def test_of_the_queue_come_on_top_of_those_of_the_work(self, core):
        core.tell(QueueSet(queue=LOANS, version=2, skills=frozenset({("cards", 1)})), 5)

        core.queue("call:1", 10, skills=frozenset({("english", 1)}))

        assert core.rung("call:1") == IVAN

    def test_learnt_while_idle_give_the_work_that_waited_for_them(self, core):
        core.queue("call:1", 10, skills=frozenset({("german", 1)}))

        said = core.enrol(OLGA, LOANS, version=2, seconds=20, german=1)

        assert offers_in(said) == [("call:1", OLGA)]

    def test_lost_while_idle_take_the_agent_out_of_the_lane(self, core):
        core.enrol(IVAN, LOANS, version=2, seconds=5, cards=1)

        core.queue("call:1", 10, skills=frozenset({("english", 3)}))

        assert core.rung("call:1") is None

    def test_lost_while_ringing_change_nothing_about_the_offer(self, core):
        core.queue("call:1", 10, skills=frozenset({("english", 3)}))

        core.enrol(IVAN, version=2, seconds=11)

        assert core.accept("call:1", IVAN, 12)
        assert core.status(IVAN) is AgentStatus.BUSY


class TestConfiguration:
    @pytest.mark.parametrize("version", [1, 0], ids=["the same", "an older one"])
    def test_of_a_version_already_known_changes_nothing(self, version):
        core = floor(OLGA)

        core.enrol(OLGA, CARDS, version=version, seconds=5)
        core.tell(QueueSet(queue=LOANS, version=version, ring_s=99), 5)

        assert core.queue("call:1", 10)[0].until == at(30)

    def test_that_is_new_leaves_the_agent_his_place(self):
        core = floor(OLGA, IVAN)

        core.enrol(OLGA, LOANS, CARDS, version=2, seconds=5)

        assert offers_in(core.queue("call:1", 10)) == [("call:1", OLGA)]

    def test_that_takes_the_queue_away_takes_its_work_away(self):
        core = floor(OLGA, IVAN)

        core.enrol(OLGA, CARDS, version=2, seconds=5)

        assert offers_in(core.queue("call:1", 10)) == [("call:1", IVAN)]


class TestALease:
    @pytest.mark.parametrize(
        ("second", "is_rung"),
        [(29.9, True), (30.0, False)],
        ids=["still ringing just before the limit", "over at the limit"],
    )
    def test_runs_out(self, second, is_rung):
        core = ringing(OLGA)

        core.wait(second)

        assert (core.rung("call:1") == OLGA) is is_rung

    def test_that_ran_out_makes_the_agent_missed_and_rings_the_next(self):
        core = ringing(OLGA, IVAN)

        said = core.wait(30)

        assert ends_in(said) == [("call:1", OLGA, True)]
        assert offers_in(said) == [("call:1", IVAN)]
        assert core.last_move(OLGA) == AgentChanged(
            agent=OLGA, status=AgentStatus.MISSED, reason=Reason.MISSED, by=None, until=None
        )

    def test_that_ran_out_leaves_the_work_its_place(self):
        core = ringing(OLGA)
        core.queue("call:2", 11)
        core.wait(30)

        assert core.position("call:1") == 1
        assert offers_in(core.ready(OLGA, 40)) == [("call:1", OLGA)]

    def test_has_a_token_that_rises(self):
        core = ringing(OLGA, IVAN)

        core.wait(30)

        assert [said.token for said in core.said if isinstance(said, Offer)] == [1, 2]

    def test_is_what_the_core_wants_to_be_woken_for(self):
        core = ringing(OLGA)

        assert core.next_wakeup() == at(30)

    def test_that_has_run_out_cannot_be_accepted(self):
        core = ringing(OLGA, IVAN)

        said = core.accept("call:1", OLGA, 30)

        assert ends_in(said) == [("call:1", OLGA, True)]
        assert (core.status(OLGA), core.rung("call:1")) == (AgentStatus.MISSED, IVAN)

    def test_accepted_is_over(self):
        core = talking(OLGA)

        assert core.wait(30) == []
        assert core.status(OLGA) is AgentStatus.BUSY

    def test_of_earlier_times_does_not_end_a_later_one(self):
        core = ringing(OLGA)
        core.tell(Declined(item="call:1", agent=OLGA), 15)
        core.ready(OLGA, 20)

        assert core.wait(30) == []
        assert core.rung("call:1") == OLGA


class TestAMissedAgent:
    def test_is_offered_nothing_until_he_says_ready(self):
        core = ringing(OLGA)
        core.wait(30)

        assert offers_in(core.queue("call:2", 31)) == []
        assert offers_in(core.ready(OLGA, 40)) == [("call:1", OLGA)]

    def test_may_choose_a_pause_instead(self):
        core = ringing(OLGA)
        core.wait(30)

        core.ask(OLGA, Presence.NOT_READY, 31, reason="lunch")

        assert core.last_move(OLGA).status is AgentStatus.NOT_READY

    def test_comes_after_others_for_what_he_missed(self):
        core = ringing(OLGA)
        core.wait(30)
        core.tell(Withdrawn(item="call:1"), 31)
        core.ready(OLGA, 40)
        core.enrol(IVAN, LOANS)
        core.ready(IVAN, 41)

        assert offers_in(core.queue("call:2", 50, passed_by=frozenset({OLGA}))) == [("call:2", IVAN)]
        assert offers_in(core.queue("call:3", 51, passed_by=frozenset({OLGA, IVAN}))) == [("call:3", OLGA)]


class TestDeclining:
    def test_sends_the_work_to_the_next_and_the_agent_out_of_readiness(self):
        core = ringing(OLGA, IVAN)

        said = core.tell(Declined(item="call:1", agent=OLGA), 12)

        assert ends_in(said) == [("call:1", OLGA, False)]
        assert offers_in(said) == [("call:1", IVAN)]
        assert core.last_move(OLGA).reason == Reason.DECLINED
        assert core.status(OLGA) is AgentStatus.NOT_READY

    def test_by_one_whose_phone_could_not_be_rung_is_a_miss(self):
        core = ringing(OLGA)

        core.tell(Declined(item="call:1", agent=OLGA, missed=True), 12)

        assert core.status(OLGA) is AgentStatus.MISSED

    def test_by_not_being_ready_any_more_keeps_the_reason_given(self):
        core = ringing(OLGA, IVAN)

        said = core.ask(OLGA, Presence.NOT_READY, 12, reason="fire alarm", by=VIKTOR)

        assert offers_in(said) == [("call:1", IVAN)]
        assert core.last_move(OLGA) == AgentChanged(
            agent=OLGA, status=AgentStatus.NOT_READY, reason="fire alarm", by=VIKTOR, until=None
        )

    def test_leads_to_the_state_chosen_for_afterwards(self):
        core = ringing(OLGA)
        core.ask(OLGA, Presence.NOT_READY, 11, reason="lunch", after_contact=True)

        core.tell(Declined(item="call:1", agent=OLGA), 12)

        assert core.last_move(OLGA).reason == "lunch"
        assert core.agents[OLGA].next is None

    def test_by_one_who_goes_on_being_ready_brings_him_nothing_younger_while_nobody_else_is_there(self):
        core = ringing(OLGA)
        core.queue("call:2", 11)
        core.ask(OLGA, Presence.READY, 12, after_contact=True)

        said = core.tell(Declined(item="call:1", agent=OLGA), 13)

        assert offers_in(said) == [("call:1", OLGA)]


class TestWithdrawnWork:
    def test_that_waits_is_gone(self):
        core = Floor()
        core.enrol(OLGA, LOANS)
        core.queue("call:1", 0)
        core.tell(Withdrawn(item="call:1"), 5)

        assert offers_in(core.ready(OLGA, 10)) == []
        assert core.position("call:1") is None

    def test_that_rings_leaves_the_agent_ready_in_his_place(self):
        core = ringing(OLGA, IVAN)

        said = core.tell(Withdrawn(item="call:1"), 15)

        assert ends_in(said) == [("call:1", OLGA, False)]
        assert core.status(OLGA) is AgentStatus.READY
        assert offers_in(core.queue("call:2", 20)) == [("call:2", OLGA)]

    def test_that_rings_frees_the_agent_for_what_waits(self):
        core = ringing(OLGA)
        core.queue("call:2", 11)

        assert offers_in(core.tell(Withdrawn(item="call:1"), 15)) == [("call:2", OLGA)]

    def test_that_rings_lets_the_agent_go_where_he_chose_to_go_afterwards(self):
        core = ringing(OLGA)
        core.queue("call:2", 11)
        core.ask(OLGA, Presence.NOT_READY, 12, reason="lunch", after_contact=True)

        said = core.tell(Withdrawn(item="call:1"), 15)

        assert offers_in(said) == []
        assert core.last_move(OLGA).reason == "lunch"

    def test_that_was_accepted_is_none_of_routings_business(self):
        core = talking(OLGA)

        assert core.tell(Withdrawn(item="call:1"), 20) == []
        assert core.status(OLGA) is AgentStatus.BUSY


class TestAPreferredAgent:
    @pytest.fixture
    def core(self):
        """Olga is busy, Ivan is idle."""
        core = talking(OLGA, IVAN, wrap_up=WrapUp.NONE, ready_after=True)
        core.queue("call:2", 20, preferred=OLGA, patience_s=30)
        return core

    def test_is_waited_for(self, core):
        assert core.rung("call:2") is None
        assert offers_in(core.finish("call:1", OLGA, 40)) == [("call:2", OLGA)]

    @pytest.mark.parametrize(
        ("second", "rung"), [(49.9, None), (50, IVAN)], ids=["patient to the end", "then anybody may"]
    )
    def test_is_waited_for_with_a_limit(self, core, second, rung):
        core.wait(second)

        assert core.rung("call:2") == rung

    def test_who_lets_it_ring_lets_it_go(self, core):
        core.finish("call:1", OLGA, 25)

        core.wait(45)

        assert core.rung("call:2") == IVAN
        assert core.wait(50) == []

    def test_who_is_being_rung_at_the_limit_goes_on_being_rung(self, core):
        core.finish("call:1", OLGA, 45)

        core.wait(50)

        assert core.rung("call:2") == OLGA

    def test_need_not_serve_the_queue(self):
        core = floor(OLGA, IVAN)
        core.enrol(VIKTOR, CARDS)
        core.ready(VIKTOR, 5)

        core.queue("call:1", 10, preferred=VIKTOR, patience_s=30)

        assert core.rung("call:1") == VIKTOR

    @pytest.mark.parametrize("agent", [VIKTOR, AgentId(99)], ids=["gone home", "never heard of"])
    def test_who_is_not_there_is_not_waited_for(self, agent):
        core = floor(OLGA)
        core.enrol(VIKTOR, LOANS)

        core.queue("call:1", 10, preferred=agent, patience_s=30)

        assert core.rung("call:1") == OLGA

    def test_has_a_lane_of_his_own_for_each_who_waits_for_him(self, core):
        core.queue("call:3", 30, preferred=OLGA, patience_s=60)

        core.wait(50)
        assert core.rung("call:2") == IVAN
        assert core.rung("call:3") is None
        assert offers_in(core.finish("call:1", OLGA, 60)) == [("call:3", OLGA)]

    def test_is_asked_in_the_place_that_the_work_would_have_anyway(self, core):
        core.queue("call:3", 25)
        core.accept("call:3", IVAN, 26)
        core.queue("call:4", 30, joined_at=at(19))

        assert offers_in(core.finish("call:1", OLGA, 40)) == [("call:4", OLGA)]


class TestWorkThatNoQueueGave:
    def test_makes_the_agent_busy_whatever_his_presence(self):
        core = Floor()
        core.enrol(OLGA, LOANS)

        said = core.tell(Taken(item="call:9", agent=OLGA), 10)

        assert [one.status for one in said] == [AgentStatus.BUSY]

    def test_takes_an_idle_agent_out_of_his_lanes(self):
        core = floor(OLGA, IVAN)

        core.tell(Taken(item="call:9", agent=OLGA), 10)

        assert offers_in(core.queue("call:1", 11)) == [("call:1", IVAN)]

    def test_sends_what_he_was_offered_to_the_next(self):
        core = ringing(OLGA, IVAN)

        said = core.tell(Taken(item="call:9", agent=OLGA), 12)

        assert ends_in(said) == [("call:1", OLGA, False)]
        assert offers_in(said) == [("call:1", IVAN)]
        assert core.status(OLGA) is AgentStatus.BUSY

    def test_cannot_be_taken_in_the_middle_of_other_work(self):
        core = talking(OLGA)

        assert core.tell(Taken(item="call:9", agent=OLGA), 20) == []
        assert core.agents[OLGA].work.item == "call:1"

    def test_may_be_what_becomes_of_the_work_in_hand(self):
        core = floor(OLGA)
        core.tell(Taken(item="consult:1", agent=OLGA), 10)

        core.tell(Taken(item="call:1", agent=OLGA, instead_of="consult:1"), 20)

        assert core.agents[OLGA].work.item == "call:1"
        assert core.finish("call:1", OLGA, 30)[0].status is AgentStatus.WRAP_UP

    def test_of_somebody_elses_offer_ends_that_offer(self):
        core = ringing(OLGA, IVAN)

        said = core.tell(Taken(item="call:1", agent=IVAN), 12)

        assert ends_in(said) == [("call:1", OLGA, False)]
        assert (core.status(OLGA), core.status(IVAN)) == (AgentStatus.READY, AgentStatus.BUSY)

    def test_that_he_was_offered_anyway_is_accepted(self):
        core = ringing(OLGA)

        core.tell(Taken(item="call:1", agent=OLGA, queue=CARDS), 12)

        assert (core.status(OLGA), core.agents[OLGA].work.queue) == (AgentStatus.BUSY, CARDS)
        assert core.wait(40) == []

    def test_finished_without_wrap_up_leaves_him_what_and_where_he_was(self):
        core = floor(OLGA, IVAN)
        core.tell(Taken(item="consult:1", agent=OLGA), 10)

        core.finish("consult:1", OLGA, 20, wrap_up=False)

        assert core.status(OLGA) is AgentStatus.READY
        assert offers_in(core.queue("call:1", 30)) == [("call:1", OLGA)]


class TestEventsThatMakeNoSense:
    @pytest.mark.parametrize(
        "event",
        [
            Accepted(item="call:1", agent=IVAN),
            Accepted(item="call:9", agent=OLGA),
            Declined(item="call:1", agent=IVAN),
            Declined(item="call:9", agent=OLGA),
            Finished(item="call:1", agent=OLGA),
            WrappedUp(item="call:1", agent=OLGA),
            WrapUpExtended(item="call:1", agent=OLGA, seconds=30),
            Withdrawn(item="call:9"),
            Accepted(item="call:1", agent=AgentId(99)),
            Tick(),
        ],
        ids=repr,
    )
    def test_change_nothing(self, event):
        core = ringing(OLGA, IVAN)
        before = repr((core.agents, core.items))

        assert core.tell(event, 12) == []
        assert repr((core.agents, core.items)) == before

    def test_of_a_kind_from_tomorrow_change_nothing(self):
        core = ringing(OLGA)

        assert core.tell(object(), 12) == []


class TestThePlaceInTheQueue:
    @pytest.fixture
    def core(self):
        core = Floor()
        core.queue("call:1", 1)
        core.queue("call:2", 2, skills=frozenset({("english", 1)}))
        core.queue("call:3", 3, preferred=OLGA, patience_s=60)
        core.queue("other", 0, CARDS)
        return core

    def test_counts_all_of_the_queue_whatever_they_need(self, core):
        assert [core.position(f"call:{number}") for number in (1, 2, 3)] == [1, 2, 3]
        assert core.position("other") == 1

    def test_moves_up_when_somebody_leaves(self, core):
        core.tell(Withdrawn(item="call:1"), 5)

        assert core.position("call:3") == 2

    def test_is_behind_those_with_a_boost(self, core):
        core.queue("back", 5, boost_s=60)

        assert core.position("back") == 1
        assert core.position("call:1") == 2

    def test_is_nobodys_who_is_being_rung(self, core):
        core.enrol(VIKTOR, LOANS)
        core.ready(VIKTOR, 6)

        assert core.position("call:1") is None
        assert core.position("call:2") == 1
