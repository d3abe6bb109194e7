"""A customer fills in a questionnaire by himself: he is sent a link, and what he answers is a contact of its own."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from perezvon.cores.conditions import Value
from perezvon.cores.scripting import Stage, begin
from perezvon.cores.scripting.codec import read_run
from perezvon.cores.scripting.model import Answer, Input, Kind, Tick
from perezvon.cores.scripting.model import Run as Talk
from perezvon.cores.scripting.model import Scenario as Drawn
from perezvon.foundation.access import Actor, System
from perezvon.foundation.commands.services import command
from perezvon.foundation.messages.models import Channel
from perezvon.foundation.messages.registry import SERVICE
from perezvon.foundation.messages.selectors import SEND
from perezvon.foundation.messages.services import Draft, queue_message
from perezvon.foundation.people.models import Project
from perezvon.kernel.errors import NotFound, Refused
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.selectors import get_customer, list_purposes
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.services import register_answers
from perezvon.modules.scripting.facts import TERMS
from perezvon.modules.scripting.models import Form, Invitation, Run, Scenario
from perezvon.modules.scripting.selectors import RUN, known_facts, library_of, list_offered, published, stage_of
from perezvon.modules.scripting.services.running import Moved, NotOffered, Work, pinned_for

ASKED_FOR = timedelta(days=30)  # so long the link can be used
MOST_TURNS = 500  # of one filling
PURPOSE = "quality"  # where the company has such a purpose, whoever does not want to be asked is not
BY = System(name="customer")
_ALONE = frozenset({Kind.PHRASE, Kind.FORM, Kind.QUESTION, Kind.CHOICE, Kind.DECISION, Kind.END})


class CannotInvite(Refused):
    """facts: reason, one of no_url (customers cannot reach us), not_plain (it asks for more than answers), nobody."""

    code = "scripting.cannot_invite"
    http_status = 422


class NotInvited(NotFound):
    """Nobody was asked with this link."""

    code = "scripting.not_invited"


class InvitedTooLate(Refused):
    """It was answered, or its time is over."""

    code = "scripting.invited_too_late"


@dataclass(frozen=True, slots=True)
class Filling:
    """Where somebody stands in a questionnaire that he fills in by himself. run: None before his first answer."""

    invitation: Invitation
    stage: Stage
    talk: Talk
    run: Run | None

    @property
    def revision(self) -> int:
        return self.run.revision if self.run else 0


@dataclass(frozen=True, slots=True)
class Way:
    """How a link reaches its customer. contact: in which he is asked. project_id: None for the contact's, else the
    card's own, else the first seen."""

    channel: str
    to: str
    contact: Interaction | None = None
    project_id: int | None = None


def is_plain(drawn: Drawn) -> bool:
    """Whether a customer can go through it alone: it asks and tells, does nothing and writes to no card."""
    nodes = drawn.nodes.values()
    return all(one.kind in _ALONE and not any(field.binds for field in one.fields) for one in nodes)


def to_fill_in(*, by: Actor) -> list[Scenario]:
    """Questionnaires that customers can be asked to fill in by themselves."""
    offered = [one for one in list_offered(by=by) if one.form == Form.QUESTIONNAIRE]
    return [one for one in offered if is_plain(published(one))]


@command("scripting.invite", needs=RUN)
def invite(*, scenario_id: UUID, customer_id: UUID, way: Way, by: Actor, now: datetime) -> Invitation:
    """Send the customer a link to the questionnaire.

    Raises NotOffered, CannotInvite, MessageWrong, MayNotSend.
    """
    by.must(SEND)
    if not settings.PUBLIC_URL:
        raise CannotInvite(reason="no_url")
    scenario = next((one for one in list_offered(by=by) if one.pk == scenario_id), None)
    if scenario is None or scenario.form != Form.QUESTIONNAIRE:
        raise NotOffered(scenario=scenario_id)
    if not is_plain(published(scenario)):
        raise CannotInvite(reason="not_plain")
    customer, token = get_customer(customer_id, by=by), secrets.token_urlsafe(24)
    project = _project(customer, way, by)
    invitation = Invitation.objects.create(
        id=uuid7(now), secret=_hashed(token), scenario=scenario, customer=customer, project=project,
        contact=way.contact, asked_at=now, until=now + ASKED_FOR, by_id=by.user_id,
    )  # fmt: skip
    _send(invitation, token, way, by, now)
    return invitation


