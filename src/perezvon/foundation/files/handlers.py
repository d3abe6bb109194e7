from __future__ import annotations

from datetime import datetime

from perezvon.foundation.files.events import ContentArrived
from perezvon.foundation.files.jobs import look_into
from perezvon.foundation.outbox.handlers import handles


@handles(ContentArrived)
def hand_to_a_reader(event: ContentArrived, now: datetime) -> None:
    look_into.configure(lock=f"content:{event.sha256}").defer(sha256=event.sha256)
