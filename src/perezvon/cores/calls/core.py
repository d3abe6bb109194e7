"""What is done with a call, from the first ring to the last word written about it.

**Theory.** The switch tells what happened to legs, people tell what they want, routing tells who is to be rung.
Each of these is an event; the answer to each is a list of commands to the switch, facts for the history and
events for routing. Nothing waits: what must happen later is a time in the call (`Call.wakes_at`) or a lease in
routing. An event about a leg that the core has let go of changes nothing.

| event                         | in phase            | what follows                                          |
| ----------------------------- | ------------------- | ----------------------------------------------------- |
| offered                       | -                   | answer, greet                                         |
| greeting over                 | greeting            | queue, or straight to the operator of the last call   |
| offer (routing)               | queued              | ring the operator's phone                             |
| operator's leg established    | ringing             | join both, record                                     |
| offer ended (routing)         | ringing             | stop ringing; queued again                            |
| customer gone                 | any                 | clear all, contact over, wrap-up for its operator     |
| operator hangs up             | talking, held       | the same; in a conference only he leaves              |
| operator's line lost          | talking, held       | hold the customer, first place in the queue           |
| colleague gone                | consulting          | customer back to the operator                         |
| own phone established         | dialling (outgoing) | dial the customer                                     |
| customer established          | dialling            | join both, record                                     |
| outside number established    | dialling (sent on)  | join both                                             |
| outside number gone           | dialling (sent on)  | the customer waits for the group, in first place      |
| supervisor gone               | talking, held       | nothing; he goes with the operator whom he hears      |

Illegal requests are refused with a code and change nothing. Where each is written: `requests` what people ask,
`legs` what the switch says, `steps` what follows from either.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from perezvon.cores.calls import steps
from perezvon.cores.calls.legs import compare, on_leg, placed
from perezvon.cores.calls.model import RECORDING_LIMIT, Call, Leg, is_agent_address
from perezvon.cores.calls.requests import carry_out, expired, objection, objection_to_calling_out
from perezvon.cores.calls.turn import Turn
from perezvon.cores.calls.words import (
    Act,
    AgentMoved,
    CallOut,
    CallRequest,
    ContactBegan,
    Direction,
    LineSet,
    Phase,
    RecordingReady,
    RecordingRefused,
    Request,
    Role,
    Stretch,
    WrapUpOver,
)
from perezvon.cores.routing import RoutingCore
from perezvon.cores.routing import words as routing
from perezvon.kernel.ids import AgentId, CallId
from perezvon.kernel.phone import parse_phone
from perezvon.ports import telephony as port

OWN_RING_S = 30.0
ANSWER_LIMIT = timedelta(seconds=30)


@dataclass(slots=True)
class Recent:
    """A conversation that broke off: whoever calls from this number before `until` goes back to `agent`."""

    number: str
    agent: AgentId
    call_id: CallId
    until: datetime
    record: bool = True


class CallsCore:
    """All calls of a site. floor: routing, to be read only: who is where.

    changed: kinds and keys of the states that are others than they were; whoever stores them empties it.
    """

    def __init__(self, floor: RoutingCore | None = None) -> None:
        self.lines: dict[str, LineSet] = {}
        self.calls: dict[CallId, Call] = {}
        self.recent: dict[str, Recent] = {}
        self.changed: set[tuple[str, CallId | str]] = set()
        self._floor = floor or RoutingCore()
        self._alarms: list[tuple[datetime, CallId]] = []
        self._alarm_of: dict[CallId, datetime] = {}

    # --- the door ---------------------------------------------------------------------------------

    def handle(self, event: object, turn: Turn) -> None:
        match event:
            case LineSet():
                known = self.lines.get(event.line)
                if known is None or known.version < event.version:
                    self.lines[event.line] = event
            case port.Offered():
                self._offered(event, turn)
            case port.Snapshot():
                self._compare(event, turn)
            case port.CallEvent():
                self._on_call(event, turn)
            case CallRequest():
                self._request(event, turn)
            case CallOut():
                self._call_out(event, turn)
            case routing.Offer() | routing.OfferEnded() | routing.WrapUpEnded():
                self._routed(event, turn)
            case routing.AgentChanged():
                turn.out.append(
                    AgentMoved(
                        agent=event.agent,
                        status=event.status.value,
                        reason=event.reason,
                        by=event.by,
                        at=turn.now,
                        until=event.until,
                    )
                )

    # --- time -------------------------------------------------------------------------------------

    def next_wakeup(self) -> datetime | None:
        return self._alarms[0][0] if self._alarms else None

    def tick(self, turn: Turn, position: Callable[[str], int | None]) -> None:
        """Do what is due. position: of a waiting item, as routing knows it."""
        due: list[CallId] = []
        while self._alarms and self._alarms[0][0] <= turn.now:
            due.append(heapq.heappop(self._alarms)[1])
        for call_id in due:
            self._alarm_of.pop(call_id, None)
            if call := self.calls.get(call_id):
                self._overdue(call, turn, position)

    def _overdue(self, call: Call, turn: Turn, position: Callable[[str], int | None]) -> None:
        wake = call.wakes_at()
        if wake is None or wake > turn.now:
            self._arm(call)
            return
        self._touch(call)
        for leg in [leg for leg in call.legs if leg.until and leg.until <= turn.now and not leg.answered]:
            turn.clear(call, leg)
            steps.gone(turn, call, leg, port.Cause.NO_ANSWER)
        if call.announce_at and call.announce_at <= turn.now:
            steps.announce(turn, call, position(call.item))
        if call.phase is Phase.GREETING and wake <= turn.now and call.customer and call.customer.answered:
            steps.enqueue(turn, call)
        if call.ended_at and call.ended_at + RECORDING_LIMIT <= turn.now:
            call.recording_open = False
        self._settle(call, turn)

    def _arm(self, call: Call) -> None:
        wake, armed = call.wakes_at(), self._alarm_of.get(call.id)
        if wake is not None and (armed is None or wake < armed):
            self._alarm_of[call.id] = wake
            heapq.heappush(self._alarms, (wake, call.id))

    # --- a call comes in --------------------------------------------------------------------------

    def _offered(self, event: port.Offered, turn: Turn) -> None:
        if event.call_id in self.calls:
            return
        line = self.lines.get(event.line)
        if line is None:
            clear = port.Clear(
                command_id=turn.new_id(), call_id=event.call_id, leg_id=event.leg_id, cause=port.Cause.UNREACHABLE
            )
            turn.out.append(clear)
            return
        phone = parse_phone(event.caller) if event.caller else None
        call = Call(
            id=event.call_id,
            contact_id=event.call_id,
            direction=Direction.INBOUND,
            line=event.line,
            number=phone.digits if phone else event.caller,
            began_at=turn.now,
            phase=Phase.GREETING,
            since=turn.now,
            queue=line.queue,
            record=event.record and line.record,
        )
        leg = Leg(event.leg_id, Role.CUSTOMER, call.number or "", delivered=True, until=turn.now + ANSWER_LIMIT)
        call.legs.append(leg)
        self._add(call)
        is_refused = self._recall(call, turn.now) or not event.record
        self._begin(call, turn)
        if is_refused:
            call.record = False
            turn.fact(call, RecordingRefused)
        turn.begin(call, Stretch.GREETING)
        turn.do(call, port.Answer, leg_id=leg.id)
        self._settle(call, turn)

    def _recall(self, call: Call, now: datetime) -> bool:
        """A caller cut off a moment ago: his operator is preferred, his contact goes on, his wish holds.

        Gives whether he wished not to be recorded.
        """
        recent = self.recent.pop(call.number, None) if call.number else None
        if recent is None:
            return False
        self.changed.add(("recent", recent.number))
        if recent.until <= now:
            return False
        call.preferred = recent.agent
        last = self.calls.get(recent.call_id)
        if last and not last.wrapped:
            call.contact_id, call.resumes = last.contact_id, last.id
        return not recent.record

    def _begin(self, call: Call, turn: Turn) -> None:
        turn.fact(
            call,
            ContactBegan,
            direction=call.direction,
            line=call.line,
            queue=call.queue,
            number=call.number,
            agent=call.owner,
            continues=call.contact_id != call.id,
        )

    # --- what the switch says ---------------------------------------------------------------------

    def _on_call(self, event: port.CallEvent, turn: Turn) -> None:
        if isinstance(event, port.RecordingStopped):
            self._recorded(event, turn)
            return
        call = self.calls.get(event.call_id)
        if isinstance(event, port.CommandRefused):
            if call:
                self._refused(call, event, turn)
        elif isinstance(event, port.LegEvent):
            leg = call.leg(event.leg_id) if call else None
            if call and leg:
                self._touch(call)
                on_leg(turn, call, leg, event)
                self._settle(call, turn)
            elif isinstance(event, port.Established):  # it was let go of while it was being answered
                turn.out.append(port.Clear(command_id=turn.new_id(), call_id=event.call_id, leg_id=event.leg_id))

    def _refused(self, call: Call, event: port.CommandRefused, turn: Turn) -> None:
        """Whose click it was hears of it; what waited for the command waits no longer."""
        self._touch(call)
        for leg in [*call.legs]:
            if leg.placing == event.command_id:
                leg.wanted = leg.joined
                placed(turn, call, leg, joined=leg.joined)
            if leg.dial == event.command_id and not leg.answered:
                call.legs.remove(leg)
                steps.gone(turn, call, leg, port.Cause.UNREACHABLE)
        if event.command_id == call.greeting and call.phase is Phase.GREETING:
            steps.enqueue(turn, call)
        if event.command_id == call.recording_asked:
            call.recording_open = False
        for pending in [one for one in call.pending if one.command_id == event.command_id]:
            call.pending.remove(pending)
            if pending.act in {Act.PAUSE_RECORDING, Act.RESUME_RECORDING}:
                call.recording_paused = pending.act is Act.RESUME_RECORDING
            asked = Request(request_id=pending.request_id, agent=pending.agent)
            turn.refuse(asked, event.reason or "refused", call)
        self._settle(call, turn)

    def _recorded(self, event: port.RecordingStopped, turn: Turn) -> None:
        call = self.calls.get(event.call_id)
        turn.out.append(
            RecordingReady(
                contact_id=call.contact_id if call else event.call_id,
                call_id=event.call_id,
                at=turn.now,
                recording_id=event.recording_id,
                path=event.path,
                seconds=event.seconds,
            )
        )
        if call and event.recording_id == call.recording:
            self._touch(call)
            call.recording_open = False
            self._settle(call, turn)

    def _compare(self, snapshot: port.Snapshot, turn: Turn) -> None:
        """Legs that the switch no longer knows are gone; a caller who came meanwhile is new."""
        known = {seen.call_id: {leg.leg_id: leg for leg in seen.legs} for seen in snapshot.calls}
        strangers = [seen for seen in snapshot.calls if seen.call_id not in self.calls]
        for call in sorted(self.calls.values(), key=lambda one: one.id):  # alike after a restart
            line = self.lines.get(call.line)
            if not snapshot.switch or (line and line.switch == snapshot.switch):
                self._touch(call)
                compare(turn, call, known.get(call.id, {}))
                self._settle(call, turn)
        for seen in strangers:
            self._meet(seen, turn)

    def _meet(self, seen: port.CallSnapshot, turn: Turn) -> None:
        """Nobody has answered him yet: he is a new caller. Anybody else is a leftover of a call that is over."""
        first = seen.legs[0] if len(seen.legs) == 1 else None
        if first and not first.answered and not is_agent_address(first.address) and seen.line in self.lines:
            offered = port.Offered(
                event_id=turn.new_id(),
                call_id=seen.call_id,
                at=turn.now,
                leg_id=first.leg_id,
                line=seen.line,
                caller=seen.caller,
            )
            self._offered(offered, turn)
            return
        for leg in seen.legs:
            turn.out.append(port.Clear(command_id=turn.new_id(), call_id=seen.call_id, leg_id=leg.leg_id))

    # --- people -----------------------------------------------------------------------------------

    def _request(self, asked: CallRequest, turn: Turn) -> None:
        call = self.calls.get(asked.call_id)
        code = objection(call, asked, self._floor, turn.now)
        if code or call is None:
            turn.refuse(asked, code, call)
            return
        self._touch(call)
        carry_out(turn, call, asked)
        self._settle(call, turn)

    def _call_out(self, asked: CallOut, turn: Turn) -> None:
        line, phone = self.lines.get(asked.line), parse_phone(asked.number)
        if asked.call_id in self.calls:
            return
        if line is None or phone is None or expired(asked, turn.now):
            turn.refuse(asked, "no_line" if line is None else "invalid_number" if phone is None else "expired")
            return
        if code := objection_to_calling_out(asked, self._floor, self._contact_in_hand(asked.agent)):
            turn.refuse(asked, code)
            return
        call = Call(
            id=asked.call_id,
            contact_id=asked.continues or asked.call_id,
            direction=Direction.OUTBOUND,
            line=asked.line,
            number=phone.digits,
            began_at=turn.now,
            phase=Phase.DIALLING,
            since=turn.now,
            queue=line.queue,
            owner=asked.agent,
            record=line.record,
        )
        self._add(call)
        self._begin(call, turn)
        turn.on_behalf_of(asked)
        turn.begin(call, Stretch.DIAL, asked.agent)
        turn.route(routing.Taken(item=call.item, agent=asked.agent, queue=call.queue))
        turn.dial_agent(call, asked.agent, Role.AGENT, ring_s=OWN_RING_S, at_once=True)
        self._settle(call, turn)

    def _contact_in_hand(self, agent_id: AgentId) -> UUID | None:
        agent = self._floor.agents.get(agent_id)
        call = self._call_of(agent.work.item) if agent and agent.work else None
        return call.contact_id if call else None

    # --- routing ----------------------------------------------------------------------------------

    def _call_of(self, item: str) -> Call | None:
        kind, _, key = item.partition(":")
        return self.calls.get(CallId(UUID(key))) if kind in {"call", "consult"} else None

    def _routed(self, event: routing.Offer | routing.OfferEnded | routing.WrapUpEnded, turn: Turn) -> None:
        call = self._call_of(event.item)
        if call is None:
            return
        self._touch(call)
        match event:
            case routing.Offer():
                self._offer(call, event, turn)
            case routing.OfferEnded():
                self._offer_ended(call, event, turn)
            case routing.WrapUpEnded():
                turn.end(call, Stretch.WRAP_UP, outcome="timeout" if event.timed_out else "", agent=event.agent)
                turn.fact(call, WrapUpOver, agent=event.agent, timed_out=event.timed_out)
                call.wrapped = call.wrapped or (call.is_over and event.agent == call.owner)
        self._settle(call, turn)

    def _offer(self, call: Call, event: routing.Offer, turn: Turn) -> None:
        ring_s = (event.until - turn.now).total_seconds()
        if event.item == call.consult_item and call.consult_queue is not None:
            turn.dial_agent(call, event.agent, Role.COLLEAGUE, ring_s=ring_s)
        elif event.item == call.item and call.phase is Phase.QUEUED:
            turn.begin(call, Stretch.RING, event.agent)
            turn.enter(call, Phase.RINGING)
            turn.dial_agent(call, event.agent, Role.AGENT, ring_s=ring_s)

    def _offer_ended(self, call: Call, event: routing.OfferEnded, turn: Turn) -> None:
        leg = call.leg_of(event.agent)
        if leg and not leg.answered:
            turn.clear(call, leg)
        if event.item == call.item and call.phase is Phase.RINGING:
            turn.end(call, Stretch.RING, outcome="missed" if event.missed else "declined", agent=event.agent)
            turn.enter(call, Phase.QUEUED)

    # --- memory -----------------------------------------------------------------------------------

    def _add(self, call: Call) -> None:
        self.calls[call.id] = call
        self._touch(call)

    def _touch(self, call: Call) -> None:
        """The call is about to change. Its version rises once for all that is stored together."""
        key = ("call", call.id)
        if key not in self.changed:
            call.version += 1
            self.changed.add(key)

    def _settle(self, call: Call, turn: Turn) -> None:
        """After a change: see to it that it is woken, remembered for a moment, or forgotten."""
        if call.ended_at == turn.now and call.ended_by in {"customer", "link"} and call.owner is not None:
            self._remember(call, turn.now)
        if call.is_done and call.id in self.calls:
            del self.calls[call.id]
        else:
            self._arm(call)

    def _remember(self, call: Call, now: datetime) -> None:
        """Who broke off may be back in a moment. Those who did not come back are forgotten."""
        while self.recent and (oldest := next(iter(self.recent.values()))).until <= now:
            self._forget(oldest.number)
        line = self.lines.get(call.line)
        if line and call.number and call.number.isdecimal() and call.owner is not None:
            self.recent.pop(call.number, None)
            until = now + timedelta(seconds=line.return_s)
            self.recent[call.number] = Recent(call.number, call.owner, call.id, until, call.record)
            self.changed.add(("recent", call.number))

    def _forget(self, number: str) -> None:
        del self.recent[number]
        self.changed.add(("recent", number))

    def restore(self, calls: list[Call], recent: list[Recent]) -> None:
        self.calls = {call.id: call for call in calls}
        self.recent = {one.number: one for one in sorted(recent, key=lambda one: one.until)}
        for call in calls:
            self._arm(call)
