"""The operator's own state in words, and what he may choose."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from perezvon.cores.routing import Agent, Presence
from perezvon.foundation.access import Person
from perezvon.kernel.ids import AgentId
from perezvon.modules.routing.models import NotReadyReason
from perezvon.modules.routing.selectors import STATE_ICONS, get_state, list_reasons, state_name
from perezvon.modules.telephony.selectors import Standing


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
    since: datetime | None
    late: bool
    choices: list[Choice]
    next: dict[str, str] | None = None
    next_choices: list[Choice] = field(default_factory=list)


def agent_view(standing: Standing, by: Person, now: datetime) -> AgentView:
    """The operator's state in words, and what he may choose."""
    agent = standing.agent or Agent(AgentId(by.id))
    reasons = list(list_reasons())
    state = get_state(by.id)
    since = state.began_at if state and state.status == agent.status.value else None
    label, limit = state_name(agent.status, agent.reason, reasons)
    return AgentView(
        state=agent.status.value,
        label=label,
        icon=STATE_ICONS.get(agent.status, "clock"),
        since=since,
        late=bool(limit and since and now - since > timedelta(minutes=limit)),
        choices=_choices(agent.presence, agent.reason, reasons),
        next={"label": _next_label(agent, reasons)} if agent.next else None,
        next_choices=_next_choices(agent, reasons) if agent.work else [],
    )


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
