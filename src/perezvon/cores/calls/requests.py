"""What an operator's click makes of a call. Each function is one button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from perezvon.cores.calls.model import Call, Leg, agent_address, legal_acts
from perezvon.cores.calls.steps import (
    TRANSFER_BOOST_S,
    TRANSFER_RING_S,
    WORKING,
    agent_leaves,
    colleague_gone,
    end_consultation,
    end_supervision,
    hand_over,
    send_to,
    take_over,
    write_up,
)
from perezvon.cores.calls.turn import Turn
from perezvon.cores.calls.words import Act, CallOut, CallRequest, Phase, Request, Role, Stretch, Target
from perezvon.cores.routing import Phase as WorkPhase
from perezvon.cores.routing import Presence, RoutingCore, WrapUp
from perezvon.cores.routing import words as routing
from perezvon.kernel.ids import AgentId, LegId
from perezvon.kernel.phone import parse_phone
from perezvon.ports import telephony as port

type Step = Callable[[Turn, Call, Leg, CallRequest], None]

KEYS = frozenset("0123456789*#ABCD")


# --- may he? ----------------------------------------------------------------------------------------


def objection(call: Call | None, asked: CallRequest, floor: RoutingCore, now: datetime) -> str:
    """Why the request can't be carried out, or "" when it can. floor: who is where."""
    if call is None:
        return "gone"
    if expired(asked, now):
        return "expired"
    if asked.act not in legal_acts(call, asked.agent):
        return "not_possible" if asked.seen in {None, call.version} else "outdated"
    if asked.seen is not None and asked.seen < call.moved and asked.act not in ALWAYS_THE_SAME:
        return "outdated"
    if call.leg_of(asked.agent) is None:
        return objection_to_joining(asked.agent, floor)
    if asked.act is Act.DIGITS and not (asked.digits and KEYS.issuperset(asked.digits)):
        return "not_possible"
    return _objection_to_target(asked, floor) if asked.act in NEEDS_TARGET else ""


def _objection_to_target(asked: CallRequest, floor: RoutingCore) -> str:
    target = asked.target
    if target.number is not None:
        return "" if parse_phone(target.number) else "invalid_number"
    if target.agent is None:
        return "" if target.queue in floor.queues else "no_target"
    agent = floor.agents.get(target.agent)
    if agent is None or target.agent == asked.agent:
        return "no_target"
    if asked.act is not Act.CONSULT:
        return "unreachable" if agent.presence is Presence.OUT else ""
    return "busy" if agent.work else "" if agent.reachable else "unreachable"


def objection_to_calling_out(asked: CallOut, floor: RoutingCore, open_contact: UUID | None) -> str:
    """open_contact: the one that he is writing up; calling about it is a part of that."""
    agent = floor.agents.get(asked.agent)
    if agent is None or not agent.reachable:
        return "unreachable"
    if agent.work is None:
        return ""
    if agent.work.phase is not WorkPhase.WRAP_UP:
        return "busy"
    queue = floor.queues.get(agent.work.queue) if agent.work.queue is not None else None
    is_free_to_leave = queue is not None and queue.wrap_up is WrapUp.OPTIONAL
    return "" if is_free_to_leave or (open_contact is not None and asked.continues == open_contact) else "busy"


def expired(asked: Request, now: datetime) -> bool:
    return asked.expires_at is not None and asked.expires_at < now


def carry_out(turn: Turn, call: Call, asked: CallRequest) -> None:
    """A request to which there is no objection."""
    turn.on_behalf_of(asked)
    leg = call.leg_of(asked.agent) or begin_supervision(turn, call, asked)
    phone = parse_phone(asked.target.number) if asked.target.number else None
    if phone:
        asked = replace(asked, target=Target(number=phone.digits))
    STEPS[asked.act](turn, call, leg, asked)


# --- the buttons ------------------------------------------------------------------------------------


def answer(turn: Turn, call: Call, leg: Leg, _: CallRequest) -> None:
    turn.do(call, port.Answer, leg_id=leg.id)


def decline(turn: Turn, call: Call, leg: Leg, asked: CallRequest) -> None:
    if call.phase is Phase.DIALLING:
        agent_leaves(turn, call, leg)
    elif leg.role is Role.AGENT:
        turn.route(routing.Declined(item=call.item, agent=asked.agent))
    elif call.consult_queue is not None:
        turn.route(routing.Declined(item=call.consult_item, agent=asked.agent))
    else:
        end_consultation(turn, call, outcome="declined")
        call.unreached = leg.address


def redirect(turn: Turn, call: Call, leg: Leg, asked: CallRequest) -> None:
    """Send a ringing call elsewhere without answering it."""
    turn.end(call, Stretch.RING, outcome="redirected", agent=asked.agent)
    turn.clear(call, leg)
    turn.route(routing.Withdrawn(item=call.item))
    send_to(turn, call, asked.target, leaving=asked.agent)


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
    call.recording_paused = asked.act is Act.PAUSE_RECORDING
    turn.do(call, port.PauseRecording, recording_id=call.recording, paused=call.recording_paused)


