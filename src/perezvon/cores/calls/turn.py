"""What one event brings about, gathered in order."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from perezvon.cores.calls.model import Call, Leg, Pending, Segment, agent_address
from perezvon.cores.calls.words import (
    Fact,
    Phase,
    Request,
    RequestRefused,
    Role,
    SegmentBegan,
    SegmentEnded,
    Stretch,
)
from perezvon.kernel.ids import AgentId, LegId
from perezvon.ports import telephony as port


class Turn:
    """Collects commands, facts and routing events while the core handles one event.

    All ids made in a turn follow from the event's own id, so a replay makes the same ones.
    """

    def __init__(self, event_id: UUID, now: datetime) -> None:
        self.now = now
        self.out: list[object] = []
        self._seed = event_id
        self._made = 0
        self._request: Request | None = None

    def new_id(self) -> UUID:
        self._made += 1
        return uuid5(self._seed, str(self._made))

    def on_behalf_of(self, request: Request) -> None:
        """Commands from here on carry out this person's click."""
        self._request = request

    # --- towards the switch -----------------------------------------------------------------------

    def do(self, call: Call, command: type[port.CallCommand], /, **details: object) -> UUID:
        command_id = self.new_id()
        self.out.append(command(command_id=command_id, call_id=call.id, **details))
        if self._request:
            call.pending.append(Pending(command_id, self._request.request_id, self._request.agent))
            del call.pending[:-8]
        return command_id

    def dial_agent(self, call: Call, agent: AgentId, role: Role, *, ring_s: float, at_once: bool = False) -> Leg:
        leg = Leg(LegId(self.new_id()), role, agent_address(agent), agent)
        call.legs.append(leg)
        self.do(
            call,
            port.Dial,
            leg_id=leg.id,
            to=leg.address,
            shown=call.number or "",
            ring_s=ring_s,
            answer_at_once=at_once,
        )
        return leg

    def join(self, call: Call, leg: Leg | None) -> None:
        if leg and leg.answered and not leg.joined:
            self.do(call, port.Join, leg_id=leg.id)

    def hold(self, call: Call, leg: Leg | None) -> None:
        if leg and leg.joined:
            self.do(call, port.Hold, leg_id=leg.id)

    def clear(self, call: Call, leg: Leg | None) -> None:
        """Ask the switch to end a leg and think of it as gone: whatever it still says is ignored."""
        if leg and leg in call.legs:
            call.legs.remove(leg)
            self.do(call, port.Clear, leg_id=leg.id)

    # --- towards history --------------------------------------------------------------------------

    def fact(self, call: Call, fact: type[Fact], /, **details: object) -> None:
        self.out.append(fact(contact_id=call.contact_id, call_id=call.id, at=self.now, **details))

    def begin(self, call: Call, kind: Stretch, agent: AgentId | None = None) -> None:
        segment = Segment(self.new_id(), kind, agent, self.now)
        call.segments.append(segment)
        self.fact(call, SegmentBegan, segment_id=segment.id, kind=kind, queue=call.queue, agent=agent)

    def end(self, call: Call, *kinds: Stretch, outcome: str = "", agent: AgentId | None = None) -> None:
        """End the open segments of these kinds; of one agent only, when named."""
        for segment in [*call.segments]:
            if segment.kind in kinds and (agent is None or segment.agent == agent):
                call.segments.remove(segment)
                self.fact(call, SegmentEnded, segment_id=segment.id, outcome=outcome)

    def enter(self, call: Call, phase: Phase) -> None:
        if call.phase is not phase:
            call.phase, call.since = phase, self.now

    def refuse(self, request: Request, code: str, call: Call | None = None) -> None:
        self.out.append(
            RequestRefused(
                request_id=request.request_id,
                agent=request.agent,
                code=code,
                at=self.now,
                call_id=call.id if call else None,
            )
        )

    def route(self, event: object) -> None:
        self.out.append(event)
