from __future__ import annotations

from datetime import datetime

from perezvon.foundation.outbox.handlers import handles
from perezvon.modules.cases.events import CaseMoved
from perezvon.modules.cases.flow import OVER
from perezvon.modules.cases.models import Case
from perezvon.modules.cases.services import ask_to_tell_all


@handles(CaseMoved)
def tell_everyone_who_called(event: CaseMoved, now: datetime) -> None:
    """A mass incident is solved: those who called about it hear of it."""
    incident = Case.objects.filter(pk=event.case_id, incident=True).select_related("kind").first()
    if incident is not None and event.stage in OVER and incident.is_over:
        ask_to_tell_all(incident, now)
