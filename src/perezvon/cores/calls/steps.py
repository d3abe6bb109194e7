"""What a call goes through, whoever brought it about: waiting, talking, being handed over, ending."""

from __future__ import annotations

from datetime import datetime, timedelta

from perezvon.cores.calls.model import Call, Leg
from perezvon.cores.calls.turn import Turn
from perezvon.cores.calls.words import (
    ContactEnded,
    Phase,
    RecordingBegan,
    RecordingRefused,
    Role,
    Stretch,
    Target,
    WrapUpOver,
)
from perezvon.cores.routing import words as routing
from perezvon.kernel.ids import AgentId
from perezvon.ports import telephony as port

TRANSFER_RING_S = 30.0
TRANSFER_PATIENCE_S = 20.0
# Who has been talked to already goes before those who have not: an hour of waiting is worth it.
TRANSFER_BOOST_S = 3600.0

WAITING = (Stretch.GREETING, Stretch.QUEUE, Stretch.RING, Stretch.DIAL)
WORKING = (Stretch.TALK, Stretch.HOLD, Stretch.CONSULT)


# --- waiting ----------------------------------------------------------------------------------------


def greet(turn: Turn, call: Call, leg: Leg) -> None:
    """Greeting and the notice about recording; who is back after a moment has heard them."""
    line = turn.line(call)
    notice = line.notice if call.record else ("not_recorded",) if line.record else ()
    prompts = (*line.greeting, *notice)
    if call.preferred is not None or not prompts:
        enqueue(turn, call)
    else:
        call.greeting = turn.do(call, port.Play, leg_id=leg.id, prompts=prompts, language=line.language)


def enqueue(turn: Turn, call: Call) -> None:
    """The greeting is over. Who was cut off a moment ago waits for his operator, before all others."""
    turn.end(call, Stretch.GREETING)
    call.greeting = None
    if call.preferred is None:
        wait(turn, call)
    else:
        resumed = f"call:{call.resumes}" if call.resumes else None
        wait(turn, call, preferred=call.preferred, patience_s=turn.line(call).patience_s, reopens=resumed)


def wait(
    turn: Turn,
    call: Call,
    *,
    preferred: AgentId | None = None,
    patience_s: float = 0.0,
    reopens: str | None = None,
    passed_by: frozenset[AgentId] = frozenset(),
) -> None:
    """The customer waits for an operator of `call.queue`."""
    is_first_wait = call.queued_at is None and preferred is None
    call.queue = turn.line(call).queue if call.queue is None else call.queue
    turn.begin(call, Stretch.QUEUE)
    turn.enter(call, Phase.QUEUED)
    call.queued_at, call.preferred, call.announce_at = turn.now, preferred, next_announcement(turn, call)
    turn.route(
        routing.Queued(
            item=call.item,
            queue=call.queue,
            boost_s=0.0 if is_first_wait else TRANSFER_BOOST_S,
            preferred=preferred,
            patience_s=patience_s,
            reopens=reopens,
            passed_by=passed_by,
        )
    )


def next_announcement(turn: Turn, call: Call) -> datetime | None:
    every_s = turn.line(call).announce_every_s
    return turn.now + timedelta(seconds=every_s) if every_s > 0 else None


def announce(turn: Turn, call: Call, place: int | None) -> None:
    """Tell the customer his place in the queue. place: None while somebody is being rung for him."""
    customer = call.customer
    call.announce_at = next_announcement(turn, call) if call.phase in {Phase.QUEUED, Phase.RINGING} else None
    if call.phase is Phase.QUEUED and customer and place is not None:
        prompts = ("place_in_queue", f"number.{place}") if place <= 20 else ("please_wait",)
        turn.do(call, port.Play, leg_id=customer.id, prompts=prompts, language=turn.line(call).language)


def do_not_record(turn: Turn, call: Call, customer: Leg) -> None:
    """As he wishes; in the greeting this is said instead of what is left of it."""
    call.record = False
    turn.fact(call, RecordingRefused)
    line = turn.line(call)
    said = turn.do(call, port.Play, leg_id=customer.id, prompts=("not_recorded",), language=line.language)
    if call.phase is Phase.GREETING:
        call.greeting = said


