"""Asking a credit bureau in a conversation (F19.17), and only in one about a product that it is asked for (F19.18)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from perezvon.cores.scripting.codec import read_run
from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import Refused
from perezvon.kernel.ids import uuid7
from perezvon.modules.catalogue.models import Product
from perezvon.modules.customers.models import Kind
from perezvon.modules.customers.selectors import value_of
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.loans.models import BureauInquiry, BureauProduct
from perezvon.modules.scripting.models import Run
from perezvon.modules.scripting.selectors import action_at, find_run, stage_of
from perezvon.modules.scripting.services import catch_up
from perezvon.ports.credit import Applicant, BureauAway, CreditBureau, Decision

BUREAU, SET_UP = "loans.bureau", "loans.set_up"
ACTION = "loans.bureau"


class BureauClosed(Refused):
    """It may not be asked here. facts: reason, one of no_bureau, not_asked, product, consent, no_customer."""

    code = "loans.bureau_closed"
    http_status = 422


class ApplicantWrong(Refused):
    """facts: problems, by field."""

    code = "loans.applicant_wrong"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Asking:
    """A conversation that stands where the bureau is asked."""

    contact: Interaction
    run: Run
    product: Product


@cache
def find_bureau() -> CreditBureau | None:
    """None where there is none (settings.CREDIT_BUREAU)."""
    made: CreditBureau | None = import_string(settings.CREDIT_BUREAU)()
    return made


def check_may_ask(contact: Interaction, *, product: str, consent: str) -> Product:
    """The product that the conversation is about. Raises BureauClosed."""
    if find_bureau() is None:
        raise BureauClosed(reason="no_bureau")
    if contact.customer is None or contact.customer.kind == Kind.QUASI:
        raise BureauClosed(reason="no_customer")
    if consent != "yes":
        raise BureauClosed(reason="consent")
    found = BureauProduct.objects.select_related("product").filter(product__code=product).first()
    if found is None:
        raise BureauClosed(reason="product")
    return found.product


def asking_in(interaction_id: UUID, *, by: Actor, now: datetime) -> Asking:
    """Raises BureauClosed: no conversation of this contact asks for the bureau now."""
    contact = get_interaction(interaction_id, by=by)
    run = find_run(contact)
    if run is None:
        raise BureauClosed(reason="not_asked")
    action, gives = action_at(stage_of(run, by=by), read_run(run.state), now)
    if action is None or action.code != ACTION:
        raise BureauClosed(reason="not_asked")
    product = check_may_ask(contact, product=gives.get("product", ""), consent=gives.get("consent", ""))
    return Asking(contact, run, product)


def decision_in(contact: Interaction) -> str:
    """What the bureau has last decided in a contact; "" for nothing yet. One query."""
    decided = BureauInquiry.objects.filter(interaction=contact).exclude(decision="").order_by("-asked_at", "-id")
    return decided.values_list("decision", flat=True).first() or ""


def ask_bureau(*, interaction_id: UUID, passport: str, born: str, by: Person, now: datetime) -> BureauInquiry:
    """Put the question, and keep the answer: the conversation goes on by it.

    passport: "" for the one of the card. That it was asked is kept before, for an inquiry leaves its mark in the
    customer's history whatever becomes of us. Raises BureauClosed, ApplicantWrong, BureauAway.
    """
    inquiry, applicant = _begin(interaction_id=interaction_id, passport=passport, born=born, by=by, now=now)
    bureau = find_bureau()
    try:
        decision = bureau.decide(applicant) if bureau else None
    except BureauAway:
        _answer(inquiry_id=inquiry.pk, decision=None, by=by, now=now)
        raise
    return _answer(inquiry_id=inquiry.pk, decision=decision, by=by, now=now)


@command("loans.ask_bureau", needs=BUREAU)
def _begin(
    *, interaction_id: UUID, passport: str, born: str, by: Person, now: datetime
) -> tuple[BureauInquiry, Applicant]:
    asking = asking_in(interaction_id, by=by, now=now)
    customer = asking.contact.customer
    assert customer is not None  # noqa: S101  (asked before)
    number, birthday = _checked(passport.strip() or value_of(customer, "passport"), born, now)
    inquiry = BureauInquiry.objects.create(
        id=uuid7(now), interaction=asking.contact, customer=customer, run=asking.run, product=asking.product,
        passport_end=number[-4:], asked_at=now, by_id=by.id,
    )  # fmt: skip
    return inquiry, Applicant(number, birthday, customer.full_name)


def _checked(passport: str, born: str, now: datetime) -> tuple[str, date]:
    problems: dict[str, Wrong] = {}
    number, birthday = "", now.date()
    try:
        number = checks.passport(passport)
    except Wrong as wrong:
        problems["passport"] = wrong
    try:
        birthday = checks.birth_date(born, today=now.date())
    except Wrong as wrong:
        problems["born"] = wrong
    if problems:
        raise ApplicantWrong(problems=problems)
    return number, birthday


@command("loans.bureau_answered", needs=BUREAU)
def _answer(*, inquiry_id: UUID, decision: Decision | None, by: Person, now: datetime) -> BureauInquiry:
    inquiry = BureauInquiry.objects.select_for_update().get(pk=inquiry_id)
    inquiry.decision, inquiry.answered_at = decision or "", now
    inquiry.save(update_fields=["decision", "answered_at"])
    if decision:
        catch_up(run_id=inquiry.run_id, by=by, now=now)
    return inquiry


@command("loans.set_up_bureau", needs=SET_UP)
def set_bureau_products(*, product_ids: Collection[int], by: Actor, now: datetime) -> None:
    """In conversations about these, and no other, the bureau may be asked."""
    BureauProduct.objects.exclude(product__in=product_ids).delete()
    known = set(BureauProduct.objects.values_list("product", flat=True))
    for key in Product.objects.filter(pk__in=set(product_ids) - known).values_list("pk", flat=True):
        BureauProduct.objects.create(product_id=key)
