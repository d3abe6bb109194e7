"""What follows from a result by itself: a meeting in the calendar, a line of the do-not-contact register."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from perezvon.cores.results import rule_of
from perezvon.foundation.access import Person, System
from perezvon.modules.catalogue.models import Office
from perezvon.modules.customers.models import Customer, Kind, Status
from perezvon.modules.customers.services import Banned, ban_contact, set_status
from perezvon.modules.interactions.models import Interaction, Result
from perezvon.modules.interactions.services import PLACES, option_of, reason_name
from perezvon.modules.tasks import services as tasks
from perezvon.modules.tasks.models import OPEN, Task
from perezvon.modules.tasks.models import Kind as TaskKind
from perezvon.modules.tasks.selectors import WRITE as PLAN

MEETING = "meeting"
# An administrator decided that the result leads to this; whoever chooses it need not have the right to do it by hand.
_BY = System(name="results")


def follow(contact: Interaction, by: Person, now: datetime) -> None:
    """Everything that the saved result leads to, once however often it is saved. Raises OutsideHours, TaskWrong."""
    if contact.result is None:
        return
    fields = contact.result_fields
    # What was promised is his, though he may not plan by hand: otherwise nobody would call.
    promises = replace(by, rights=by.rights | {PLAN})
    tasks.plan_callback(interaction_id=contact.pk, fields=fields, by=promises, now=now)
    if "visit_at" in fields:
        _plan_meeting(contact, contact.result, promises, now)
    follows = rule_of(option_of(contact.result), fields.get("reason", "")).follows
    said = _reason_of(contact, contact.result)
    person = _person_of(contact)
    if "ban_number" in follows or ("ban" in follows and person is None):
        _ban(None, contact.address, said, now)
    if ("ban" in follows or "deceased" in follows) and person is not None:
        _ban(person, "", said, now)
    if "deceased" in follows and person is not None:
        _call_off(person, said, now)
        if person.status != Status.FORMER:
            set_status(customer_id=person.pk, status=Status.FORMER, by=_BY, now=now)


def _person_of(contact: Interaction) -> Customer | None:
    """The customer; not the record that stands for everybody nobody knows."""
    return contact.customer if contact.customer and contact.customer.kind != Kind.QUASI else None


def _reason_of(contact: Interaction, result: Result) -> str:
    reason = contact.result_fields.get("reason", "")
    named = ": ".join([str(result), *([reason_name(result, reason)] if reason else [])])
    return _("{result} (contact {number})").format(result=named, number=contact.number)


def _ban(person: Customer | None, address: str, reason: str, now: datetime) -> None:
    if person is None and not address:
        return
    ban_contact(
        banned=Banned(reason=reason),
        customer_id=person.pk if person else None,
        address=f"+{address}" if address else "",
        by=_BY,
        now=now,
    )


def _call_off(person: Customer, why: str, now: datetime) -> None:
    """Nobody rings, writes to or waits for him any more; other work that concerns him stays."""
    reaching = (TaskKind.CALL, TaskKind.SMS, TaskKind.MEETING)
    planned = Task.objects.filter(customer=person.pk, kind__in=reaching, state__in=OPEN).order_by("id")
    for key in planned.values_list("pk", flat=True):
        tasks.cancel(task_id=key, why=why, by=_BY, now=now)


def _plan_meeting(contact: Interaction, result: Result, by: Person, now: datetime) -> None:
    if Task.objects.filter(interaction=contact.pk, origin=MEETING).exists():
        return
    fields = contact.result_fields
    office = Office.objects.filter(code=fields["office"]).first() if fields.get("office") else None
    place = str(office) if office else str(dict(PLACES).get(fields.get("place", ""), ""))
    where = ", ".join(part for part in (place, office.address_text if office else fields.get("address", "")) if part)
    wanted = tasks.Wanted(
        title=": ".join(part for part in (str(result), where) if part)[:200],
        kind=TaskKind.MEETING,
        text=fields.get("comment", ""),
        due=datetime.fromisoformat(fields["visit_at"]).replace(tzinfo=None),
        zone=office.zone if office else "",
        interaction_id=contact.pk,
        address=contact.address,
        remind_min=60,
        origin=MEETING,
    )
    tasks.plan(wanted=wanted, by=by, now=now)
