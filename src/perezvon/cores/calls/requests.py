"""What an operator's click makes of a call. Each function is one button."""

from __future__ import annotations

from collections.abc import Callable

from perezvon.cores.calls.model import Call, Leg
from perezvon.cores.calls.turn import Turn
from perezvon.cores.calls.words import Act, CallRequest, Phase, Role, Stretch, Target
from perezvon.cores.routing import words as routing
from perezvon.kernel.ids import AgentId, LegId
from perezvon.ports import telephony as port

CONSULT_RING_S = 30.0
TRANSFER_PATIENCE_S = 20.0
# Who has been talked to already goes before those who have not: an hour of waiting is worth it.
TRANSFER_BOOST_S = 3600.0

type Step = Callable[[Turn, Call, Leg, CallRequest], None]


def answer(turn: Turn, call: Call, leg: Leg, _: CallRequest) -> None:
    turn.do(call, port.Answer, leg_id=leg.id)


def decline(turn: Turn, call: Call, leg: Leg, asked: CallRequest) -> None:
    if leg.role is Role.COLLEAGUE:
        end_consultation(turn, call, outcome="declined")
    else:
        turn.route(routing.Declined(item=call.item, agent=asked.agent))


def redirect(turn: Turn, call: Call, leg: Leg, asked: CallRequest) -> None:
    """Send a ringing call elsewhere without answering it."""
    turn.end(call, Stretch.RING, outcome="redirected", agent=asked.agent)
    turn.clear(call, leg)
    turn.route(routing.Withdrawn(item=call.item))
    send_to(turn, call, asked.target)


def hold(turn: Turn, call: Call, _: Leg, __: CallRequest) -> None:
    turn.hold(call, call.customer)


def retrieve(turn: Turn, call: Call, _: Leg, __: CallRequest) -> None:
    turn.join(call, call.customer)


def mute(turn: Turn, call: Call, leg: Leg, asked: CallRequest) -> None:
    turn.do(call, port.Mute, leg_id=leg.id, muted=asked.act is Act.MUTE)


def digits(turn: Turn, call: Call, _: Leg, asked: CallRequest) -> None:
    if call.customer:
        turn.do(call, port.SendDigits, leg_id=call.customer.id, digits=asked.digits)


def pause_recording(turn: Turn, call: Call, _: Leg, asked: CallRequest) -> None:
    if call.recording:
        call.recording_paused = asked.act is Act.PAUSE_RECORDING
        turn.do(call, port.PauseRecording, recording_id=call.recording, paused=call.recording_paused)


def consult(turn: Turn, call: Call, _: Leg, asked: CallRequest) -> None:
    """Customer hears music; a colleague is rung into the conversation."""
    turn.hold(call, call.customer)
    turn.end(call, Stretch.TALK, Stretch.HOLD, agent=asked.agent)
    turn.begin(call, Stretch.CONSULT, asked.agent)
    turn.enter(call, Phase.CONSULTING)
    target = asked.target
    if target.agent is not None:
        turn.dial_agent(call, target.agent, Role.COLLEAGUE, ring_s=CONSULT_RING_S)
        turn.route(routing.Taken(item=call.item, agent=target.agent, queue=call.queue))
    elif target.queue is not None:
        turn.route(routing.Queued(item=f"consult:{call.id}", queue=target.queue, boost_s=TRANSFER_BOOST_S))
    elif target.number is not None:
        leg = Leg(LegId(turn.new_id()), Role.COLLEAGUE, target.number)
        call.legs.append(leg)
        turn.do(call, port.Dial, leg_id=leg.id, to=target.number, shown=call.line, ring_s=CONSULT_RING_S)


def cancel_consult(turn: Turn, call: Call, _: Leg, __: CallRequest) -> None:
    end_consultation(turn, call, outcome="cancelled")


def end_consultation(turn: Turn, call: Call, *, outcome: str) -> None:
    """The colleague goes, the customer comes back to the operator."""
    colleague, owner = call.colleague, call.owner
    turn.route(routing.Withdrawn(item=f"consult:{call.id}"))
    if colleague:
        turn.clear(call, colleague)
        if colleague.agent is not None:
            turn.route(routing.Finished(item=call.item, agent=colleague.agent, wrap_up=False))
    turn.end(call, Stretch.CONSULT, outcome=outcome)
    turn.join(call, call.customer)
    if owner is not None and not any(segment.kind is Stretch.TALK for segment in call.segments):
        turn.begin(call, Stretch.TALK, owner)
    turn.enter(call, Phase.TALKING)


