"""Cases beside the knowledge base: articles are opened for them and sent from them, solved ones are found there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.messages.models import Channel
from perezvon.kernel.errors import NotAllowed, NotFound
from perezvon.modules.cases.models import Case, CaseEntry
from perezvon.modules.cases.selectors import KIND, VIEW, get_case, line_of, open_cases_of, solved_like
from perezvon.modules.cases.services import address_of, write_to_customer
from perezvon.modules.customers.selectors import get_customer
from perezvon.modules.knowledge.registry import Letter, Line, Neighbour, Occasion, OccasionKind, Operation


def case_occasion() -> OccasionKind:
    return OccasionKind(KIND, _find, _send)


def open_cases() -> Operation:
    return Operation("open_cases", lazy("Cases in work"), VIEW, _lines)


def solved_cases() -> Neighbour:
    return Neighbour("cases", lazy("Solved cases"), VIEW, _solved)


def _find(case_id: UUID, by: Person) -> Occasion | None:
    try:
        case = get_case(case_id, by=by)
    except (NotFound, NotAllowed):
        return None
    addresses = ((str(channel), address_of(case, channel)) for channel in (Channel.EMAIL, Channel.SMS))
    return Occasion(
        KIND,
        case.pk,
        f"{case.kind} {case.code}",
        reverse("cases:case", args=[case.pk]),
        case.customer_id,
        case.customer.full_name if case.customer else "",
        tuple(pair for pair in addresses if pair[1]),
    )


def _send(case_id: UUID, letter: Letter, by: Actor, now: datetime) -> CaseEntry:
    """It goes to the customer's main address, as any letter of the case."""
    return write_to_customer(
        case_id=case_id, channel=letter.channel, subject=letter.subject, text=letter.text, by=by, now=now
    )


def _lines(customer_id: UUID, by: Person, now: datetime) -> Sequence[Line]:
    get_customer(customer_id, by=by)
    return [_line(case) for case in open_cases_of(customer_id, by=by)]


def _solved(text: str, by: Person, limit: int) -> Sequence[Line]:
    return [_line(case) for case in solved_like(text, by=by, limit=limit)]


def _line(case: Case) -> Line:
    chip = line_of(case)["chip"]
    url = reverse("cases:case", args=[case.pk])
    return Line(f"{case.code} {case.subject}", str(case.kind), url, chip["text"], chip["tone"])
