"""What the switch's news of a leg make of a call."""

from __future__ import annotations

from perezvon.cores.calls.model import Call, Leg
from perezvon.cores.calls.steps import do_not_record, enqueue, gone, greet, take_over, talk
from perezvon.cores.calls.turn import Turn
from perezvon.cores.calls.words import Phase, Role, Stretch
from perezvon.cores.routing import words as routing
from perezvon.kernel.ids import LegId
from perezvon.ports import telephony as port

NO_RECORDING_KEY = "0"
CUSTOMER_RING_S = 45.0


def on_leg(turn: Turn, call: Call, leg: Leg, event: port.LegEvent) -> None:
    match event:
        case port.Delivered():
            leg.delivered = True
        case port.Established():
            established(turn, call, leg)
        case port.Joined():
            placed(turn, call, leg, joined=True)
        case port.Held():
            placed(turn, call, leg, joined=False)
        case port.Muted(muted=muted):
            leg.muted = muted
        case port.Digits(digits=keys):
            _pressed(turn, call, leg, keys)
        case port.PromptEnded(command_id=command_id, heard=True):
            if command_id == call.greeting and call.phase is Phase.GREETING:
                enqueue(turn, call)
        case port.ConnectionCleared(cause=cause):
            call.legs.remove(leg)
            gone(turn, call, leg, cause)


def established(turn: Turn, call: Call, leg: Leg) -> None:
    """The leg was answered."""
    if leg.answered:
        return
    leg.delivered = leg.answered = True
    match leg.role, call.phase:
        case Role.CUSTOMER, Phase.GREETING:
            greet(turn, call, leg)
        case Role.CUSTOMER, Phase.DIALLING:
            turn.end(call, Stretch.DIAL, outcome="answered")
            talk(turn, call)
        case Role.AGENT, Phase.RINGING:
            _operator_answers(turn, call, leg)
        case Role.AGENT, Phase.DIALLING:
            turn.join(call, leg)
            if call.number:
                turn.dial_number(call, call.number, Role.CUSTOMER, ring_s=CUSTOMER_RING_S)
        case Role.SUPERVISOR, _ if leg.takes_over:
            take_over(turn, call, leg)
        case Role.COLLEAGUE, Phase.DIALLING:  # the outside number that the customer was sent to
            leg.role = Role.AGENT
            turn.end(call, Stretch.DIAL, outcome="answered")
            talk(turn, call)
        case Role.COLLEAGUE, Phase.CONSULTING:
            _colleague_answers(turn, call, leg)


def _operator_answers(turn: Turn, call: Call, leg: Leg) -> None:
    turn.end(call, Stretch.RING, outcome="answered", agent=leg.agent)
    turn.end(call, Stretch.QUEUE, outcome="answered")
    if leg.agent is not None:
        turn.route(routing.Accepted(item=call.item, agent=leg.agent))
    call.owner = leg.agent
    talk(turn, call)


def _colleague_answers(turn: Turn, call: Call, leg: Leg) -> None:
    if call.consult_queue is not None and leg.agent is not None:
        call.consult_queue = None
        turn.route(routing.Accepted(item=call.consult_item, agent=leg.agent))
    turn.join(call, leg)


def placed(turn: Turn, call: Call, leg: Leg, *, joined: bool) -> None:
    """The leg is in the conversation, or out of it. The customer's makes the difference between talk and hold."""
    leg.joined = joined
    if leg.wanted == joined:
        leg.placing = None
    if leg.role is not Role.CUSTOMER or call.owner is None:
        return
    if joined and call.phase is Phase.HELD:
        turn.end(call, Stretch.HOLD, agent=call.owner)
        turn.begin(call, Stretch.TALK, call.owner)
        turn.enter(call, Phase.TALKING)
    elif not joined and call.phase is Phase.TALKING:
        turn.end(call, Stretch.TALK, agent=call.owner)
        turn.begin(call, Stretch.HOLD, call.owner)
        turn.enter(call, Phase.HELD)


def _pressed(turn: Turn, call: Call, leg: Leg, keys: str) -> None:
    is_asked = leg.role is Role.CUSTOMER and NO_RECORDING_KEY in keys
    if is_asked and call.record and call.answered_at is None:
        do_not_record(turn, call, leg)


# --- the switch was away ----------------------------------------------------------------------------


def compare(turn: Turn, call: Call, seen: dict[LegId, port.LegSnapshot]) -> None:
    """Make the call what the switch says it is. A leg just dialled may be missing: its Dial is on the way."""
    for leg in sorted(call.legs, key=lambda one: one.role is not Role.CUSTOMER):
        if leg in call.legs and leg.id not in seen and leg.delivered:
            call.legs.remove(leg)
            gone(turn, call, leg, port.Cause.LINK_LOST)
    for leg in [*call.legs]:
        if leg in call.legs and leg.id in seen:
            _correct(turn, call, leg, seen[leg.id])
    known = {leg.id for leg in call.legs}
    for stray in seen.keys() - known:
        turn.do(call, port.Clear, leg_id=stray)


def _correct(turn: Turn, call: Call, leg: Leg, seen: port.LegSnapshot) -> None:
    """What the switch said while nobody listened, and what we asked while nobody heard."""
    was_answered = leg.answered
    leg.delivered, leg.muted = True, seen.muted
    if seen.answered:
        established(turn, call, leg)
    elif leg.role is Role.CUSTOMER and call.phase is Phase.GREETING:
        turn.do(call, port.Answer, leg_id=leg.id)
    if leg.joined != seen.joined:
        placed(turn, call, leg, joined=seen.joined)
    wanted = leg.wanted if leg.placing else call.belongs_in_talk(leg)
    if was_answered and leg.joined != wanted:
        (turn.hold if leg.joined else turn.join)(call, leg)
    if was_answered and leg.role is Role.CUSTOMER and call.phase is Phase.GREETING:
        greet(turn, call, leg)
