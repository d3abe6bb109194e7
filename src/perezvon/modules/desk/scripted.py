"""What a conversation opens on the operator's desk, and the work it plans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from perezvon.cores.conditions import Type, Value
from perezvon.cores.scripting.knowing import NOTHING
from perezvon.foundation.conditions.terms import Term
from perezvon.kernel.checks import day
from perezvon.modules.customers.models import Kind
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.services import GateState, gate
from perezvon.modules.scripting.registry import Action, CannotDo, Doing, Opening, Parameter, register_action
from perezvon.modules.tasks.models import Kind as TaskKind
from perezvon.modules.tasks.selectors import WRITE as PLAN
from perezvon.modules.tasks.selectors import place_of
from perezvon.modules.tasks.services import Wanted, plan
from perezvon.modules.telephony.selectors import get_standing

_LONGEST = 4


def register_actions() -> None:
    identified = Term("identification.passed", lazy("Identification: passed"), Type.FLAG)
    register_action(
        Action(
            "desk.identify",
            lazy("Identify the customer"),
            facts={identified.code: identified},
            right="interactions.identify",
            opens=_identify,
            is_done=_is_identified,
        )
    )
    register_action(
        Action(
            "desk.register",
            lazy("Register the customer"),
            right="customers.register",
            opens=_register,
            is_done=_is_registered,
        )
    )
    register_action(Action("desk.card", lazy("Open the customer's card"), right="customers.view", opens=_card))
    register_action(Action("desk.transfer", lazy("Pass the call on"), right="telephony.use", opens=_transfer))
    title = Parameter("title", lazy("Title"), is_required=True)
    text, days = Parameter("text", lazy("Text"), "long"), Parameter("days", lazy("In how many days"))
    register_action(Action("tasks.task", lazy("Plan a task"), (title, text, days), right=PLAN, runs=_task))
    when = Parameter("on", lazy("Day of the call; without one in so many days"))
    of_call = (title, when, days, text)
    register_action(Action("tasks.callback", lazy("Plan a call"), of_call, right=PLAN, runs=_callback))


def _identify(doing: Doing) -> Opening:
    if _nobody(doing.contact):
        raise CannotDo(why="no_customer")
    return Opening(reverse("desk:identify", args=[doing.contact.pk]), "dialog")


def _nobody(contact: Interaction) -> bool:
    return contact.customer is None or contact.customer.kind == Kind.QUASI


def _is_identified(doing: Doing) -> Mapping[str, Value] | None:
    state = GateState.OPEN if _nobody(doing.contact) else gate(doing.contact).state
    return None if state is GateState.OPEN else {"identification.passed": state is GateState.PASSED}


def _register(doing: Doing) -> Opening:
    number = doing.contact.clarified or doing.contact.address
    query = urlencode({"interaction": doing.contact.pk, "phone": number})
    return Opening(f"{reverse('customers:new')}?{query}", "workspace")


def _is_registered(doing: Doing) -> Mapping[str, Value] | None:
    return None if _nobody(doing.contact) else {}


def _card(doing: Doing) -> Opening:
    if doing.contact.customer_id is None or _nobody(doing.contact):
        raise CannotDo(why="no_customer")
    return Opening(reverse("customers:card", args=[doing.contact.customer_id]))


def _transfer(doing: Doing) -> Opening:
    call = next((one for one in get_standing(doing.by.id).calls if one.contact_id == doing.contact.pk), None)
    if call is None or call.is_over:
        raise CannotDo(why="no_call")
    return Opening(reverse("desk:transfer", args=[call.id]), "dialog")


def _task(doing: Doing) -> None:
    _plan(doing, TaskKind.TODO)


def _callback(doing: Doing) -> None:
    _plan(doing, TaskKind.CALL)


def _plan(doing: Doing, kind: str) -> None:
    contact, gives = doing.contact, doing.gives
    place = place_of(contact.customer, contact.address, contact.project)
    plan(
        wanted=Wanted(
            title=gives.get("title", ""),
            kind=kind,
            text=gives.get("text", ""),
            due=_due(gives, doing.now, place.zone),
            zone=place.zone,
            interaction_id=contact.pk,
            customer_id=None if _nobody(contact) else contact.customer_id,
            address=contact.address if kind == TaskKind.CALL else "",
        ),
        by=doing.by,
        now=doing.now,
    )


def _due(gives: Mapping[str, str], now: datetime, zone: str) -> datetime:
    """At eleven by the customer's wall, on the day that was named, or in so many days."""
    named, days = gives.get("on", "").strip(), gives.get("days", "").strip()
    if named and named != NOTHING:
        on = day(named)
    else:
        ahead = int(days) if days.isascii() and days.isdecimal() and len(days) < _LONGEST else 1
        on = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=ahead)
    return datetime.combine(on, time(11))
