"""Operations of the knowledge base that show something of the customer who is served."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Person
from perezvon.modules.customers.models import Contract
from perezvon.modules.customers.selectors import contracts_of, get_customer
from perezvon.modules.knowledge.registry import Line, Operation

_TONES = {Contract.State.ACTIVE: "good", Contract.State.SUSPENDED: "warn"}


def contracts() -> Operation:
    return Operation("contracts", lazy("Contracts of the customer"), "customers.view_contracts", _lines)


def _lines(customer_id: UUID, by: Person, now: datetime) -> Sequence[Line]:
    customer = get_customer(customer_id, by=by)
    url = reverse("customers:card", args=[customer.pk])
    return [
        Line(
            " ".join(filter(None, (one.number, str(one.product) if one.product else ""))),
            ", ".join(filter(None, (one.tariff, _until(one)))),
            url,
            str(one.get_state_display()),
            _TONES.get(Contract.State(one.state), ""),
        )
        for one in contracts_of(customer, by=by)
    ]


def _until(one: Contract) -> str:
    return _("until {day}").format(day=date_format(one.ends_on, "SHORT_DATE_FORMAT")) if one.ends_on else ""
