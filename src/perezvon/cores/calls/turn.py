"""What one event brings about, gathered in order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from perezvon.cores.calls.model import Call, Leg, Pending, Segment, agent_address
from perezvon.cores.calls.words import (
    CallOut,
    CallRequest,
    Fact,
    LineSet,
    Phase,
    Request,
    RequestRefused,
    Role,
    SegmentBegan,
    SegmentEnded,
    Stretch,
)
from perezvon.kernel.ids import AgentId, LegId, QueueId
from perezvon.ports import telephony as port

# A leg says at the latest when its ringing time is over what has become of it, if it ever came about.
SILENCE = timedelta(seconds=10)
KEPT_CLICKS = 8


class Turn:
    """Collects commands, facts and routing events while the core handles one event.

    All ids made in a turn follow from the event's own id, so a replay makes the same ones.
    lines: the configuration, as the core knows it.
    """

    def __init__(self, event_id: UUID, now: datetime, lines: Mapping[str, LineSet]) -> None:
        self.now = now
        self.out: list[object] = []
        self._seed = event_id
        self._lines = lines
        self._made = 0
        self._request: CallRequest | CallOut | None = None

    def new_id(self) -> UUID:
        self._made += 1
        return uuid5(self._seed, str(self._made))

    def line(self, call: Call) -> LineSet:
        """The call's line; a plain one when it was taken out of the configuration meanwhile."""
        queue = call.queue if call.queue is not None else QueueId(0)
        return self._lines.get(call.line) or LineSet(line=call.line, version=0, queue=queue)

    def on_behalf_of(self, request: CallRequest | CallOut) -> None:
        """Commands to this call from here on carry out this person's click."""
        self._request = request

    # --- towards the switch -----------------------------------------------------------------------

    def do(self, call: Call, command: type[port.CallCommand], /, **details: object) -> UUID:
        command_id = self.new_id()
        self.out.append(command(command_id=command_id, call_id=call.id, **details))
        if self._request and self._request.call_id == call.id:
            asked = self._request
            act = asked.act if isinstance(asked, CallRequest) else None
            call.pending.append(Pending(command_id, asked.request_id, asked.agent, act))
            del call.pending[:-KEPT_CLICKS]
        return command_id

    def dial_agent(self, call: Call, agent: AgentId, role: Role, *, ring_s: float, at_once: bool = False) -> None:
        leg = Leg(LegId(self.new_id()), role, agent_address(agent), agent)
        self._dial(call, leg, shown=call.number or "", ring_s=ring_s, answer_at_once=at_once)

    def dial_number(self, call: Call, number: str, role: Role, *, ring_s: float) -> None:
        """number: E.164 digits. It sees the number of the call's line."""
        leg = Leg(LegId(self.new_id()), role, number)
        self._dial(call, leg, shown=self.line(call).shown or call.line, ring_s=ring_s)

    def _dial(self, call: Call, leg: Leg, *, ring_s: float, **how: object) -> None:
        call.legs.append(leg)
        leg.until = self.now + timedelta(seconds=ring_s) + SILENCE
        leg.dial = self.do(call, port.Dial, leg_id=leg.id, to=leg.address, ring_s=ring_s, **how)

    def join(self, call: Call, leg: Leg | None) -> None:
        if leg and leg.answered and not (leg.wanted and leg.joined):
            leg.wanted, leg.placing = True, self.do(call, port.Join, leg_id=leg.id)

    def hold(self, call: Call, leg: Leg | None) -> None:
        if leg and (leg.wanted or leg.joined):
            leg.wanted, leg.placing = False, self.do(call, port.Hold, leg_id=leg.id)

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
            self.move(call)

    def move(self, call: Call) -> None:
        """From here on the buttons mean something else than before."""
        call.moved = call.version

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
