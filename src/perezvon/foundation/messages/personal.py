"""What messages hold of a person: his number or mailbox, and what was said to him."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.history.erasing import ERASED
from perezvon.foundation.messages.models import Message, State
from perezvon.foundation.personal.registry import Holder, Rows, Subject

_SHOWN = ("channel", "to", "subject", "text", "state", "created_at", "sent_at", "delivered_at")


def holder() -> Holder:
    return Holder(
        "messages",
        lazy("SMS and letters: where they went and what they said"),
        75,
        _export,
        lambda subject: _messages_to(subject).count(),
        _erase,
        stays=lazy("When a message was sent, by whom, and whether it arrived."),
    )


def _messages_to(subject: Subject) -> QuerySet[Message]:
    """About him, or to a number or mailbox of his."""
    addresses = {*subject.addresses, *(f"+{address}" for address in subject.addresses if address.isdigit())}
    mine = Q(record__in=subject.keys) | Q(address__in=addresses)
    return Message.objects.annotate(address=Lower("to")).filter(mine)


def _export(subject: Subject) -> Mapping[str, Rows]:
    found = _messages_to(subject).filter(is_secret=False)
    return {"messages": list(found.order_by("created_at").values(*_SHOWN))}


def _erase(subject: Subject, now: datetime) -> int:
    """What waits is not sent any more: there is nobody to send it to."""
    keys = list(_messages_to(subject).select_for_update().order_by("pk").values_list("pk", flat=True))
    mine = Message.objects.filter(pk__in=keys)
    mine.filter(state=State.QUEUED).update(state=State.CANCELLED, next_at=None)
    return mine.update(to=ERASED, text=ERASED, subject="", said="", provider_id="", files=[])
