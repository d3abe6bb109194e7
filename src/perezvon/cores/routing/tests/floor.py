"""Words for tests of routing: a floor of operators, one queue or two, and what was said of whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from perezvon.cores.routing import RoutingCore, WrapUp
from perezvon.cores.routing.words import (
    Accepted,
    AgentChanged,
    AgentSet,
    AgentStatus,
    Finished,
    Offer,
    OfferEnded,
    PhoneReachable,
    Presence,
    PresenceAsked,
    Queued,
    QueueSet,
    RoutingEvent,
    RoutingOutput,
    Tick,
    WrapUpEnded,
)
from perezvon.kernel.ids import AgentId, QueueId

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OLGA, IVAN, VIKTOR = AgentId(1), AgentId(2), AgentId(3)
LOANS, CARDS = QueueId(10), QueueId(20)
RING_S = 20.0


def at(seconds: float) -> datetime:
    return MORNING + timedelta(seconds=seconds)


class Floor(RoutingCore):
    """A routing core with a memory for what it said, and short words for what happens."""

    def __init__(self, **wrap_up: object) -> None:
        super().__init__()
        self.said: list[RoutingOutput] = []
        for queue in (LOANS, CARDS):
            self.tell(QueueSet(queue=queue, version=1, ring_s=RING_S, **wrap_up), 0)

    def tell(self, event: RoutingEvent, seconds: float) -> list[RoutingOutput]:
        said = self.handle(event, at(seconds))
        self.said += said
        return said

    def wait(self, seconds: float) -> list[RoutingOutput]:
        return self.tell(Tick(), seconds)

    # --- people -----------------------------------------------------------------------------------

    def enrol(self, agent: AgentId, *queues: QueueId, version: int = 1, seconds: float = 0, **skills: int):
        return self.tell(AgentSet(agent=agent, version=version, queues=frozenset(queues), skills=skills), seconds)

    def ready(self, agent: AgentId, seconds: float = 0) -> list[RoutingOutput]:
        """His phone is within reach and he says Ready."""
        said = [] if self.agents[agent].reachable else self.tell(PhoneReachable(agent=agent, reachable=True), seconds)
        return said + self.ask(agent, Presence.READY, seconds)

    def ask(
        self,
        agent: AgentId,
        presence: Presence,
        seconds: float,
        *,
        reason: str = "",
        by: AgentId | None = None,
        after_contact: bool = False,
    ) -> list[RoutingOutput]:
        asked = PresenceAsked(
            agent=agent, presence=presence, by=by or agent, reason=reason, after_contact=after_contact
        )
        return self.tell(asked, seconds)

    # --- work -------------------------------------------------------------------------------------

    def queue(self, item: str, seconds: float, queue: QueueId = LOANS, **more: object) -> list[RoutingOutput]:
        return self.tell(Queued(item=item, queue=queue, **more), seconds)

    def accept(self, item: str, agent: AgentId, seconds: float) -> list[RoutingOutput]:
        return self.tell(Accepted(item=item, agent=agent), seconds)

    def finish(self, item: str, agent: AgentId, seconds: float, *, wrap_up: bool = True) -> list[RoutingOutput]:
        return self.tell(Finished(item=item, agent=agent, wrap_up=wrap_up), seconds)

    # --- looking ----------------------------------------------------------------------------------

    def status(self, agent: AgentId) -> AgentStatus:
        return self.agents[agent].status

    def rung(self, item: str) -> AgentId | None:
        return self.items[item].offered_to if item in self.items else None

    def offers(self) -> list[tuple[str, AgentId]]:
        """All offers made so far."""
        return [(said.item, said.agent) for said in self.said if isinstance(said, Offer)]

    def moves(self, agent: AgentId) -> list[AgentStatus]:
        return [said.status for said in self.said if isinstance(said, AgentChanged) and said.agent == agent]

    def last_move(self, agent: AgentId) -> AgentChanged:
        return [said for said in self.said if isinstance(said, AgentChanged) and said.agent == agent][-1]


def floor(*agents: AgentId, **wrap_up: object) -> Floor:
    """These agents serve the loans queue and became ready one second after the other, the first at 0."""
    made = Floor(**wrap_up)
    for second, agent in enumerate(agents):
        made.enrol(agent, LOANS)
        made.ready(agent, second)
    return made


def ringing(agent: AgentId = OLGA, *others: AgentId, **wrap_up: object) -> Floor:
    """The agent is rung for call:1 since 10."""
    made = floor(agent, *others, **wrap_up)
    made.queue("call:1", 10)
    return made


def talking(agent: AgentId = OLGA, *others: AgentId, **wrap_up: object) -> Floor:
    made = ringing(agent, *others, **wrap_up)
    made.accept("call:1", agent, 12)
    return made


def writing(mode: WrapUp, agent: AgentId = OLGA, **more: object) -> Floor:
    """The agent writes up call:1 since 100."""
    made = talking(agent, wrap_up=mode, **more)
    made.finish("call:1", agent, 100)
    return made


def offers_in(said: list[RoutingOutput]) -> list[tuple[str, AgentId]]:
    return [(one.item, one.agent) for one in said if isinstance(one, Offer)]


def ends_in(said: list[RoutingOutput]) -> list[tuple[str, AgentId, bool]]:
    """Offers that ended, and whether they were missed."""
    return [(one.item, one.agent, one.missed) for one in said if isinstance(one, OfferEnded)]


def written_in(said: list[RoutingOutput]) -> list[tuple[str, AgentId, bool]]:
    """Wrap-ups that ended, and whether by the clock."""
    return [(one.item, one.agent, one.timed_out) for one in said if isinstance(one, WrapUpEnded)]
