"""How a contact is spoken of: its kind, what came of it, what it consisted of."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.cores.calls.words import Stretch
from perezvon.modules.interactions.models import Channel, Interaction

_CHANNELS: dict[tuple[str, str], tuple[str, str | Promise]] = {
    (Channel.PHONE, "inbound"): ("phone-incoming", lazy("Incoming call")),
    (Channel.PHONE, "outbound"): ("phone-outgoing", lazy("Outgoing call")),
    (Channel.VISIT, "inbound"): ("building", lazy("Visit to the office")),
    (Channel.WEB, "inbound"): ("link", lazy("Answers by a link")),
}
CAUSE_WORDS: dict[str, str | Promise] = {
    "busy": lazy("busy"),
    "no_answer": lazy("no answer"),
    "declined": lazy("declined"),
    "unreachable": lazy("unreachable"),
    "invalid_number": lazy("no such number"),
    "link_lost": lazy("the line broke off"),
}
ENDED_BY_WORDS: dict[str, str | Promise] = {
    "customer": lazy("the customer"),
    "agent": lazy("the operator"),
    "abandoned": lazy("the customer, before an answer"),
    "failed": lazy("no connection"),
    "link": lazy("the line broke off"),
    "transferred": lazy("passed on"),
}
STRETCH_WORDS: dict[str, str | Promise] = {
    Stretch.GREETING: pgettext_lazy("stretch", "Greeting"),
    Stretch.QUEUE: pgettext_lazy("stretch", "In the queue"),
    Stretch.RING: pgettext_lazy("stretch", "Ringing"),
    Stretch.DIAL: pgettext_lazy("stretch", "Dialling"),
    Stretch.TALK: pgettext_lazy("stretch", "Talk"),
    Stretch.HOLD: pgettext_lazy("stretch", "On hold"),
    Stretch.CONSULT: pgettext_lazy("stretch", "Consultation"),
    Stretch.WRAP_UP: pgettext_lazy("stretch", "After-call work"),
}
OUTCOME_WORDS: dict[str, str | Promise] = {
    "answered": pgettext_lazy("stretch", "answered"),
    "missed": pgettext_lazy("stretch", "missed"),
    "declined": pgettext_lazy("stretch", "declined"),
    "abandoned": pgettext_lazy("stretch", "gave up"),
    "cancelled": pgettext_lazy("stretch", "cancelled"),
    "redirected": pgettext_lazy("stretch", "redirected"),
    "transferred": pgettext_lazy("stretch", "passed on"),
    "busy": pgettext_lazy("stretch", "busy"),
}
# outcome of an identification: tone of its chip, words
IDENTIFICATION_WORDS: dict[str, tuple[str, str | Promise]] = {
    "passed": ("good", lazy("Identified")),
    "partial": ("warn", lazy("Not enough answers")),
    "failed": ("bad", lazy("Not identified")),
    "locked": ("bad", lazy("Not identified, attempts spent")),
}


def icon_of(contact: Interaction) -> str:
    return _CHANNELS.get((contact.channel, contact.direction), ("message", ""))[0]


def title_of(contact: Interaction) -> str:
    """ "Incoming call" and the like."""
    return str(_CHANNELS.get((contact.channel, contact.direction), ("", contact.channel))[1])


def outcome_of(contact: Interaction) -> str:
    """What came of it in a few words."""
    if contact.result:
        return str(contact.result)
    if contact.cause in CAUSE_WORDS:
        return str(CAUSE_WORDS[contact.cause])
    if contact.ended_at is None:
        return _("under way")
    return _("no result yet") if contact.answered_at else _("not answered")