def consult(turn: Turn, call: Call, _: Leg, asked: CallRequest) -> None:
    """Customer hears music; a colleague is rung into the conversation."""
    call.unreached = ""
    turn.hold(call, call.customer)
    turn.end(call, Stretch.TALK, Stretch.HOLD, agent=asked.agent)
    turn.begin(call, Stretch.CONSULT, asked.agent)
    turn.enter(call, Phase.CONSULTING)
    target = asked.target
    if target.number is not None:
        turn.dial_number(call, target.number, Role.COLLEAGUE, ring_s=TRANSFER_RING_S)
    elif target.agent is not None:
        turn.dial_agent(call, target.agent, Role.COLLEAGUE, ring_s=TRANSFER_RING_S)
        turn.route(routing.Taken(item=call.consult_item, agent=target.agent, queue=call.queue))
    elif target.queue is not None:
        call.consult_queue = target.queue
        turn.route(routing.Queued(item=call.consult_item, queue=target.queue, boost_s=TRANSFER_BOOST_S))


def cancel_consult(turn: Turn, call: Call, _: Leg, __: CallRequest) -> None:
    end_consultation(turn, call, outcome="cancelled")


def complete_transfer(turn: Turn, call: Call, leg: Leg, asked: CallRequest) -> None:
    """The colleague has the customer from here on."""
    if colleague := call.colleague:
        turn.clear(call, leg)
        hand_over(turn, call, colleague, asked.agent, outcome="transferred")


def conference(turn: Turn, call: Call, _: Leg, asked: CallRequest) -> None:
    turn.join(call, call.customer)
    turn.end(call, Stretch.CONSULT, outcome="conference")
    turn.begin(call, Stretch.TALK, asked.agent)
    if call.colleague and call.colleague.agent is not None:
        turn.begin(call, Stretch.TALK, call.colleague.agent)
    turn.enter(call, Phase.TALKING)


def transfer(turn: Turn, call: Call, leg: Leg, asked: CallRequest) -> None:
    """At once, without a word before: the customer waits with music, the operator is out."""
    call.unreached = ""
    turn.hold(call, call.customer)
    turn.clear(call, leg)
    turn.end(call, *WORKING, outcome="transferred", agent=asked.agent)
    write_up(turn, call, asked.agent)
    send_to(turn, call, asked.target, leaving=asked.agent)


def hang_up(turn: Turn, call: Call, leg: Leg, _: CallRequest) -> None:
    if leg.role is Role.SUPERVISOR:
        end_supervision(turn, call, leg)
    elif leg.role is Role.COLLEAGUE:
        turn.clear(call, leg)
        colleague_gone(turn, call, leg, port.Cause.NORMAL)
    else:
        agent_leaves(turn, call, leg)


# --- a supervisor ------------------------------------------------------------------------------------


def objection_to_joining(agent_id: AgentId, floor: RoutingCore) -> str:
    agent = floor.agents.get(agent_id)
    if agent is None or not agent.reachable:
        return "unreachable"
    return "busy" if agent.work else ""


def begin_supervision(turn: Turn, call: Call, asked: CallRequest) -> Leg:
    """He has this in hand and nothing else; his phone is reached by the step that follows."""
    leg = Leg(LegId(turn.new_id()), Role.SUPERVISOR, agent_address(asked.agent), asked.agent, wanted=True)
    leg.until = turn.now + SUPERVISOR_LIMIT
    call.legs.append(leg)
    turn.route(routing.Taken(item=call.watch_item, agent=asked.agent))
    return leg


def take_part(turn: Turn, call: Call, leg: Leg, asked: CallRequest) -> None:
    leg.mode = MODES[asked.act]
    command_id = turn.do(call, port.Supervise, leg_id=leg.id, to=leg.address, mode=leg.mode)
    leg.dial = leg.dial or command_id


def seize(turn: Turn, call: Call, leg: Leg, asked: CallRequest) -> None:
    """At once for who takes part already, else as soon as his phone has answered."""
    if leg.mode is not port.Supervision.BARGE:
        take_part(turn, call, leg, asked)
    if leg.answered:
        take_over(turn, call, leg)
    else:
        leg.takes_over = True


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
    Act.HANG_UP: hang_up,
    Act.LISTEN: take_part,
    Act.WHISPER: take_part,
    Act.BARGE: take_part,
    Act.TAKE_OVER: seize,
}
MODES = {
    Act.LISTEN: port.Supervision.LISTEN,
    Act.WHISPER: port.Supervision.WHISPER,
    Act.BARGE: port.Supervision.BARGE,
    Act.TAKE_OVER: port.Supervision.BARGE,
}
NEEDS_TARGET = frozenset({Act.REDIRECT, Act.CONSULT, Act.TRANSFER})
# Longer than a switch rings him: it says itself when he does not answer.
SUPERVISOR_LIMIT = timedelta(seconds=40)
# Whatever has happened since he looked, these do what he meant.
ALWAYS_THE_SAME = frozenset({Act.MUTE, Act.UNMUTE, Act.DIGITS, Act.PAUSE_RECORDING, Act.RESUME_RECORDING})
