"""Why this agent, and why not that one."""

from __future__ import annotations

from perezvon.cores.routing import AgentStatus, Presence
from perezvon.cores.routing.explain import Considered, Lack
from perezvon.cores.routing.tests.floor import CARDS, IVAN, LOANS, OLGA, VIKTOR, Floor, at, floor, talking
from perezvon.cores.routing.words import Withdrawn
from perezvon.kernel.ids import AgentId

ENGLISH = frozenset({("english", 3)})


class TestExplaining:
    def test_names_who_lacks_a_skill_and_how_much_of_it(self):
        core = Floor()
        core.enrol(OLGA, LOANS, english=1)
        core.ready(OLGA, 1)
        core.queue("call:1", 10, skills=ENGLISH)

        [olga] = core.explain("call:1").agents

        assert olga == Considered(
            agent=OLGA, status=AgentStatus.READY, idle_since=at(1), lacks=(Lack("english", needed=3, has=1),)
        )
        assert olga.is_ruled_out

    def test_puts_those_whom_only_their_state_keeps_away_before_those_who_cannot(self):
        core = Floor()
        core.enrol(OLGA, LOANS)
        core.enrol(IVAN, LOANS, english=5)
        core.enrol(VIKTOR, CARDS, english=5)
        core.ready(OLGA, 1)
        core.queue("call:1", 10, skills=ENGLISH)

        told = core.explain("call:1")

        assert [(one.agent, one.status, one.lacks == ()) for one in told.agents] == [
            (IVAN, AgentStatus.OUT, True),
            (OLGA, AgentStatus.READY, False),
        ]
        assert (told.place, told.need.queue, told.need.skills) == (1, LOANS, ENGLISH)

    def test_tells_who_waits_for_whom_and_how_long(self):
        core = talking(OLGA, IVAN)
        core.queue("call:2", 20, preferred=OLGA, patience_s=30)

        told = core.explain("call:2")

        assert told.widens_at == at(50)
        assert [(one.agent, one.waits_for_another) for one in told.agents] == [(OLGA, False), (IVAN, True)]

    def test_tells_of_the_preferred_one_though_he_serves_other_queues(self):
        core = talking(OLGA)
        core.enrol(VIKTOR, CARDS)
        core.ask(VIKTOR, Presence.NOT_READY, 5)
        core.queue("call:2", 20, preferred=VIKTOR, patience_s=30)

        assert {one.agent: one.is_member for one in core.explain("call:2").agents} == {VIKTOR: True, OLGA: True}
        core.wait(50)
        assert {one.agent: one.is_member for one in core.explain("call:2").agents} == {VIKTOR: False, OLGA: True}

    def test_tells_who_let_it_go_by_and_who_is_rung_now(self):
        core = floor(OLGA, IVAN)
        core.queue("call:1", 10)
        core.wait(30)

        told = core.explain("call:1")

        assert (told.offered_to, told.place) == (IVAN, None)
        assert {one.agent: (one.has_passed, one.status) for one in told.agents} == {
            OLGA: (True, AgentStatus.MISSED),
            IVAN: (False, AgentStatus.RINGING),
        }

    def test_has_nothing_to_say_of_work_that_neither_waits_nor_rings(self):
        core = talking(OLGA)

        assert core.explain("call:1") is None
        core.queue("call:2", 20)
        core.tell(Withdrawn(item="call:2"), 21)
        assert core.explain("call:2") is None

    def test_changes_nothing(self):
        core = talking(OLGA, IVAN)
        core.queue("call:2", 20, preferred=AgentId(99))
        before = repr((core.agents, core.items, core.changed_agents, core.changed_items))

        core.explain("call:2")

        assert repr((core.agents, core.items, core.changed_agents, core.changed_items)) == before
