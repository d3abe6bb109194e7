from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued

from perezvon.foundation.fields.events import FieldsChanged
from perezvon.foundation.fields.jobs import prepare_indexes
from perezvon.foundation.outbox.handlers import handles


@handles(FieldsChanged)
def look_after_indexes(event: FieldsChanged, now: datetime) -> None:
    """One job for however many changes; it looks at all fields of the kind."""
    job = prepare_indexes.configure(queueing_lock=f"fields.prepare:{event.kind}", lock=f"fields.prepare:{event.kind}")
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(kind=event.kind)