def send_to(turn: Turn, call: Call, target: Target, *, leaving: AgentId) -> None:
    """Let the customer wait for someone else: one operator first, a group, or an outside number."""
    end_all_supervision(turn, call)
    call.owner = None
    call.brought_by = leaving if leaving != target.agent else None
    turn.end(call, Stretch.QUEUE, outcome="redirected")
    if target.number is not None:
        call.announce_at = None
        turn.begin(call, Stretch.DIAL)
        turn.enter(call, Phase.DIALLING)
        turn.dial_number(call, target.number, Role.COLLEAGUE, ring_s=TRANSFER_RING_S)
    elif target.agent is not None:
        wait(turn, call, preferred=target.agent, patience_s=TRANSFER_PATIENCE_S, reopens=call.item)
    else:
        call.queue = target.queue if target.queue is not None else call.queue
        wait(turn, call, passed_by=frozenset({leaving}))


# --- talking ----------------------------------------------------------------------------------------


def talk(turn: Turn, call: Call) -> None:
    """Customer and operator hear each other; the recording begins with the first who answers."""
    for leg in call.legs:
        turn.join(call, leg)
    turn.begin(call, Stretch.TALK, call.owner)
    turn.enter(call, Phase.TALKING)
    call.answered_at = call.answered_at or turn.now
    call.announce_at = None
    if call.record and call.recording is None:
        call.recording, call.recording_open = turn.new_id(), True
        call.recording_asked = turn.do(call, port.StartRecording, recording_id=call.recording)
        turn.fact(call, RecordingBegan, recording_id=call.recording)


def end_consultation(turn: Turn, call: Call, *, outcome: str) -> None:
    """The colleague goes, the customer comes back to the operator."""
    drop_colleague(turn, call)
    turn.end(call, Stretch.CONSULT, outcome=outcome)
    turn.join(call, call.customer)
    turn.begin(call, Stretch.TALK, call.owner)
    turn.enter(call, Phase.TALKING)


def drop_colleague(turn: Turn, call: Call) -> None:
    """Whoever was consulted, sought or in conference is out of it."""
    colleague, call.consult_queue = call.colleague, None
    turn.route(routing.Withdrawn(item=call.consult_item))
    if colleague:
        turn.clear(call, colleague)
        if colleague.agent is not None:
            turn.end(call, Stretch.TALK, agent=colleague.agent)
            turn.route(routing.Finished(item=call.consult_item, agent=colleague.agent, wrap_up=False))


def hand_over(
    turn: Turn, call: Call, colleague: Leg, leaving: AgentId, *, outcome: str, instead_of: str | None = None
) -> None:
    """`leaving` is out and writes up his part; the colleague becomes the operator of this contact.

    instead_of: what the colleague has in hand so far, unless it is the consultation.
    """
    turn.end(call, *WORKING, outcome=outcome, agent=leaving)
    write_up(turn, call, leaving)
    colleague.role, call.owner = Role.AGENT, colleague.agent
    if not any(one.kind is Stretch.TALK and one.agent == colleague.agent for one in call.segments):
        turn.begin(call, Stretch.TALK, colleague.agent)
    if colleague.agent is not None:
        had = instead_of or call.consult_item
        turn.route(routing.Taken(item=call.item, agent=colleague.agent, queue=call.queue, instead_of=had))
    turn.join(call, call.customer)
    turn.enter(call, Phase.TALKING)
    turn.move(call)


def write_up(turn: Turn, call: Call, agent: AgentId) -> None:
    turn.begin(call, Stretch.WRAP_UP, agent)
    turn.route(routing.Finished(item=call.item, agent=agent))


def end_supervision(turn: Turn, call: Call, leg: Leg) -> None:
    """A supervisor leaves; nobody else notices."""
    turn.clear(call, leg)
    if leg.agent is not None:
        turn.route(routing.Finished(item=call.watch_item, agent=leg.agent, wrap_up=False))


def take_over(turn: Turn, call: Call, leg: Leg) -> None:
    """The conversation is the supervisor's from here on; its operator writes up his part."""
    leaving = call.leg_of(call.owner) if call.owner is not None else None
    if leaving is None or leaving.agent is None or leg.agent is None:
        return
    leg.mode, leg.takes_over = None, False
    drop_colleague(turn, call)
    turn.clear(call, leaving)
    had = call.watch_item
    hand_over(turn, call, leg, leaving.agent, outcome="taken_over", instead_of=had)


def end_all_supervision(turn: Turn, call: Call) -> None:
    """The conversation that they came to is over or goes elsewhere."""
    for leg in call.supervisors:
        end_supervision(turn, call, leg)


# --- someone leaves ---------------------------------------------------------------------------------


