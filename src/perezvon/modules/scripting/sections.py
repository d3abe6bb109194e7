"""What scenarios and questionnaires show on the customer's card and on the page of a contact."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor, Person
from perezvon.modules.customers.models import Customer, Kind
from perezvon.modules.customers.registry import Section, contact_links
from perezvon.modules.customers.selectors import list_account
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.interactions.services import contact_in_hand
from perezvon.modules.knowledge.registry import Occasion, Talk
from perezvon.modules.scripting.models import Form
from perezvon.modules.scripting.selectors import (
    RUN,
    filled_for,
    find_run,
    fitting,
    list_offered,
    script_actions,
    visible_runs,
)

_EARLIER = 5
_FILLED, _VIEW = "scripting/_questionnaires.html", "interactions.view"


def sections() -> list[Section]:
    return [
        Section("scenarios", "scripting/_customer.html", customer_scenarios, RUN, 12, "main", lazy("Scenarios")),
        Section("questionnaires", _FILLED, filled_by_customer, _VIEW, 40, "main", lazy("Filled questionnaires")),
    ]


def customer_scenarios(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """As the template takes it (F01.03). Without a contact in hand it says which scenarios there would be. Up to
    seven queries."""
    links = contact_links()
    if customer.kind == Kind.QUASI or links is None or not isinstance(by, Person):
        return None
    contact = contact_in_hand(customer.pk, by=by)
    under_way = find_run(contact) if contact else None
    led = visible_runs(by).filter(customer=customer.pk, scenario__form=Form.CONVERSATION)
    earlier = led.exclude(ended_at=None).order_by("-began_at", "-id")
    return {
        "contact": contact,
        "desk_url": links.back_url(contact.pk) if contact else "",
        "under_way": str(under_way.scenario) if under_way else "",
        "offered": script_actions(contact, by=by) if contact and not under_way else [],
        "others": [] if contact else [str(one) for one in fitting(customer, by=by)],
        "earlier": [
            {
                "name": str(one.scenario),
                "at": one.began_at,
                "said": ", ".join(fact["value"] for fact in one.said[:3]),
            }
            for one in earlier[:_EARLIER]
        ],
    }


def talks_about(topics: Collection[int], occasion: Occasion, by: Person) -> list[Talk]:
    """Scenarios of the same topics as an article, while a contact is served that is led by none (F06.31). Up to
    seven queries."""
    if occasion.kind != "contact" or not by.may(RUN):
        return []
    contact = get_interaction(occasion.id, by=by)
    if contact.answered_at is None or find_run(contact) is not None:
        return []
    about = [one for one in list_offered(by=by) if {topic.pk for topic in one.topics.all()} & set(topics)]
    return [Talk(str(one), f"{reverse('scripting:begin', args=[contact.pk, one.pk])}?away") for one in about]


def filled_by_customer(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """F01.11; nothing where none was filled and he cannot be asked to. One query, one more for a company."""
    found = filled_for(list_account(customer, by=by), by=by)
    may_ask = by.may(RUN) and by.may("messages.send") and bool(settings.PUBLIC_URL) and customer.kind != Kind.QUASI
    invite_url = reverse("scripting:invite", args=[customer.pk]) if may_ask else ""
    return {"runs": found, "now": now, "invite_url": invite_url} if found or invite_url else None
