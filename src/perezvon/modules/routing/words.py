"""States of operators as people read them."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as lazy

from perezvon.cores.routing import AgentStatus, Reason
from perezvon.modules.routing.models import NotReadyReason

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


def state_name(status: AgentStatus, reason: str, reasons: Iterable[NotReadyReason]) -> tuple[str, int | None]:
    """In words, and for how many minutes one may be so; None for as long as need be."""
    if status is AgentStatus.NOT_READY:
        for known in reasons:
            if known.code == reason:
                return str(known), known.limit_minutes
        words = REASON_WORDS.get(Reason(reason)) if reason in set(Reason) else None
        return str(words or STATE_WORDS[status]), None
    return str(STATE_WORDS[status]), None
