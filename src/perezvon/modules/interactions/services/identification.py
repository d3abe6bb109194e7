"""Identifying whoever speaks, and the gate before commercial data.

What was asked hangs on the contact: it holds for this contact only, and goes with it when it is transferred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import QuerySet

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.services import command
from perezvon.foundation.outbox.services import publish
from perezvon.kernel.errors import NotAllowed, Refused
from perezvon.modules.customers.models import Customer, Document, Kind, ProductHeld
from perezvon.modules.customers.selectors import code_word_fits, get_customer_with_details, list_products
from perezvon.modules.interactions.events import CustomerIdentified, IdentificationLocked
from perezvon.modules.interactions.identification import (
    TYPED,
    Gate,
    Known,
    Outcome,
    Policy,
    Round,
    State,
    Unclear,
    answers_given,
    gate_of,
    judge,
    questions_to_put,
)
from perezvon.modules.interactions.models import Identification, Interaction, Segment
from perezvon.modules.interactions.models import State as Progress
from perezvon.modules.interactions.services.recording import changed
from perezvon.modules.interactions.services.writing import lock_interaction


class NotIdentified(NotAllowed):
    """Commercial data stays closed until whoever speaks is identified in this contact. facts: state."""

    code = "interactions.not_identified"


class OtherCustomer(Refused):
    """The contact is linked to somebody else, or to nobody: choose the customer first."""

    code = "interactions.other_customer"


class IdentificationClosed(Refused):
    """No more can be asked. facts: reason, "locked" or "over"."""

    code = "interactions.identification_closed"


class AnswerUnclear(Refused):
    """An answer cannot be compared as typed; no attempt was spent. facts: question."""

    code = "interactions.answer_unclear"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Question:
    """code: names it. is_typed: the system compares what was typed; else the operator compares with `shown`."""

    code: str
    is_typed: bool
    shown: str
    is_right: bool


@command("interactions.identify", needs="interactions.identify")
def ask(
    *, interaction_id: UUID, customer_id: UUID, answers: Mapping[str, str], by: Person, now: datetime
) -> Identification | None:
    """Check what the caller said. The row kept says what was asked and what was right, never the answers.

    answers: question → what he said, or "yes" / "no" for what the operator compared himself; empty is not asked.
    None when nothing was asked or the gate is open already. Raises OtherCustomer, IdentificationClosed,
    AnswerUnclear; a wrong answer raises nothing, or it would not be kept.
    """
    interaction = lock_interaction(interaction_id, by)
    if interaction.customer_id != customer_id:
        raise OtherCustomer(interaction=interaction_id)
    now_at = gate(interaction)
    if interaction.state == Progress.DONE or now_at.state is State.LOCKED:
        raise IdentificationClosed(reason="locked" if now_at.state is State.LOCKED else "over")
    given = _compare(interaction, answers, by)
    if not given or now_at.state is State.PASSED:
        return None
    outcome = judge(now_at, given)
    row = Identification.objects.create(
        interaction=interaction,
        customer_id=customer_id,
        asked=[{"code": code, "passed": passed} for code, passed in given.items()],
        outcome=outcome,
        by_id=by.id,
        at=now,
    )
    _tell(interaction, outcome, now)
    return row


def _compare(interaction: Interaction, answers: Mapping[str, str], by: Actor) -> dict[str, bool]:
    try:
        return answers_given(_policy(interaction), answers, _known(interaction, by))
    except Unclear as unclear:
        raise AnswerUnclear(question=unclear.code) from None


def _tell(interaction: Interaction, outcome: Outcome, now: datetime) -> None:
    if outcome is Outcome.PASSED:
        publish(CustomerIdentified(interaction_id=interaction.pk, customer_id=_linked(interaction)), now=now)
    elif outcome is Outcome.LOCKED:
        publish(IdentificationLocked(interaction_id=interaction.pk, customer_id=_linked(interaction)), now=now)
    changed(interaction.pk, now)


def _linked(interaction: Interaction) -> UUID:
    assert interaction.customer_id is not None  # noqa: S101  (compared by `ask` before)
    return interaction.customer_id


def gate(interaction: Interaction) -> Gate:
    """Where identification stands in this contact. One query; one more when its project is not loaded."""
    rows = Identification.objects.filter(interaction=interaction.pk).order_by("at", "id")
    rounds = [
        Round(row.customer_id, frozenset(each["code"] for each in row.asked if each["passed"]), row.outcome)
        for row in rows
    ]
    return gate_of(_policy(interaction), rounds, interaction.customer_id)


def questions(interaction: Interaction, *, by: Actor) -> list[Question]:
    """What may be asked of the linked customer: the project's questions that his card can answer. Five queries."""
    if interaction.customer_id is None:
        return []
    known, right = _known(interaction, by), gate(interaction).right
    shown = {"address": "; ".join(known.addresses)}
    return [
        Question(code, code in TYPED, shown.get(code, ""), code in right)
        for code in questions_to_put(_policy(interaction), known)
    ]


def may_see_products(interaction: Interaction, *, by: Actor) -> bool:
    """Whether commercial data is open to this person in this contact. Two queries."""
    return by.may("customers.view_commercial") and _serves(interaction, by) and gate(interaction).state is State.PASSED


def visible_products(interaction: Interaction, *, by: Actor) -> QuerySet[ProductHeld]:
    """The linked customer's products, for whoever serves him now and has identified him. Raises NotIdentified."""
    if interaction.customer_id is None or not may_see_products(interaction, by=by):
        raise NotIdentified(state=gate(interaction).state.value)
    return list_products(interaction.customer_id, by=by)


def contact_in_hand(customer_id: UUID, *, by: Actor) -> Interaction | None:
    """The contact with this customer that the person has in hand now. One query."""
    if by.user_id is None:
        return None
    mine = Interaction.objects.filter(customer=customer_id, agent=by.user_id).exclude(state=Progress.DONE)
    return mine.select_related("project").order_by("-began_at", "-id").first()


def commercial_is_open(customer: Customer, by: Actor) -> bool:
    """Whether he is identified in the contact that this person has with him. Three queries."""
    contact = contact_in_hand(customer.pk, by=by)
    return contact is not None and may_see_products(contact, by=by)


def _serves(interaction: Interaction, by: Actor) -> bool:
    """Valid for this contact only: not once it is done, and not for those who have no part in it."""
    if by.user_id is None or interaction.state == Progress.DONE:
        return False
    if interaction.agent_id == by.user_id:
        return True
    return Segment.objects.filter(interaction=interaction.pk, agent=by.user_id, ended_at=None).exists()


def _policy(interaction: Interaction) -> Policy:
    return Policy.of(interaction.project.settings)


def _known(interaction: Interaction, by: Actor) -> Known:
    customer = get_customer_with_details(_linked(interaction), by=by)
    if customer.kind == Kind.QUASI:
        return Known()
    passports = [row.number for row in customer.documents.all() if row.kind == Document.PASSPORT]
    return Known(
        full_name=customer.full_name,
        birth_date=customer.birth_date,
        passport=next(iter(passports), ""),
        addresses=tuple(address.text for address in customer.addresses.all() if address.text),
        is_code_word=_checker(customer),
    )


def _checker(customer: Customer) -> partial[bool] | None:
    return partial(code_word_fits, customer) if customer.code_word else None
