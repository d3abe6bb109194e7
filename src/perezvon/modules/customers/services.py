"""Writing customers."""

from __future__ import annotations

from datetime import datetime

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.numbering import next_number
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import Customer, Kind


@command("customers.quasi_customer", needs=None)
def quasi_customer(*, project_id: int, by: Actor, now: datetime) -> Customer:
    """The project's record for people nobody knows (F01.30); made at the first need."""
    known = Customer.objects.filter(kind=Kind.QUASI, project=project_id).first()
    return known or Customer.objects.create(
        id=uuid7(now), number=next_number("customer"), kind=Kind.QUASI, project_id=project_id, created_at=now
    )