def gone(turn: Turn, call: Call, leg: Leg, cause: port.Cause) -> None:
    """A leg is no more, and no longer among the call's."""
    if call.is_over:
        return
    if leg.role is Role.CUSTOMER:
        _customer_gone(turn, call, leg, cause)
    elif leg.role is Role.COLLEAGUE:
        colleague_gone(turn, call, leg, cause)
    elif leg.role is Role.SUPERVISOR:
        end_supervision(turn, call, leg)
    elif call.phase is Phase.RINGING and leg.agent is not None:
        missed = cause is not port.Cause.DECLINED
        turn.route(routing.Declined(item=call.item, agent=leg.agent, missed=missed))
    elif call.phase is Phase.DIALLING:
        over(turn, call, "agent" if leg.answered else "failed", cause, write_up_too=leg.answered)
    elif cause is port.Cause.LINK_LOST and leg.agent is not None:
        _agent_lost(turn, call, leg.agent)
    else:
        agent_leaves(turn, call, leg)


def _customer_gone(turn: Turn, call: Call, leg: Leg, cause: port.Cause) -> None:
    if call.phase is Phase.DIALLING and not leg.answered:
        over(turn, call, "failed", cause)
    elif call.answered_at is None:
        over(turn, call, "abandoned", cause)
    else:
        over(turn, call, "link" if cause is port.Cause.LINK_LOST else "customer", cause)


def colleague_gone(turn: Turn, call: Call, leg: Leg, cause: port.Cause) -> None:
    """The consulted one left or never answered; in a conference the others go on."""
    if call.phase is Phase.DIALLING:  # an outside number that cannot be reached: the customer must not pay for it
        turn.end(call, Stretch.DIAL, outcome=cause.value)
        wait(turn, call)
    elif call.consult_queue is not None and leg.agent is not None:
        missed = cause is not port.Cause.DECLINED
        turn.route(routing.Declined(item=call.consult_item, agent=leg.agent, missed=missed))
    else:
        if leg.agent is not None:
            turn.end(call, Stretch.TALK, agent=leg.agent)
            turn.route(routing.Finished(item=call.consult_item, agent=leg.agent, wrap_up=False))
        if call.phase is Phase.CONSULTING:
            end_consultation(turn, call, outcome="" if leg.answered else cause.value)
            call.unreached = "" if leg.answered else leg.address
        turn.move(call)


def agent_leaves(turn: Turn, call: Call, leg: Leg, *, outcome: str = "left") -> None:
    """The operator hangs up: a conference goes on without him, otherwise the call is over."""
    colleague = call.colleague
    if leg.agent is not None and colleague and colleague.answered:
        turn.clear(call, leg)
        hand_over(turn, call, colleague, leg.agent, outcome=outcome)
    else:
        ended_by = "transferred" if leg.agent is None else "agent"
        over(turn, call, ended_by, port.Cause.NORMAL, write_up_too=leg.answered)


def _agent_lost(turn: Turn, call: Call, agent: AgentId) -> None:
    """The operator's line broke, not the customer's: he waits in first place, for the same operator."""
    colleague = call.colleague
    if call.phase is Phase.TALKING and colleague and colleague.answered:
        hand_over(turn, call, colleague, agent, outcome="link_lost")
        return
    drop_colleague(turn, call)
    turn.hold(call, call.customer)
    turn.end(call, *WORKING, outcome="link_lost", agent=agent)
    send_to(turn, call, Target(agent=agent), leaving=agent)
    turn.route(routing.Finished(item=call.item, agent=agent, wrap_up=False))


def over(turn: Turn, call: Call, ended_by: str, cause: port.Cause, *, write_up_too: bool = True) -> None:
    """The conversation is over: everyone's leg is cleared, its operator has the wrap-up."""
    drop_colleague(turn, call)
    end_all_supervision(turn, call)
    for leg in [*call.legs]:
        turn.clear(call, leg)
    turn.route(routing.Withdrawn(item=call.item))
    turn.end(call, *WAITING, outcome={"failed": cause.value, "agent": "cancelled"}.get(ended_by, "abandoned"))
    turn.end(call, *WORKING)
    turn.enter(call, Phase.ENDED)
    call.ended_at, call.ended_by, call.cause, call.announce_at = turn.now, ended_by, cause.value, None
    turn.fact(call, ContactEnded, ended_by=ended_by, cause="" if cause is port.Cause.NORMAL else cause.value)
    if call.owner is not None and write_up_too:
        write_up(turn, call, call.owner)
        return
    call.wrapped = True
    if call.owner is not None:
        turn.route(routing.Finished(item=call.item, agent=call.owner, wrap_up=False))
        turn.fact(call, WrapUpOver, agent=call.owner, timed_out=False)
