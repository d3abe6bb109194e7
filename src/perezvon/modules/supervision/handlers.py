from __future__ import annotations

from datetime import datetime

from perezvon.foundation.outbox.handlers import handles
from perezvon.modules.interactions.events import InteractionEnded
from perezvon.modules.supervision.services import end_with_contact


@handles(InteractionEnded)
def lower_the_hand(event: InteractionEnded, now: datetime) -> None:
    end_with_contact(interaction_id=event.interaction_id, now=now)
