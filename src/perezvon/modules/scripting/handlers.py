"""Sums by the day follow the conversations."""

from __future__ import annotations

from datetime import datetime

from perezvon.foundation.outbox.handlers import handles
from perezvon.modules.scripting import services
from perezvon.modules.scripting.events import PastRunsChanged, RunBegan


@handles(RunBegan)
def add_up_days_that_are_over(event: RunBegan, now: datetime) -> None:
    services.advance(now)


@handles(PastRunsChanged)
def add_up_day_again(event: PastRunsChanged, now: datetime) -> None:
    services.add_up_again(event.day)
