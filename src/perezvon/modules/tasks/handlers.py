from __future__ import annotations

from datetime import datetime

from perezvon.foundation.outbox.handlers import handles
from perezvon.foundation.people.events import UserChanged
from perezvon.modules.interactions.events import InteractionEnded
from perezvon.modules.tasks.selectors import contact_of
from perezvon.modules.tasks.services import call_was_made, release


@handles(UserChanged)
def leave_nothing_with_the_blocked(event: UserChanged, now: datetime) -> None:
    release(event.user_id, now)


@handles(InteractionEnded)
def keep_promises_of_calls(event: InteractionEnded, now: datetime) -> None:
    contact = contact_of(event.interaction_id)
    if contact is not None:
        call_was_made(contact, now)
