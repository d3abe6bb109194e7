from __future__ import annotations

from datetime import datetime

from perezvon.foundation.messages.events import MessageQueued
from perezvon.foundation.messages.jobs import send
from perezvon.foundation.outbox.handlers import handles


@handles(MessageQueued)
def hand_to_a_sender(event: MessageQueued, now: datetime) -> None:
    send.configure(lock=f"message:{event.message_id}").defer(message_id=str(event.message_id))
