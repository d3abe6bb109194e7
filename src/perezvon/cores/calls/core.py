"""What is done with a call, from the first ring to the last word written about it.

**Theory.** The switch tells what happened to legs, people tell what they want, routing tells who is to be rung.
Each of these is an event; the answer to each is a list of commands to the switch, facts for the history and
events for routing. Nothing waits: what must happen later is a time in the call (`announce_at`) or a lease in
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

Illegal requests are refused with a code and change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from perezvon.cores.calls import requests
from perezvon.cores.calls.model import Call, Leg, legal_acts
from perezvon.cores.calls.turn import Turn
from perezvon.cores.calls.words import (
    Act,
    AgentMoved,
    CallOut,
    CallRequest,
    ContactBegan,
    ContactEnded,
    Direction,
    LineSet,
    Phase,
    RecordingBegan,
    RecordingReady,
    RecordingRefused,
    Request,
    Role,
    Stretch,
    Target,
    WrapUpOver,
)
from perezvon.cores.routing import words as routing
from perezvon.kernel.ids import AgentId, CallId, LegId
from perezvon.kernel.phone import parse_phone
from perezvon.ports import telephony as port

NO_RECORDING_KEY = "0"


@dataclass(slots=True)
class Recent:
    """A conversation that broke off: whoever calls from this number before `until` goes back to `agent`."""

    number: str
    agent: AgentId
    call_id: CallId
    until: datetime


class CallsCore:
    """All calls of a site."""

    def __init__(self) -> None:
        self.lines: dict[str, LineSet] = {}
        self.calls: dict[CallId, Call] = {}
        self.recent: dict[str, Recent] = {}
        self.touched: set[tuple[str, str]] = set()

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

    def next_wakeup(self) -> datetime | None:
        return min((call.announce_at for call in self.calls.values() if call.announce_at), default=None)

    # --- a call comes in --------------------------------------------------------------------------

    def _offered(self, event: port.Offered, turn: Turn) -> None:
        if event.call_id in self.calls:
            return
        line = self.lines.get(event.line)
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
            queue=line.queue if line else None,
            record=event.record and (line.record if line else False),
        )
        call.legs.append(Leg(event.leg_id, Role.CUSTOMER, call.number or "", delivered=True))
        self._remember(call)
        if line is None:
            turn.do(call, port.Clear, leg_id=event.leg_id, cause=port.Cause.UNREACHABLE)
            self.calls.pop(call.id)
            return
        again = self._returning(call, turn.now)
        turn.fact(
            call,
            ContactBegan,
            direction=call.direction,
            line=call.line,
            queue=call.queue,
            number=call.number,
            continues=again,
        )
        if not event.record:
            turn.fact(call, RecordingRefused)
        turn.begin(call, Stretch.GREETING)
        turn.do(call, port.Answer, leg_id=event.leg_id)

    def _returning(self, call: Call, now: datetime) -> bool:
        """Whether this caller was cut off a moment ago; then his operator is preferred, his contact goes on."""
        recent = self.recent.pop(call.number, None) if call.number else None
        if recent is None or recent.until <= now:
            return False
        self.touched.add(("recent", recent.number))
        call.preferred = recent.agent
        last = self.calls.get(recent.call_id)
        if last is None or last.wrapped:
            return False
        call.contact_id = last.contact_id
        return True

    def _greet(self, call: Call, leg: Leg, turn: Turn) -> None:
        line = self.lines[call.line]
        notice = line.notice if call.record else ("not_recorded",) if line.record else ()
        prompts = (*line.greeting, *notice)
        if call.preferred is not None or not prompts:
            self._enqueue(call, turn)
        else:
            call.greeting = turn.do(call, port.Play, leg_id=leg.id, prompts=prompts, language=line.language)

    def _enqueue(self, call: Call, turn: Turn) -> None:
        line = self.lines[call.line]
        turn.end(call, Stretch.GREETING)
        turn.begin(call, Stretch.QUEUE)
        turn.enter(call, Phase.QUEUED)
        call.greeting, call.queued_at = None, turn.now
        call.announce_at = turn.now + timedelta(seconds=line.announce_every_s) if line.announce_every_s else None
        back = call.preferred is not None
        turn.route(
            routing.Queued(
                item=call.item,
                queue=call.queue or line.queue,
                boost_s=requests.TRANSFER_BOOST_S if back else 0.0,
                preferred=call.preferred,
                patience_s=line.patience_s if back else 0.0,
            )
        )
        if call.preferred is not None and call.contact_id != call.id:
            turn.route(routing.Reopened(item=f"call:{call.contact_id}", agent=call.preferred))

    def announce(self, turn: Turn, position: dict[CallId, int | None]) -> None:
        """Tell those who wait their place. position: as routing knows it, by call."""
        for call in [*self.calls.values()]:
            if call.announce_at is None or call.announce_at > turn.now:
                continue
            line, place, customer = self.lines.get(call.line), position.get(call.id), call.customer
            waits = call.phase is Phase.QUEUED and line and customer
            call.announce_at = turn.now + timedelta(seconds=line.announce_every_s) if waits and line else None
            if waits and line and customer and place is not None:
                prompts = ("place_in_queue", f"number.{place}") if place <= 20 else ("please_wait",)
                turn.do(call, port.Play, leg_id=customer.id, prompts=prompts, language=line.language)
            self._remember(call)

    # --- what the switch says about a call --------------------------------------------------------

    def _on_call(self, event: port.CallEvent, turn: Turn) -> None:
        if isinstance(event, port.RecordingStopped):
            self._recorded(event, turn)
            return
        call = self.calls.get(event.call_id)
        if call is None:
            return
        if isinstance(event, port.CommandRefused):
            self._refused(call, event, turn)
        elif isinstance(event, port.LegEvent):
            leg = call.leg(event.leg_id)
            if leg is None:
                return
            self._on_leg(call, leg, event, turn)
        self._remember(call)

    def _on_leg(self, call: Call, leg: Leg, event: port.LegEvent, turn: Turn) -> None:
        match event:
            case port.Delivered():
                leg.delivered = True
            case port.Established():
                leg.delivered = leg.answered = True
                self._established(call, leg, turn)
            case port.Joined():
                leg.joined = True
                self._customer_back(call, leg, turn)
            case port.Held():
                leg.joined = False
                self._customer_held(call, leg, turn)
            case port.Muted(muted=muted):
                leg.muted = muted
            case port.Digits(digits=keys):
                self._pressed(call, leg, keys, turn)
            case port.PromptEnded(command_id=command_id):
                if command_id == call.greeting and call.phase is Phase.GREETING:
                    self._enqueue(call, turn)
            case port.ConnectionCleared():
                call.legs.remove(leg)
                self._gone(call, leg, event, turn)

    def _established(self, call: Call, leg: Leg, turn: Turn) -> None:
        if leg.role is Role.CUSTOMER and call.phase is Phase.GREETING:
            self._greet(call, leg, turn)
        elif leg.role is Role.CUSTOMER and call.phase is Phase.DIALLING:
            turn.end(call, Stretch.DIAL, outcome="answered")
            self._talk(call, turn)
        elif leg.role is Role.AGENT and call.phase is Phase.RINGING and leg.agent is not None:
            turn.end(call, Stretch.RING, outcome="answered", agent=leg.agent)
            turn.end(call, Stretch.QUEUE, outcome="answered")
            turn.route(routing.Accepted(item=call.item, agent=leg.agent))
            call.owner = leg.agent
            self._talk(call, turn)
        elif leg.role is Role.AGENT and call.phase is Phase.DIALLING:
            turn.join(call, leg)
            self._dial_customer(call, turn)
        elif leg.role is Role.COLLEAGUE:
            turn.join(call, leg)
            if call.phase is Phase.QUEUED:  # a blind transfer to an outside number
                turn.join(call, call.customer)
                turn.enter(call, Phase.TALKING)

    def _talk(self, call: Call, turn: Turn) -> None:
        for leg in call.legs:
            turn.join(call, leg)
        if call.owner is not None:
            turn.begin(call, Stretch.TALK, call.owner)
        turn.enter(call, Phase.TALKING)
        call.answered_at = call.answered_at or turn.now
        call.announce_at = None
        if call.record and call.recording is None:
            call.recording, call.recording_open = turn.new_id(), True
            turn.do(call, port.StartRecording, recording_id=call.recording)
            turn.fact(call, RecordingBegan, recording_id=call.recording)

    def _customer_held(self, call: Call, leg: Leg, turn: Turn) -> None:
        if leg.role is Role.CUSTOMER and call.phase is Phase.TALKING and call.owner is not None:
            turn.end(call, Stretch.TALK, agent=call.owner)
            turn.begin(call, Stretch.HOLD, call.owner)
            turn.enter(call, Phase.HELD)

    def _customer_back(self, call: Call, leg: Leg, turn: Turn) -> None:
        if leg.role is Role.CUSTOMER and call.phase is Phase.HELD and call.owner is not None:
            turn.end(call, Stretch.HOLD, agent=call.owner)
            turn.begin(call, Stretch.TALK, call.owner)
            turn.enter(call, Phase.TALKING)

    def _pressed(self, call: Call, leg: Leg, keys: str, turn: Turn) -> None:
        if leg.role is Role.CUSTOMER and call.phase is Phase.GREETING and NO_RECORDING_KEY in keys and call.record:
            call.record = False
            turn.fact(call, RecordingRefused)
            line = self.lines[call.line]
            call.greeting = turn.do(call, port.Play, leg_id=leg.id, prompts=("not_recorded",), language=line.language)

    # --- someone leaves ---------------------------------------------------------------------------

    def _gone(self, call: Call, leg: Leg, event: port.ConnectionCleared, turn: Turn) -> None:
        if call.is_over:
            return
        if leg.role is Role.CUSTOMER:
            self._customer_gone(call, leg, event, turn)
        elif leg.role is Role.COLLEAGUE:
            self._colleague_gone(call, leg, event, turn)
        elif not leg.answered and call.phase is Phase.RINGING and leg.agent is not None:
            missed = event.cause is not port.Cause.DECLINED
            turn.route(routing.Declined(item=call.item, agent=leg.agent, missed=missed))
        elif call.phase is Phase.DIALLING:
            self._over(call, turn, "failed" if not leg.answered else "agent", event.cause)
        elif event.cause is port.Cause.LINK_LOST and leg.agent is not None:
            self._agent_lost(call, leg.agent, turn)
        else:
            self._agent_leaves(call, leg, turn)

    def _customer_gone(self, call: Call, leg: Leg, event: port.ConnectionCleared, turn: Turn) -> None:
        if call.phase is Phase.DIALLING and not leg.answered:
            self._over(call, turn, "failed", event.cause)
        elif call.answered_at is None:
            self._over(call, turn, "abandoned", event.cause)
        else:
            lost = event.cause is port.Cause.LINK_LOST
            self._over(call, turn, "link" if lost else "customer", event.cause)
            line = self.lines.get(call.line)
            if call.number and call.owner is not None and line:
                until = turn.now + timedelta(seconds=line.return_s)
                self.recent[call.number] = Recent(call.number, call.owner, call.id, until)
                self.touched.add(("recent", call.number))

    def _colleague_gone(self, call: Call, leg: Leg, event: port.ConnectionCleared, turn: Turn) -> None:
        """The consulted one left or never answered; in a conference the others go on."""
        if leg.agent is not None:
            turn.end(call, Stretch.TALK, agent=leg.agent)
            turn.route(routing.Finished(item=call.item, agent=leg.agent, wrap_up=False))
        if call.phase is Phase.CONSULTING:
            requests.end_consultation(turn, call, outcome="" if leg.answered else event.cause.value)
        elif call.owner is None:  # a blind transfer to an outside number came to nothing
            self._over(call, turn, "transferred" if leg.answered else "failed", event.cause)

    def _agent_leaves(self, call: Call, leg: Leg, turn: Turn) -> None:
        """The operator hangs up: a conference goes on without him, otherwise the call is over."""
        if leg.agent is not None and call.colleague and call.colleague.answered:
            turn.clear(call, leg)
            requests.hand_over(turn, call, leg.agent, outcome="left")
            turn.join(call, call.customer)
        else:
            self._over(call, turn, "agent", port.Cause.NORMAL)

    def _agent_lost(self, call: Call, agent: AgentId, turn: Turn) -> None:
        """The operator's line broke, not the customer's: he waits in first place, for the same operator."""
        turn.hold(call, call.customer)
        turn.end(call, Stretch.TALK, Stretch.HOLD, Stretch.CONSULT, outcome="link_lost", agent=agent)
        turn.route(routing.Finished(item=call.item, agent=agent, wrap_up=False))
        requests.send_to(turn, call, Target(agent=agent))

    def _over(self, call: Call, turn: Turn, ended_by: str, cause: port.Cause) -> None:
        """The conversation is over: everyone's leg is cleared, its operator has the wrap-up."""
        answered = call.answered_at is not None
        outcome = ended_by if not answered else ""
        for leg in [*call.legs]:
            turn.clear(call, leg)
            if leg.role is Role.COLLEAGUE and leg.agent is not None:
                turn.route(routing.Finished(item=call.item, agent=leg.agent, wrap_up=False))
        for item in (call.item, f"consult:{call.id}"):
            turn.route(routing.Withdrawn(item=item))
        kept = {Stretch.WRAP_UP}
        turn.end(call, *(kind for kind in Stretch if kind not in kept), outcome=outcome)
        turn.enter(call, Phase.ENDED)
        call.ended_at, call.ended_by, call.cause, call.announce_at = turn.now, ended_by, cause.value, None
        turn.fact(call, ContactEnded, ended_by=ended_by, cause=cause.value if cause is not port.Cause.NORMAL else "")
        if call.owner is not None:
            turn.begin(call, Stretch.WRAP_UP, call.owner)
            turn.route(routing.Finished(item=call.item, agent=call.owner))
        else:
            call.wrapped = True
        self._forget_if_done(call)

    # --- people -----------------------------------------------------------------------------------

    def _request(self, asked: CallRequest, turn: Turn) -> None:
        call = self.calls.get(asked.call_id)
        code = self._objection(call, asked, turn.now)
        if code or call is None:
            turn.refuse(asked, code or "gone", call)
            return
        leg = call.leg_of(asked.agent)
        if leg is None:
            return
        turn.on_behalf_of(asked)
        if asked.act is Act.HANG_UP:
            if leg.role is Role.COLLEAGUE:
                turn.clear(call, leg)
                cleared = port.ConnectionCleared(
                    event_id=asked.request_id,
                    call_id=call.id,
                    at=turn.now,
                    leg_id=leg.id,
                    cause=port.Cause.NORMAL,
                    by_party=True,
                )
                self._colleague_gone(call, leg, cleared, turn)
            else:
                self._agent_leaves(call, leg, turn)
        else:
            requests.STEPS[asked.act](turn, call, leg, asked)
        self._remember(call)

    def _objection(self, call: Call | None, asked: CallRequest, now: datetime) -> str:
        """Why the request can't be carried out, or "" when it can."""
        if call is None:
            return "gone"
        if expired(asked, now):
            return "expired"
        if asked.act not in legal_acts(call, asked.agent):
            return "not_possible" if asked.seen in {None, call.version} else "outdated"
        if asked.act in requests.NEEDS_TARGET and not asked.target:
            return "no_target"
        if asked.target.agent == asked.agent:
            return "no_target"
        return ""

    def _call_out(self, asked: CallOut, turn: Turn) -> None:
        line = self.lines.get(asked.line)
        phone = parse_phone(asked.number)
        if asked.call_id in self.calls:
            return
        if line is None or phone is None or expired(asked, turn.now):
            turn.refuse(asked, "no_line" if line is None else "invalid_number" if phone is None else "expired")
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
        self._remember(call)
        turn.on_behalf_of(asked)
        turn.fact(
            call,
            ContactBegan,
            direction=call.direction,
            line=call.line,
            queue=call.queue,
            number=call.number,
            agent=asked.agent,
            continues=asked.continues is not None,
        )
        turn.begin(call, Stretch.DIAL, asked.agent)
        turn.route(routing.Taken(item=call.item, agent=asked.agent, queue=call.queue))
        turn.dial_agent(call, asked.agent, Role.AGENT, ring_s=requests.CONSULT_RING_S, at_once=True)

    def _dial_customer(self, call: Call, turn: Turn) -> None:
        if call.customer is None and call.number:
            leg = Leg(LegId(turn.new_id()), Role.CUSTOMER, call.number)
            call.legs.append(leg)
            shown = self.lines[call.line].shown or call.line
            turn.do(call, port.Dial, leg_id=leg.id, to=call.number, shown=shown, ring_s=45.0)

    # --- routing ----------------------------------------------------------------------------------

    def _routed(self, event: routing.Offer | routing.OfferEnded | routing.WrapUpEnded, turn: Turn) -> None:
        kind, _, key = event.item.partition(":")
        call = self.calls.get(CallId(UUID(key))) if kind in {"call", "consult"} else None
        if call is None:
            return
        match event:
            case routing.Offer() if kind == "consult":
                ring_s = (event.until - turn.now).total_seconds()
                turn.dial_agent(call, event.agent, Role.COLLEAGUE, ring_s=ring_s)
                turn.route(routing.Taken(item=call.item, agent=event.agent, queue=event.queue))
            case routing.Offer():
                turn.begin(call, Stretch.RING, event.agent)
                turn.enter(call, Phase.RINGING)
                turn.dial_agent(call, event.agent, Role.AGENT, ring_s=(event.until - turn.now).total_seconds())
            case routing.OfferEnded():
                self._offer_ended(call, event, turn)
            case routing.WrapUpEnded():
                turn.end(call, Stretch.WRAP_UP, outcome="timeout" if event.timed_out else "", agent=event.agent)
                turn.fact(call, WrapUpOver, agent=event.agent, timed_out=event.timed_out)
                call.wrapped = call.wrapped or (call.is_over and event.agent == call.owner)
                self._forget_if_done(call)
        self._remember(call)

    def _offer_ended(self, call: Call, event: routing.OfferEnded, turn: Turn) -> None:
        leg = call.leg_of(event.agent)
        turn.end(call, Stretch.RING, outcome="missed" if event.missed else "declined", agent=event.agent)
        if leg and not leg.answered:
            turn.clear(call, leg)
        if call.phase is Phase.RINGING:
            turn.enter(call, Phase.QUEUED)

    # --- the switch was away ----------------------------------------------------------------------

    def _compare(self, snapshot: port.Snapshot, turn: Turn) -> None:
        """Legs that the switch no longer knows are gone; calls that we do not know are cleared.

        Only calls on lines of that switch: another one's are none of its business.
        """
        known = {seen.call_id: {leg.leg_id: leg for leg in seen.legs} for seen in snapshot.calls}
        for call in [*self.calls.values()]:
            line = self.lines.get(call.line)
            if snapshot.switch and line and line.switch and line.switch != snapshot.switch:
                continue
            for leg in [*call.legs] if not call.is_over else []:
                state = known.get(call.id, {}).get(leg.id)
                if state is None and leg in call.legs and not call.is_over:
                    self._lost(call, leg, turn)
                elif state and state.answered and not leg.answered:
                    leg.delivered = leg.answered = True
                    self._established(call, leg, turn)
            self._remember(call)
        for seen in snapshot.calls:
            if seen.call_id not in self.calls:
                for stranger in seen.legs:
                    turn.out.append(port.Clear(command_id=turn.new_id(), call_id=seen.call_id, leg_id=stranger.leg_id))

    def _lost(self, call: Call, leg: Leg, turn: Turn) -> None:
        call.legs.remove(leg)
        cleared = port.ConnectionCleared(
            event_id=turn.new_id(),
            call_id=call.id,
            at=turn.now,
            leg_id=leg.id,
            cause=port.Cause.LINK_LOST,
            by_party=False,
        )
        self._gone(call, leg, cleared, turn)

    def _refused(self, call: Call, event: port.CommandRefused, turn: Turn) -> None:
        for pending in [*call.pending]:
            if pending.command_id == event.command_id:
                call.pending.remove(pending)
                asked = Request(request_id=pending.request_id, agent=pending.agent)
                turn.refuse(asked, event.reason or "refused", call)

    def _recorded(self, event: port.RecordingStopped, turn: Turn) -> None:
        call = self.calls.get(event.call_id)
        contact_id = call.contact_id if call else event.call_id
        turn.out.append(
            RecordingReady(
                contact_id=contact_id,
                call_id=event.call_id,
                at=turn.now,
                recording_id=event.recording_id,
                path=event.path,
                seconds=event.seconds,
            )
        )
        if call:
            call.recording_open = False
            self._forget_if_done(call)

    # --- memory -----------------------------------------------------------------------------------

    def _remember(self, call: Call) -> None:
        """Mark the call as changed, once a turn; its version tells desks that what they show is old."""
        key = ("call", str(call.id))
        if key not in self.touched:
            call.version += 1
            self.touched.add(key)
        if call.id not in self.calls and not (call.is_over and call.wrapped):
            self.calls[call.id] = call

    def _forget_if_done(self, call: Call) -> None:
        """An ended call is kept until its contact is written up and its recording is in."""
        if call.is_over and call.wrapped and not call.recording_open:
            self.touched.add(("call", str(call.id)))
            self.calls.pop(call.id, None)

    def restore(self, calls: list[Call], recent: list[Recent]) -> None:
        self.calls = {call.id: call for call in calls}
        self.recent = {one.number: one for one in recent}


def expired(asked: Request, now: datetime) -> bool:
    return asked.expires_at is not None and asked.expires_at < now
