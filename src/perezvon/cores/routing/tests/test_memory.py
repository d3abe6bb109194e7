"""What is stored is enough: a core that takes it up decides as the old one would have."""

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
    writing,
    written_in,
)
from perezvon.cores.routing.words import Declined, Withdrawn


def restarted(core: Floor, seconds: float, **wrap_up: object) -> Floor:
    """Another core, configured alike, that takes up the states of this one."""
    fresh = Floor(**wrap_up)
    for agent in core.agents.values():
        fresh.enrol(agent.id, *agent.queues, **agent.skills)
    fresh.said += fresh.restore(list(core.agents.values()), list(core.items.values()), at(seconds))
    return fresh


class TestTakingUp:
    def test_idle_agents_keep_their_places(self):
        core = restarted(floor(IVAN, OLGA), 5)

        assert offers_in(core.queue("call:1", 10)) == [("call:1", IVAN)]

    def test_waiting_work_keeps_its_places(self):
        core = Floor()
        core.enrol(OLGA, LOANS)
        core.queue("plain", 0)
        core.queue("hurried", 5, boost_s=60)

        core = restarted(core, 10)

        assert (core.position("hurried"), core.position("plain")) == (1, 2)
        assert offers_in(core.ready(OLGA, 11)) == [("hurried", OLGA)]

    def test_an_offer_still_runs_out(self):
        core = restarted(ringing(OLGA, IVAN), 15)

        assert core.wait(29.9) == []
        assert ends_in(core.wait(30)) == [("call:1", OLGA, True)]

    def test_an_offer_may_still_be_accepted(self):
        core = restarted(ringing(OLGA), 15)

        core.accept("call:1", OLGA, 20)

        assert core.status(OLGA) is AgentStatus.BUSY
        assert core.items == {}

    def test_patience_still_ends(self):
        core = talking(OLGA, IVAN)
        core.queue("call:2", 20, preferred=OLGA, patience_s=30)

        core = restarted(core, 25)

        assert core.wait(49) == []
        assert offers_in(core.wait(50)) == [("call:2", IVAN)]

    def test_a_timed_write_up_still_ends(self):
        core = restarted(writing(WrapUp.TIMED), 120, wrap_up=WrapUp.TIMED)

        assert written_in(core.wait(160)) == [("call:1", OLGA, True)]

    def test_a_pen_laid_aside_is_taken_up_again(self):
        core = writing(WrapUp.TIMED)
        core.queue("call:2", 110, preferred=OLGA, patience_s=40, reopens="call:1")

        core = restarted(core, 115, wrap_up=WrapUp.TIMED)
        core.tell(Withdrawn(item="call:2"), 120)

        assert core.status(OLGA) is AgentStatus.WRAP_UP
        assert written_in(core.wait(160)) == [("call:1", OLGA, True)]

    def test_what_was_chosen_for_afterwards_still_counts(self):
        core = talking(OLGA, wrap_up=WrapUp.NONE, ready_after=True)
        core.ask(OLGA, Presence.NOT_READY, 20, reason="lunch", after_contact=True)

        core = restarted(core, 25, wrap_up=WrapUp.NONE, ready_after=True)
        core.finish("call:1", OLGA, 30)

        assert core.last_move(OLGA).reason == "lunch"

    def test_who_let_it_go_by_still_comes_last(self):
        core = ringing(OLGA, VIKTOR)
        core.enrol(IVAN, LOANS)
        core.wait(30)
        assert core.rung("call:1") == VIKTOR

        core = restarted(core, 35)
        core.ready(OLGA, 36)
        core.ready(IVAN, 37)
        core.tell(Declined(item="call:1", agent=VIKTOR), 40)

        assert core.rung("call:1") == IVAN

    def test_an_agent_who_is_no_longer_configured_is_rung_for_nothing(self):
        core = floor(OLGA)
        fresh = Floor()

        fresh.restore(list(core.agents.values()), [], at(5))

        assert offers_in(fresh.queue("call:1", 10)) == []

    def test_work_that_somebody_may_do_since_the_configuration_changed_is_offered_at_once(self):
        core = floor(OLGA)
        core.queue("call:1", 5, CARDS)
        fresh = Floor()
        fresh.enrol(OLGA, CARDS, version=2)

        said = fresh.restore(list(core.agents.values()), list(core.items.values()), at(10))

        assert offers_in(said) == [("call:1", OLGA)]

    def test_nothing_is_said_where_all_is_as_it_was(self):
        core = ringing(OLGA, IVAN)
        core.queue("call:2", 12)
        fresh = Floor()
        for agent in (OLGA, IVAN):
            fresh.enrol(agent, LOANS)

        assert fresh.restore(list(core.agents.values()), list(core.items.values()), at(15)) == []


class TestWhatChanged:
    """Whoever stores the states asks for those that changed."""

    @pytest.mark.parametrize(
        ("what", "agents", "items"),
        [
            (lambda core: core.queue("call:2", 10), {IVAN}, {"call:2"}),
            (lambda core: core.accept("call:1", OLGA, 11), {OLGA}, {"call:1"}),
            (lambda core: core.wait(30), {OLGA, IVAN}, {"call:1"}),
            (lambda core: core.ask(VIKTOR, Presence.READY, 11), {VIKTOR}, set()),
            (lambda core: core.tell(Withdrawn(item="call:9"), 11), set(), set()),
            (lambda core: core.wait(11), set(), set()),
        ],
        ids=["queued", "accepted", "missed", "presence", "nothing known", "time alone"],
    )
    def test_is_told(self, what, agents, items):
        core = ringing(OLGA, IVAN)
        core.changed_agents.clear()
        core.changed_items.clear()

        what(core)

        assert (core.changed_agents, core.changed_items) == (agents, items)
