"""Sums by the hour follow the contacts."""

from __future__ import annotations

from datetime import datetime

from perezvon.foundation.outbox.handlers import handles
from perezvon.modules.interactions.events import InteractionBegan, PastChanged
from perezvon.modules.reporting import services


@handles(InteractionBegan)
def add_up_what_is_over(event: InteractionBegan, now: datetime) -> None:
    services.advance(now)


@handles(PastChanged)
def add_up_again(event: PastChanged, now: datetime) -> None:
    services.add_up_again(begins_at=event.begins_at, ends_at=event.ends_at)
