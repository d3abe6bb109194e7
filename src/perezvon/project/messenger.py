"""Who carries our messages: the connectors that can be set up, and the way of codes for signing in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from perezvon.connectors.kept_messages import KeptMessages
from perezvon.connectors.sms_http import KIND as SMS_HTTP
from perezvon.connectors.smtp import KIND as SMTP
from perezvon.foundation.access import System
from perezvon.foundation.messages.connectors import find_sender
from perezvon.foundation.messages.registry import SIGN_IN
from perezvon.foundation.messages.services import Draft, queue_message
from perezvon.ports.messages import Kind, Message, Messenger, Receipt, Report, Sent, Way
from perezvon.project.environment import environment


def make_kept(given: Mapping[str, str]) -> KeptMessages:
    """The development connector, which needs no settings."""
    return KeptMessages(environment().home / "messages.jsonl")


def connectors() -> Sequence[Kind]:
    """What an administrator may choose from (settings.MESSENGERS)."""
    return (Kind("kept", (Way.SMS, Way.EMAIL), make_kept), SMTP, SMS_HTTP)


def make_messenger() -> Messenger:
    """The messenger that sign-in pages ask (settings.MESSENGER)."""
    return Codes(make_kept({}))


class Codes:
    """Codes for signing in: through the outbox once somebody has set up who carries them, until then kept."""

    knows_repeats = True

    def __init__(self, kept: KeptMessages) -> None:
        self._kept = kept

    def send(self, message: Message, *, now: datetime) -> Receipt:
        if find_sender(message.way.value, None) is None:
            return self._kept.send(message, now=now)
        draft = Draft(message.way.value, message.to, message.text, message.subject, SIGN_IN, is_secret=True)
        return Receipt(str(queue_message(draft=draft, by=System(name="sign-in"), now=now).pk))

    def recent(self, limit: int) -> Sequence[Sent]:
        return self._kept.recent(limit)

    def read_report(self, given: Mapping[str, str]) -> Report | None:
        return None
