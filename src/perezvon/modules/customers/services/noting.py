"""What people note on a card: comments, warnings, status, how the customer wants to be served."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.kernel.errors import NotFound
from perezvon.modules.catalogue.selectors import serving
from perezvon.modules.customers.models import Comment, Customer, Status, Warning
from perezvon.modules.customers.selectors.review import today
from perezvon.modules.customers.services.writing import FieldsWrong, lock, save_changed
from perezvon.modules.customers.values import Problem, preferences_of

LONGEST_COMMENT, LONGEST_WARNING = 4000, 200


class NoSuchWarning(NotFound):
    code = "customers.no_such_warning"


@command("customers.add_comment", needs="customers.comment")
def add_comment(*, customer_id: UUID, text: str, by: Actor, now: datetime) -> Comment:
    """A free word on the card (F01.45)."""
    text = _text_or_refused(text, "comment", LONGEST_COMMENT)
    customer = lock(customer_id, by)
    comment = Comment.objects.create(customer=customer, text=text, by_id=by.user_id, at=now)
    save_changed(customer, ["comments"], now)
    return comment


@command("customers.set_status", needs="customers.edit")
def set_status(*, customer_id: UUID, status: str, by: Actor, now: datetime) -> Customer:
    """Potential, existing or former (F01.16); the history keeps each change with its reason."""
    if status not in Status.values:
        raise FieldsWrong(problems={"status": Problem("choice.unknown")})
    customer = lock(customer_id, by)
    if customer.status != status:
        customer.status = status
        save_changed(customer, ["status"], now)
    return customer


@command("customers.set_preferences", needs="customers.edit_contacts")
def set_preferences(*, customer_id: UUID, typed: Mapping[str, str], by: Actor, now: datetime) -> Customer:
    """How the customer wants to be served, as `values.PREFERENCES` names it (F01.50)."""
    preferences, problems = preferences_of(typed)
    if problems:
        raise FieldsWrong(problems=problems)
    customer = lock(customer_id, by)
    if customer.preferences != preferences:
        customer.preferences = preferences
        save_changed(customer, ["preferences"], now)
    return customer


@command("customers.set_office", needs="customers.edit_contacts")
def set_office(*, customer_id: UUID, office_id: int | None, by: Actor, now: datetime) -> Customer:
    """Which office serves the customer; None for none. He keeps one that is taken out of use. Raises FieldsWrong."""
    customer = lock(customer_id, by)
    if customer.office_id == office_id:
        return customer
    if office_id is not None and not serving(customer.project_id).filter(pk=office_id).exists():
        raise FieldsWrong(problems={"office": Problem("choice.unknown")})
    customer.office_id = office_id
    save_changed(customer, ["office"], now)
    return customer


# --- warnings ---


@command("customers.add_warning", needs="customers.warn")
def add_warning(
    *, customer_id: UUID, kind: str, text: str, by: Actor, now: datetime, last_day: date | None = None
) -> Warning:
    """Put a warning on the card, until it is lifted or `last_day` is over. Without a text it says its kind."""
    if kind not in Warning.Kind.values:
        raise FieldsWrong(problems={"warning": Problem("choice.unknown")})
    if last_day and last_day < today(now):
        raise FieldsWrong(problems={"last_day": Problem("last_day.past")})
    text = text.strip()
    if len(text) > LONGEST_WARNING:
        raise FieldsWrong(problems={"warning": Problem("text.long", {"most": LONGEST_WARNING})})
    customer = lock(customer_id, by)
    warning = Warning.objects.create(
        customer=customer, kind=kind, text=text, by_id=by.user_id, at=now, last_day=last_day
    )
    if warning.shown not in customer.warnings:
        customer.warnings = [*customer.warnings, warning.shown]
    save_changed(customer, ["warnings"], now)
    return warning


@command("customers.lift_warning", needs="customers.warn")
def lift_warning(*, warning_id: int, by: Actor, now: datetime) -> Warning:
    """Take it off the card; it stays in the history. Lifted already, nothing happens. Raises NoSuchWarning."""
    owner = Warning.objects.filter(pk=warning_id).values_list("customer_id", flat=True).first()
    if owner is None:
        raise NoSuchWarning(warning=warning_id)
    customer = lock(owner, by)
    warning = customer.warning_rows.get(pk=warning_id)
    if warning.lifted_at is None:
        warning.lifted_at = now
        warning.save(update_fields=["lifted_at"])
        _forget_text(customer, warning)
        save_changed(customer, ["warnings"], now)
    return warning


def _forget_text(customer: Customer, warning: Warning) -> None:
    """Unless another one in force says the same."""
    others = customer.warning_rows.filter(lifted_at=None).exclude(pk=warning.pk)
    if warning.shown not in {one.shown for one in others}:
        customer.warnings = [text for text in customer.warnings if text != warning.shown]


def _text_or_refused(text: str, field: str, most: int) -> str:
    text = text.strip()
    if not text:
        raise FieldsWrong(problems={field: Problem("field.required")})
    if len(text) > most:
        raise FieldsWrong(problems={field: Problem("text.long", {"most": most})})
    return text
