"""The call bar: the operator's state, the call in hand, and the buttons that are legal now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.cores.calls.model import Call, Leg, legal_acts
from perezvon.cores.calls.words import Act, Direction, Phase, Role
from perezvon.cores.routing import Agent, AgentStatus, Presence, Reason
from perezvon.foundation.access import Person
from perezvon.foundation.people.models import User
from perezvon.kernel.ids import AgentId
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.routing.models import NotReadyReason, Queue
from perezvon.modules.routing.selectors import get_state, list_reasons
from perezvon.modules.telephony.selectors import Standing, get_standing


@dataclass(frozen=True, slots=True)
class Choice:
    presence: str
    reason: str
    label: str
    current: bool


@dataclass(frozen=True, slots=True)
class AgentView:
    state: str
    label: str
    icon: str
    since: datetime
    late: bool
    choices: list[Choice]
    next: dict[str, str] | None = None
    next_choices: list[Choice] = field(default_factory=list)


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
    buttons: list[Button] = field(default_factory=list)


STATE_WORDS = {
    AgentStatus.READY: lazy("Ready"),
    AgentStatus.NOT_READY: lazy("Not ready"),
    AgentStatus.OUT: lazy("Off shift"),
    AgentStatus.RINGING: lazy("Ringing"),
    AgentStatus.BUSY: lazy("On call"),
    AgentStatus.WRAP_UP: lazy("After-call work"),
    AgentStatus.MISSED: lazy("Missed"),
    AgentStatus.NO_PHONE: lazy("No phone"),
}
STATE_ICONS = {
    AgentStatus.READY: "circle-check",
    AgentStatus.RINGING: "phone-incoming",
    AgentStatus.BUSY: "phone",
    AgentStatus.WRAP_UP: "edit",
    AgentStatus.MISSED: "phone-off",
    AgentStatus.NO_PHONE: "phone-off",
}
REASON_WORDS = {
    Reason.SIGNED_IN: lazy("Not ready"),
    Reason.MISSED: lazy("Missed"),
    Reason.DECLINED: lazy("Declined a call"),
    Reason.AFTER_CONTACT: lazy("Not ready: after the call"),
}
CALL_WORDS = {
    Phase.RINGING: (lazy("Incoming"), "phone-incoming"),
    Phase.DIALLING: (lazy("Calling"), "phone-outgoing"),
    Phase.TALKING: (lazy("On call"), "phone"),
    Phase.HELD: (lazy("On hold"), "player-pause"),
    Phase.CONSULTING: (lazy("Consult"), "users"),
    Phase.QUEUED: (lazy("Transferring"), "arrow-forward-up"),
    Phase.ENDED: (lazy("After-call work"), "edit"),
}
ENDED_WORDS = {
    "customer": lazy("The customer hung up"),
    "agent": lazy("You hung up"),
    "link": lazy("The line broke off"),
    "abandoned": lazy("The customer did not wait"),
    "failed": lazy("No connection"),
    "transferred": lazy("Transferred"),
}
CAUSE_WORDS = {
    "busy": lazy("busy"),
    "no_answer": lazy("no answer"),
    "declined": lazy("declined"),
    "unreachable": lazy("unreachable"),
    "invalid_number": lazy("no such number"),
    "link_lost": lazy("the line broke off"),
}


def agent_view(standing: Standing, by: Person, now: datetime) -> AgentView:
    """The operator's state in words, and what he may choose."""
    agent = standing.agent or Agent(AgentId(by.id))
    reasons = list(list_reasons())
    state = get_state(by.id)
    since = state.began_at if state and state.status == agent.status.value else now
    label, limit = _label(agent, reasons)
    return AgentView(
        state=agent.status.value,
        label=label,
        icon=STATE_ICONS.get(agent.status, "clock"),
        since=since,
        late=limit is not None and now - since > timedelta(minutes=limit),
        choices=_choices(agent.presence, agent.reason, reasons),
        next={"label": _next_label(agent, reasons)} if agent.next else None,
        next_choices=_next_choices(agent, reasons) if agent.work else [],
    )


def _label(agent: Agent, reasons: list[NotReadyReason]) -> tuple[str, int | None]:
    if agent.status is AgentStatus.NOT_READY:
        for reason in reasons:
            if reason.code == agent.reason:
                return str(reason), reason.limit_minutes
        words = REASON_WORDS.get(Reason(agent.reason)) if agent.reason in set(Reason) else None
        return str(words or STATE_WORDS[agent.status]), None
    return str(STATE_WORDS[agent.status]), None


