"""What cases show on pages of modules below: on the customer's card, in his history, in the palette."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.search.finders import Hit
from perezvon.modules.cases.models import Case
from perezvon.modules.cases.selectors import REGISTER, VIEW, cases_of, find_cases, last_public, line_of, visible
from perezvon.modules.customers.models import Customer, Kind
from perezvon.modules.customers.registry import Section, commercial_is_open
from perezvon.modules.tasks.registry import SubjectCard

ICON = "clipboard-text"
_SHOWN, _IN_HISTORY = 10, 50


def section() -> Section:
    return Section("cases", "cases/_customer.html", customer_cases, VIEW, 18, "main", lazy("Cases"))


def customer_cases(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """His cases, those under way first, with what he may be told of each (F09.04, F09.24). Up to six queries."""
    if customer.kind == Kind.QUASI:
        return None
    cases = cases_of([customer.pk], by=by, limit=_SHOWN)
    gated = any(one.kind.tells_after_identification for one in cases)
    is_open = commercial_is_open(customer, by) if gated else True
    said = last_public(one.pk for one in cases)
    new_url = f"{reverse('cases:new')}?{urlencode({'customer': customer.pk})}" if by.may(REGISTER) else ""
    return {"rows": [_row(one, is_open, said) for one in cases], "new_url": new_url}


def _row(case: Case, is_open: bool, said: Mapping[UUID, Any]) -> dict[str, Any]:
    locked = case.kind.tells_after_identification and not is_open
    entry = said.get(case.pk)
    return {
        **line_of(case),
        "kind": str(case.kind),
        "locked": locked,
        "told": "" if locked else case.state.told_text,
        "said": entry.text if entry and not locked else "",
        "due": None if case.is_over else case.due,
    }


def timeline(customer_id: UUID, by: Actor) -> Sequence[dict[str, Any]]:
    """When each of his cases was registered, in his history. One query."""
    if not by.may(VIEW):
        return []
    found = visible(by).filter(customer=customer_id, merged_into=None).order_by("-created_at", "-id")[:_IN_HISTORY]
    return [
        {
            "at": case.created_at,
            "icon": ICON,
            "tone": "",
            "title": _("{kind} {number}").format(kind=case.kind, number=case.code),
            "by": case.person.short_name if case.person else "",
            "text": case.subject,
            "url": reverse("cases:case", args=[case.pk]),
            "chip": line_of(case)["chip"],
            "recording_url": "",
            "topics": [str(case.category)] if case.category else [],
        }
        for case in found
    ]


def of_tasks(keys: Collection[UUID], by: Actor) -> dict[UUID, SubjectCard]:
    """Cases as the board tree of tasks shows them: number, date, title. One query."""
    found = visible(by).filter(pk__in=keys) if by.may(VIEW) else ()
    return {
        case.pk: SubjectCard(str(case), reverse("cases:case", args=[case.pk]), None, case.customer_id) for case in found
    }


def hits(text: str, by: Actor, limit: int) -> list[Hit]:
    return [
        Hit(
            f"{case.code} {case.subject}",
            reverse("cases:case", args=[case.pk]),
            ICON,
            ", ".join(
                filter(None, (str(case.kind), str(case.state), case.customer.short_name if case.customer else ""))
            ),
        )
        for case in find_cases(text, by=by, limit=limit)
    ]
