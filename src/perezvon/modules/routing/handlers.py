"""People who may take calls become operators by themselves."""

from __future__ import annotations

from datetime import datetime

from perezvon.foundation.access import System
from perezvon.foundation.outbox.handlers import handles
from perezvon.foundation.people.events import UserChanged
from perezvon.modules.routing import services


@handles(UserChanged)
def serve_the_queues_of_his_projects(event: UserChanged, now: datetime) -> None:
    services.follow_user(user_id=event.user_id, by=System(name="routing"), now=now)