def _choices(presence: Presence, chosen: str, reasons: list[NotReadyReason]) -> list[Choice]:
    ready = Choice(Presence.READY.value, "", _("Ready"), presence is Presence.READY)
    away = [
        Choice(
            Presence.NOT_READY.value,
            reason.code,
            str(reason),
            presence is Presence.NOT_READY and reason.code == chosen,
        )
        for reason in reasons
    ]
    return [ready, *away, Choice(Presence.OUT.value, "", _("End the shift"), presence is Presence.OUT)]


def _next_choices(agent: Agent, reasons: list[NotReadyReason]) -> list[Choice]:
    asked = agent.next
    return _choices(asked.presence, asked.reason, reasons) if asked else _choices(Presence.NOT_READY, "-", reasons)


def _next_label(agent: Agent, reasons: list[NotReadyReason]) -> str:
    if agent.next is None:
        return ""
    chosen = [choice for choice in _choices(agent.next.presence, agent.next.reason, reasons) if choice.current]
    return chosen[0].label.lower() if chosen else ""


def call_view(call: Call, standing: Standing, by: Person, now: datetime) -> CallView:
    """The call in the eyes of this operator. Three queries: contact, queue, colleague."""
    contact = Interaction.objects.select_related("customer", "project").filter(pk=call.contact_id).first()
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
        project=str(contact.project) if contact else "",
        customer_name=contact.customer.full_name if contact and contact.customer else "",
        waited_s=_waited(call),
        recording=_recording(call),
        buttons=_buttons(call, by.id),
    )
    if contact and contact.customer:
        view.chips = [{"text": text, "tone": "warn", "icon": ""} for text in contact.customer.warnings]
    _add_offer(view, call, standing, now)
    _add_consultation(view, call)
    if state == "wrapup":
        _add_wrap_up(view, call, standing)
    return view


def _state_for(call: Call, user_id: int) -> tuple[str, object, str]:
    leg = call.leg_of(AgentId(user_id))
    phase = call.phase
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
    if view.state == "ringing" and work and work.until and work.item == call.item:
        view.offer_until = work.until
        view.offer_s = int((work.until - now).total_seconds())


def _add_consultation(view: CallView, call: Call) -> None:
    colleague = call.colleague
    if call.phase is Phase.CONSULTING and colleague:
        view.consult = {"name": _name_of(colleague), "ringing": not colleague.answered, "since": call.since}


def _name_of(leg: Leg) -> str:
    user = User.objects.filter(pk=leg.agent).first() if leg.agent is not None else None
    return user.short_name if user else f"+{leg.address}"


def _add_wrap_up(view: CallView, call: Call, standing: Standing) -> None:
    work = standing.agent.work if standing.agent else None
    queue = Queue.objects.filter(pk=call.queue).first() if call.queue is not None else None
    view.until = work.until if work else None
    if queue and view.until:
        view.extend_s, view.extensions_left = int(queue.extend_s), queue.extensions
    words = ENDED_WORDS.get(call.ended_by, call.ended_by)
    cause = CAUSE_WORDS.get(call.cause) if call.ended_by == "failed" else None
    view.ended_by = f"{words}: {cause}" if cause else str(words)
    if call.answered_at:
        view.lasted_s = int(((call.ended_at or call.since) - call.answered_at).total_seconds())


def _buttons(call: Call, user_id: int) -> list[Button]:
    """Fixed slots: in a consultation three of them change their word, none its place."""
    legal = legal_acts(call, AgentId(user_id))
    leg = call.leg_of(AgentId(user_id))
    if leg is None:
        return []
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


def bar_of(by: Person, now: datetime) -> Bar:
    """The whole bar for this operator."""
    standing = get_standing(by.id)
    in_hand = next(iter(calls_of(standing, by.id)), None)
    call = call_view(in_hand, standing, by, now) if in_hand else None
    return Bar(agent_view(standing, by, now), call, standing)


def calls_of(standing: Standing, user_id: int) -> list[Call]:
    """Calls that this operator has in hand: his leg is in them, or their wrap-up is his."""
    work = standing.agent.work.item if standing.agent and standing.agent.work else ""
    return [call for call in standing.calls if call.leg_of(AgentId(user_id)) or call.item == work]
