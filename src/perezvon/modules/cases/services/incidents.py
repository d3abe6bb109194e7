"""Mass incidents: many customers call about the same, one case stands for all of them.

Each call is a case of its own below it, registered with one click. When the incident is solved, a job tells everyone
who called and solves their cases too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from perezvon.foundation.access import Actor, System
from perezvon.foundation.commands.services import command
from perezvon.foundation.jobs.services import Work, ask_for_job
from perezvon.foundation.messages.models import Channel
from perezvon.foundation.messages.services import MayNotSend, MessageWrong
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import Refused
from perezvon.modules.cases.models import Act, Case, CaseState, Stage
from perezvon.modules.cases.selectors import ASSIGN, REGISTER, UNDER_WAY, WORK, get_case
from perezvon.modules.cases.services.changing import enter
from perezvon.modules.cases.services.linking import add_contact
from perezvon.modules.cases.services.registering import register_case
from perezvon.modules.cases.services.talking import address_of, write_to_customer
from perezvon.modules.cases.services.writing import CaseIsOver, add_entry, lock, refuse, save
from perezvon.modules.interactions.selectors import get_interaction

TELL_ALL = "cases.tell_all"  # the kind of job
LONGEST_BANNER = 200
BY = System(name="cases")


class NoIncident(Refused):
    """The case is no mass incident, or it is over."""

    code = "cases.no_incident"


@command("cases.declare_incident", needs=ASSIGN)
def declare_incident(*, case_id: UUID, banner: str, until: datetime | None, by: Actor, now: datetime) -> Case:
    """Let it stand for all who call about the same. banner: what operators read, until then. Raises FieldsWrong."""
    words = " ".join(banner.split())
    if not words or len(words) > LONGEST_BANNER:
        refuse({"banner": Wrong("text.long", most=LONGEST_BANNER) if words else Wrong("field.required")})
    if until is not None and until <= now:
        refuse({"banner_until": Wrong("cases.over_already")})
    case = lock(case_id, by)
    if case.is_over:
        raise CaseIsOver(case=case_id)
    case.incident, case.banner, case.banner_until = True, words, until
    add_entry(case, Act.CHANGED, by, now, facts={"fields": ["incident"]}, text=words)
    save(case, now)
    return case


@command("cases.call_off_incident", needs=ASSIGN)
def call_off_incident(*, case_id: UUID, by: Actor, now: datetime) -> Case:
    """It is an ordinary case again; those below it stay there."""
    case = lock(case_id, by)
    if case.incident:
        case.incident, case.banner, case.banner_until = False, "", None
        add_entry(case, Act.CHANGED, by, now, facts={"fields": ["incident"]})
        save(case, now)
    return case


@command("cases.one_more_call", needs=REGISTER)
def one_more_call(*, case_id: UUID, contact_id: UUID, by: Actor, now: datetime) -> Case:
    """This contact is about the incident too: a case of its own below it. Who has one already gets the contact added.

    Raises NoIncident, NotIdentifiedYet.
    """
    incident = get_case(case_id, by=by)
    if not incident.incident or incident.is_over:
        raise NoIncident(case=case_id)
    contact = get_interaction(contact_id, by=by)
    # Whoever comes second waits here, and finds the case of the first.
    lock(incident.pk, by)
    known = incident.children.filter(contact=contact).first()
    if known is None and contact.customer_id:
        known = incident.children.filter(customer=contact.customer_id, stage__in=UNDER_WAY).first()
    if known is not None:
        return add_contact(case_id=known.pk, contact_id=contact.pk, by=by, now=now)
    typed = {"subject": incident.subject, "text": incident.banner, "priority": str(incident.priority)}
    typed |= {"category": str(incident.category_id)} if incident.category_id else {}
    typed |= {"topic": str(incident.topic_id)} if incident.topic_id else {}
    made = register_case(
        kind_id=incident.kind_id, project_id=incident.project_id, typed=typed, contact_id=contact.pk, by=by, now=now
    )
    Case.objects.filter(pk=made.pk).update(parent=incident)
    made.parent = incident
    return made


# --- its end ---


def ask_to_tell_all(case: Case, now: datetime) -> None:
    """Have a worker tell everyone who called about it. Inside a transaction."""
    ask_for_job(TELL_ALL, title=case.code, facts={"case": str(case.pk)}, by=BY, now=now)


def tell_all(work: Work) -> dict[str, Any]:
    """The job: each case below a solved incident that is still under way. What was told is told once."""
    incident = Case.objects.get(pk=work.job.facts["case"])
    keys = list(incident.children.filter(stage__in=UNDER_WAY).order_by("id").values_list("pk", flat=True))
    work.advance(0, len(keys))
    told = 0
    for place, key in enumerate(keys, start=1):
        told += tell_one(case_id=key, by=BY, now=work.now())
        work.advance(place)
    return {"cases": len(keys), "told": told}


@command("cases.tell_one", needs=WORK)
def tell_one(*, case_id: UUID, by: Actor, now: datetime) -> bool:
    """Answer one of those who called as the incident was answered, and solve his case. Whether a message went."""
    case = lock(case_id, by)
    if case.parent is None or case.is_over:
        return False
    text = answer_of(case.parent)
    told = bool(text) and _write(case, text, by, now)
    if text and not told:
        add_entry(case, Act.COMMENT, by, now, text=text, is_public=True)
    solved = CaseState.objects.filter(kind=case.kind_id, stage=Stage.SOLVED, is_active=True).first()
    solved = solved or CaseState.objects.filter(kind=case.kind_id, stage=Stage.CLOSED, is_active=True).first()
    case.refresh_from_db()
    if solved:
        enter(case, solved, by, now)
    return told


def answer_of(incident: Case) -> str:
    """What was last said to the public about it. One query."""
    said = incident.entries.filter(is_public=True).exclude(text="").order_by("-at", "-id").first()
    return said.text if said else ""


def _write(case: Case, text: str, by: Actor, now: datetime) -> bool:
    for channel in (Channel.EMAIL.value, Channel.SMS.value):
        if address_of(case, channel):
            try:
                write_to_customer(case_id=case.pk, channel=channel, text=text, by=by, now=now)
            except (MayNotSend, MessageWrong):
                continue
            return True
    return False
