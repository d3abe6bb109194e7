"""The call bar: the operator's state, the call in hand, and the buttons that are legal now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.cores.calls.model import Call, Leg, agent_address, is_agent_address, legal_acts
from perezvon.cores.calls.words import Act, Direction, Phase, Role
from perezvon.cores.routing import WrapUp
from perezvon.foundation.access import Person
from perezvon.foundation.people.models import User
from perezvon.kernel.ids import AgentId
from perezvon.modules.desk.screens.presence import AgentView, agent_view
from perezvon.modules.interactions.models import Interaction, Note
from perezvon.modules.interactions.selectors import CAUSE_WORDS
from perezvon.modules.routing.models import Queue
from perezvon.modules.telephony.selectors import Standing
from perezvon.ports.telephony import Supervision


@dataclass(frozen=True, slots=True)
class Button:
    action: str
    label: str
    icon: str
    hotkey: str = ""
    enabled: bool = False
    pending: bool = False
    danger: bool = False
    primary: bool = False
    url: str = ""


@dataclass(slots=True)
class CallView:
    """What desk/_callbar.html draws. card_later: whose call it is, and nothing more, may be seen until it is answered.

    talking_since: the conversation with the customer, whatever it went through; call_back: one click calls him again;
    may_leave: the queue does not insist on the write-up.
    """

    id: UUID
    interaction_id: UUID
    version: int
    state: str
    title: str
    icon: str
    since: datetime
    number: str | None
    line: str
    project: str
    customer_name: str = ""
    place: str = ""
    waited_s: int | None = None
    chips: list[dict[str, str]] = field(default_factory=list)
    brought: dict[str, str] | None = None
    offer_s: int = 0
    offer_until: datetime | None = None
    recording: str = ""
    quality: str = ""
    consult: dict[str, object] | None = None
    until: datetime | None = None
    extensions_left: int = 0
    extend_s: int = 0
    ended_by: str = ""
    lasted_s: int = 0
    card_later: bool = False
    talking_since: datetime | None = None
    unreached: dict[str, str] | None = None
    call_back: bool = False
    may_leave: bool = False
    buttons: list[Button] = field(default_factory=list)


CALL_WORDS = {
    Phase.RINGING: (lazy("Incoming"), "phone-incoming"),
    Phase.DIALLING: (lazy("Calling"), "phone-outgoing"),
    Phase.TALKING: (lazy("On call"), "phone"),
    Phase.HELD: (lazy("On hold"), "player-pause"),
    Phase.CONSULTING: (lazy("Consult"), "users"),
    Phase.QUEUED: (lazy("Transferring"), "arrow-forward-up"),
    Phase.ENDED: (lazy("After-call work"), "edit"),
}
SUPERVISION_WORDS = {
    Supervision.LISTEN: (lazy("You listen"), "headphones"),
    Supervision.WHISPER: (lazy("The operator hears you"), "message-2"),
    Supervision.BARGE: (lazy("Both hear you"), "users"),
}
_TAKES_PART = {
    Supervision.LISTEN: lambda name: _("{name} listens").format(name=name),
    Supervision.WHISPER: lambda name: _("{name} prompts you").format(name=name),
    Supervision.BARGE: lambda name: _("{name} is in the conversation").format(name=name),
}
ENDED_WORDS = {
    "customer": lazy("The customer hung up"),
    "agent": lazy("You hung up"),
    "link": lazy("The line broke off"),
    "abandoned": lazy("The customer did not wait"),
    "failed": lazy("No connection"),
    "": lazy("Transferred"),
    "transferred": lazy("Transferred"),
}
# After these the customer may want to go on: the write-up offers to call him again.
CALL_BACK_AFTER = frozenset({"customer", "link", "failed"})


def call_view(call: Call, contact: Interaction | None, standing: Standing, by: Person, now: datetime) -> CallView:
    """The call in the eyes of this operator. What only some states show costs up to two queries each."""
    state, words, icon = _state_for(call, by.id)
    view = CallView(
        id=call.id,
        interaction_id=call.contact_id,
        version=call.version,
        state=state,
        title=str(words),
        icon=icon,
        since=call.since,
        number=f"+{call.number}" if call.number and call.number.isdigit() else call.number,
        line=contact.line_name if contact else call.line,
        project=f"{contact.project.number} {contact.project}" if contact else "",
        waited_s=_waited(call),
        recording=_recording(call),
        card_later=state == "dialling" or (state == "ringing" and _pops_on_answer(call)),
        talking_since=call.answered_at,
        buttons=_buttons(call, by.id),
    )
    if contact and contact.customer and not (view.card_later and state == "ringing"):
        view.customer_name = contact.customer.full_name
    if contact and contact.customer and not view.card_later:
        view.chips += [{"text": text, "tone": "warn", "icon": ""} for text in contact.customer.warnings]
    if call.resumes:
        view.chips.append({"text": _("calls again"), "tone": "accent", "icon": "phone-incoming"})
    if state == "ringing":
        _add_offer(view, call, standing, now)
    elif state == "wrapup":
        _add_wrap_up(view, call, standing, by)
    else:
        _add_consultation(view, call)
        _add_supervision(view, call, by)
    return view


def _pops_on_answer(call: Call) -> bool:
    return call.queue is not None and Queue.objects.filter(pk=call.queue, pop_on_answer=True).exists()


def _state_for(call: Call, user_id: int) -> tuple[str, object, str]:
    leg = call.leg_of(AgentId(user_id))
    phase = call.phase
    if leg and leg.role is Role.SUPERVISOR:
        takes_part, icon = SUPERVISION_WORDS[leg.mode or Supervision.LISTEN]
        return "talking", takes_part if leg.answered else _("Connecting"), icon
    if leg and leg.role is Role.COLLEAGUE and not leg.answered:
        return "ringing", _("Consult"), "phone-incoming"
    if leg and leg.role is Role.COLLEAGUE:
        return "talking", _("Consult"), "users"
    if leg is None:
        phase = Phase.ENDED
    words, icon = CALL_WORDS.get(phase, (phase.value, "phone"))
    return ("wrapup" if phase is Phase.ENDED else phase.value), words, icon


def _waited(call: Call) -> int | None:
    if call.direction is Direction.OUTBOUND or call.queued_at is None:
        return None
    until = call.answered_at or call.since
    return max(0, int((until - call.queued_at).total_seconds()))


def _recording(call: Call) -> str:
    if call.recording_open and not call.is_over:
        return "paused" if call.recording_paused else "on"
    return "refused" if not call.record and call.direction is Direction.INBOUND else ""


def _add_offer(view: CallView, call: Call, standing: Standing, now: datetime) -> None:
    work = standing.agent.work if standing.agent else None
    if work and work.until and work.item == call.item:
        view.offer_until = work.until
        view.offer_s = int((work.until - now).total_seconds())
    by = call.owner if call.phase is Phase.CONSULTING else call.brought_by
    if by is not None:
        note = Note.objects.filter(interaction=call.contact_id, author=by).order_by("-at", "-id").first()
        view.brought = {"by": _name_at(agent_address(by)), "note": note.text if note else ""}


def _add_consultation(view: CallView, call: Call) -> None:
    colleague = call.colleague
    if call.phase is Phase.CONSULTING and colleague:
        name = _name_at(colleague.address)
        view.consult = {"name": name, "ringing": not colleague.answered, "since": call.since}
    if call.unreached:
        url = f"{reverse('desk:transfer', args=[call.id])}?how=consult&failed={call.unreached}"
        view.unreached = {"name": _name_at(call.unreached), "url": url}


def _add_supervision(view: CallView, call: Call, by: Person) -> None:
    """Who else hears it. An operator sees who listens or prompts him; a supervisor, whose call it is."""
    others = [leg for leg in call.supervisors if leg.agent != by.id and leg.answered and leg.mode is not None]
    for leg in others:
        text = _TAKES_PART[leg.mode or Supervision.LISTEN](_name_at(leg.address))
        view.chips.append({"text": text, "tone": "accent", "icon": "headphones"})
    mine = call.leg_of(AgentId(by.id))
    if mine and mine.role is Role.SUPERVISOR and call.owner is not None:
        name = _name_at(agent_address(call.owner))
        view.chips.insert(0, {"text": _("operator: {name}").format(name=name), "tone": "", "icon": "headset"})


def _name_at(address: str) -> str:
    """Of the colleague, or the number, that a leg is addressed to. One query for a colleague."""
    if not is_agent_address(address):
        return f"+{address}"
    user = User.objects.filter(pk=int(address.partition(":")[2])).first()
    return user.short_name if user else address


def _add_wrap_up(view: CallView, call: Call, standing: Standing, by: Person) -> None:
    work = standing.agent.work if standing.agent else None
    queue = Queue.objects.filter(pk=call.queue).first() if call.queue is not None else None
    view.until = work.until if work else None
    view.may_leave = queue is not None and queue.wrap_up == WrapUp.OPTIONAL
    if queue and work and view.until:
        view.extend_s, view.extensions_left = int(queue.extend_s), max(0, queue.extensions - work.extended)
    words = ENDED_WORDS.get(call.ended_by, call.ended_by)
    cause = CAUSE_WORDS.get(call.cause) if call.ended_by == "failed" else None
    view.ended_by = f"{words}: {cause}" if cause else str(words)
    view.call_back = call.owner == by.id and call.ended_by in CALL_BACK_AFTER and bool(call.number)
    if call.answered_at:
        view.lasted_s = int(((call.ended_at or call.since) - call.answered_at).total_seconds())


def _buttons(call: Call, user_id: int) -> list[Button]:
    """Fixed slots: in a consultation three of them change their word, none its place."""
    legal = legal_acts(call, AgentId(user_id))
    leg = call.leg_of(AgentId(user_id))
    if leg is None:
        return []
    if leg.role is Role.SUPERVISOR:
        return _supervisors_buttons(leg, legal)
    if not leg.answered:
        return _ringing_buttons(call, legal)
    found = [
        _mute(leg, legal),
        _hold(call, legal),
        Button("digits", _("Keypad"), "grid-dots", enabled=Act.DIGITS in legal),
    ]
    if call.phase is Phase.CONSULTING:
        found += [
            _button(Act.CANCEL_CONSULT, _("Back to the customer"), "arrow-back-up", "Shift+F9", legal),
            _button(Act.COMPLETE_TRANSFER, _("Hand over"), "arrow-forward-up", "F9", legal),
            _button(Act.CONFERENCE, _("All together"), "users", "", legal),
        ]
    else:
        url = reverse("desk:transfer", args=[call.id])
        found += [
            Button("consult", _("Consult"), "users", "Shift+F9", Act.CONSULT in legal, url=f"{url}?how=consult"),
            Button(
                "transfer", _("Transfer"), "arrow-forward-up", "F9", Act.TRANSFER in legal, url=f"{url}?how=transfer"
            ),
        ]
    if call.phase is not Phase.CONSULTING:
        found.append(Button(Act.CONFERENCE.value, _("All together"), "users-group"))
    paused = call.recording_paused
    act = Act.RESUME_RECORDING if paused else Act.PAUSE_RECORDING
    words = _("Resume recording") if paused else _("Pause recording")
    found.append(_button(act, words, "player-record-filled", "", legal))
    found.append(Button("hang_up", _("End"), "phone-off", "Shift+F2", Act.HANG_UP in legal, danger=True))
    return found


def _supervisors_buttons(leg: Leg, legal: frozenset[Act]) -> list[Button]:
    """The way he takes part now is pressed already."""
    ways = [
        (Act.LISTEN, Supervision.LISTEN, _("Listen"), "headphones"),
        (Act.WHISPER, Supervision.WHISPER, _("Whisper"), "message-2"),
        (Act.BARGE, Supervision.BARGE, _("Barge in"), "users"),
    ]
    found = [
        Button(act.value, label, icon, "", act in legal and leg.mode is not mode, primary=leg.mode is mode)
        for act, mode, label, icon in ways
    ]
    found.append(_button(Act.TAKE_OVER, _("Take the call over"), "arrow-forward-up", "", legal))
    found.append(Button("hang_up", _("Leave"), "phone-off", "Shift+F2", Act.HANG_UP in legal, danger=True))
    return found


def _ringing_buttons(call: Call, legal: frozenset[Act]) -> list[Button]:
    found = [Button("answer", _("Answer"), "phone", "F2", Act.ANSWER in legal, primary=True)]
    if Act.REDIRECT in legal:
        url = f"{reverse('desk:transfer', args=[call.id])}?how=redirect"
        found.append(Button("redirect", _("Redirect"), "arrow-forward-up", "F9", True, url=url))
    found.append(_button(Act.DECLINE, _("Decline"), "phone-off", "", legal))
    return found


def _mute(leg: Leg, legal: frozenset[Act]) -> Button:
    if leg.muted:
        return _button(Act.UNMUTE, _("Unmute"), "microphone-off", "Alt+M", legal)
    return _button(Act.MUTE, _("Microphone"), "microphone", "Alt+M", legal)


def _hold(call: Call, legal: frozenset[Act]) -> Button:
    if call.phase is Phase.HELD:
        return _button(Act.RETRIEVE, _("Retrieve"), "player-play", "F8", legal)
    return _button(Act.HOLD, _("Hold"), "player-pause", "F8", legal)


def _button(act: Act, label: str, icon: str, hotkey: str, legal: frozenset[Act]) -> Button:
    return Button(act.value, label, icon, hotkey, act in legal)


@dataclass(frozen=True, slots=True)
class Bar:
    agent: AgentView
    call: CallView | None
    standing: Standing


def bar_of(standing: Standing, contact: Interaction | None, by: Person, now: datetime) -> Bar:
    """The whole bar for this operator. contact: that of the call in hand."""
    in_hand = next(iter(calls_of(standing, by.id)), None)
    call = call_view(in_hand, contact, standing, by, now) if in_hand else None
    return Bar(agent_view(standing, by, now), call, standing)


def calls_of(standing: Standing, user_id: int) -> list[Call]:
    """Calls that this operator has in hand: his leg is in them, or their wrap-up is his."""
    work = standing.agent.work.item if standing.agent and standing.agent.work else ""
    return [call for call in standing.calls if call.leg_of(AgentId(user_id)) or call.item == work]