def complete_transfer(turn: Turn, call: Call, leg: Leg, asked: CallRequest) -> None:
    """The colleague has the customer from here on."""
    turn.clear(call, leg)
    hand_over(turn, call, asked.agent, outcome="transferred")
    turn.join(call, call.customer)


def conference(turn: Turn, call: Call, _: Leg, asked: CallRequest) -> None:
    turn.join(call, call.customer)
    turn.end(call, Stretch.CONSULT, outcome="conference")
    turn.begin(call, Stretch.TALK, asked.agent)
    if call.colleague and call.colleague.agent is not None:
        turn.begin(call, Stretch.TALK, call.colleague.agent)
    turn.enter(call, Phase.TALKING)


def hand_over(turn: Turn, call: Call, leaving: AgentId, *, outcome: str) -> None:
    """`leaving` is out, the colleague becomes the operator of this contact."""
    turn.end(call, Stretch.CONSULT, Stretch.TALK, Stretch.HOLD, outcome=outcome, agent=leaving)
    turn.begin(call, Stretch.WRAP_UP, leaving)
    turn.route(routing.Finished(item=call.item, agent=leaving))
    colleague = call.colleague
    if colleague is None:
        return
    colleague.role = Role.AGENT
    call.owner = colleague.agent
    if not any(one.kind is Stretch.TALK and one.agent == colleague.agent for one in call.segments):
        turn.begin(call, Stretch.TALK, colleague.agent)
    turn.enter(call, Phase.TALKING)


def transfer(turn: Turn, call: Call, leg: Leg, asked: CallRequest) -> None:
    """At once, without a word before: the customer waits with music, the operator is out."""
    turn.hold(call, call.customer)
    turn.clear(call, leg)
    turn.end(call, Stretch.TALK, Stretch.HOLD, outcome="transferred", agent=asked.agent)
    turn.begin(call, Stretch.WRAP_UP, asked.agent)
    turn.route(routing.Finished(item=call.item, agent=asked.agent))
    send_to(turn, call, asked.target)


def send_to(turn: Turn, call: Call, target: Target) -> None:
    """Let the customer wait for someone else: one operator first, a group, or an outside number."""
    call.owner = None
    if target.number is not None:
        leg = Leg(LegId(turn.new_id()), Role.COLLEAGUE, target.number)
        call.legs.append(leg)
        turn.do(call, port.Dial, leg_id=leg.id, to=target.number, shown=call.line, ring_s=CONSULT_RING_S)
        turn.enter(call, Phase.QUEUED)
        return
    if target.queue is not None:
        call.queue = target.queue
    if call.queue is None:
        return
    turn.end(call, Stretch.QUEUE, outcome="redirected")
    turn.begin(call, Stretch.QUEUE)
    turn.enter(call, Phase.QUEUED)
    call.queued_at, call.preferred = turn.now, target.agent
    turn.route(
        routing.Queued(
            item=call.item,
            queue=call.queue,
            boost_s=TRANSFER_BOOST_S,
            preferred=target.agent,
            patience_s=TRANSFER_PATIENCE_S if target.agent is not None else 0.0,
        )
    )


STEPS: dict[Act, Step] = {
    Act.ANSWER: answer,
    Act.DECLINE: decline,
    Act.REDIRECT: redirect,
    Act.HOLD: hold,
    Act.RETRIEVE: retrieve,
    Act.MUTE: mute,
    Act.UNMUTE: mute,
    Act.DIGITS: digits,
    Act.CONSULT: consult,
    Act.CANCEL_CONSULT: cancel_consult,
    Act.TRANSFER: transfer,
    Act.COMPLETE_TRANSFER: complete_transfer,
    Act.CONFERENCE: conference,
    Act.PAUSE_RECORDING: pause_recording,
    Act.RESUME_RECORDING: pause_recording,
}
NEEDS_TARGET = frozenset({Act.REDIRECT, Act.CONSULT, Act.TRANSFER})