def _project(customer: Customer, way: Way, by: Actor) -> Project:
    key = way.project_id or (way.contact.project_id if way.contact else customer.project_id)
    seen = Project.objects.order_by("number") if by.projects is None else Project.objects.filter(pk__in=by.projects)
    found = (seen.filter(pk=key) if key else seen).order_by("number").first()
    if found is None:
        raise NotFound(project=key)
    return found


def _send(one: Invitation, token: str, way: Way, by: Actor, now: datetime) -> None:
    link = f"{settings.PUBLIC_URL}{reverse('scripting:fill', args=[token])}"
    with override(one.customer.language):
        subject = str(one.scenario)
        text = _("{company} asks you to answer a few questions: {link}").format(company=one.project, link=link)
    codes = {purpose.code for purpose in list_purposes(by=by) if purpose.is_active}
    purpose = PURPOSE if PURPOSE in codes else SERVICE
    draft = Draft(
        way.channel, way.to, text, subject if way.channel == Channel.EMAIL else "", purpose,
        project_id=one.project_id, kind="customer", record=one.customer_id, contact=one.contact_id,
    )  # fmt: skip
    queue_message(draft=draft, by=by, now=now)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# --- answering ---


def open_filling(token: str, *, now: datetime) -> Filling:
    """What the link leads to; nothing is written. Raises NotInvited, InvitedTooLate."""
    invitations = Invitation.objects.select_related("scenario__current", "customer", "project", "run__scenario")
    return _filling(_there(invitations.filter(secret=_hashed(token)).first()), now)


@command("scripting.fill", needs=None)
def answer_invitation(*, token: str, given: Sequence[Input], revision: int, by: System, now: datetime) -> Filling:
    """Answer, or go back. The first answer makes the contact. revision: of what the customer was looking at.

    Raises NotInvited, InvitedTooLate, NotPossible with what is wrong, Moved.
    """
    _there(Invitation.objects.select_for_update().filter(secret=_hashed(token)).first())
    was = open_filling(token, now=now)
    if was.revision != revision:
        raise Moved(invitation=was.invitation.pk)
    row = was.run or _begun(was, by, now)
    work = Work(was.stage, row, row.interaction, by, now, was.talk)
    for one in given:
        work.say(one)
    row = work.saved()
    if was.run is None:
        Invitation.objects.filter(pk=was.invitation.pk).update(run=row)
    return Filling(was.invitation, was.stage, read_run(row.state), row)


def _there(found: Invitation | None) -> Invitation:
    if found is None:
        raise NotInvited()
    return found


def _filling(one: Invitation, now: datetime) -> Filling:
    run = one.run
    if run is not None:
        if run.ended_at is not None or run.revision >= MOST_TURNS or one.until < now:
            raise InvitedTooLate()
        return Filling(one, stage_of(run, by=BY), read_run(run.state), run)
    if one.until < now or one.scenario.current is None or not one.scenario.is_active:
        raise InvitedTooLate()
    stage = Stage(library_of(pinned_for(one.scenario)), known_facts(BY))
    language = one.customer.language
    turn = begin(stage, one.scenario.code, run_id=str(one.pk), language=language, context=_context(one, now), now=now)
    return Filling(one, stage, turn.run, None)


def _context(one: Invitation, now: datetime) -> dict[str, Value]:
    """What questions may speak of where nobody knows who reads them: of the card no more than how he is addressed."""
    customer = one.customer
    address = " ".join(filter(None, (customer.first_name, customer.middle_name)))
    nothing: dict[str, Value] = {term.code: None for term in TERMS}
    return nothing | {
        "customer.known": True,
        "customer.address": address or None,
        "project": one.project.code,
        "project.name": str(one.project),
        "today": timezone.localtime(now).date(),
    }


def _begun(was: Filling, by: System, now: datetime) -> Run:
    one = was.invitation
    contact = register_answers(customer_id=one.customer_id, project_id=one.project_id, by=by, now=now)
    assert one.scenario.current is not None  # noqa: S101  (asked before)
    return Run(
        id=uuid7(now), scenario=one.scenario, version=one.scenario.current, pinned=pinned_for(one.scenario),
        interaction=contact, customer=one.customer, project=one.project, began_at=now, revision=0,
    )  # fmt: skip


def read_through(filling: Filling, answer: Answer) -> list[Input]:
    """The answer of somebody who reads by himself: what stands on the page was read."""
    here = filling.talk.here
    node = filling.stage.library[here.place.scenario].nodes[here.place.node]
    return [*(Tick(one.code) for one in node.phrases), answer]
