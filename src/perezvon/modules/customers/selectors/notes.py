"""What is noted on a card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.history.models import Change
from perezvon.foundation.people.models import User
from perezvon.modules.customers.models import Comment, Customer, Kind, Relation, Warning
from perezvon.modules.customers.selectors.review import today

MOST = 50


@dataclass(frozen=True, slots=True)
class StatusChange:
    """status: from `at` on; before: "" of a new card."""

    at: datetime
    status: str
    before: str
    by: str
    why: str


OFFICE = "office"  # the group of people that office staff is in (F28.05)


def may_recommend(by: Actor) -> bool:
    """Whether somebody may enter people on a customer's recommendation: office staff, if they have the right."""
    return by.may("customers.recommend") and (not isinstance(by, Person) or by.in_group(OFFICE))


def list_comments(customer: Customer) -> list[Comment]:
    """Newest first. One query."""
    return list(customer.comments.select_related("by")[:MOST])


def list_warnings(customer: Customer) -> list[Warning]:
    """Those in force, newest first. One query."""
    return list(customer.warning_rows.filter(lifted_at=None).select_related("by"))


def list_outlived_warnings(now: datetime) -> list[int]:
    """Of customers that are there. One query."""
    outlived = Warning.objects.filter(lifted_at=None, last_day__lt=today(now), customer__deleted_at=None)
    return list(outlived.order_by("id").values_list("id", flat=True))


def list_relations(customer: Customer, *, by: Actor) -> list[Relation]:
    """Who belongs to the customer, by kind; of those whose cards are open to the actor. One query."""
    rows = customer.relations.filter(other__in=Customer.objects.visible_to(by)).select_related("other")
    return list(rows)


def list_account(customer: Customer, *, by: Actor) -> list[UUID]:
    """Whose contacts are an account's: a company's own and its business contacts' (F01.46). One query, or none."""
    if customer.kind != Kind.COMPANY:
        return [customer.pk]
    people = customer.relations.filter(kind=Relation.Kind.CONTACT, other__in=Customer.objects.visible_to(by))
    return [customer.pk, *people.order_by("id").values_list("other", flat=True)[:MOST]]


def list_related_by(customer: Customer, *, by: Actor) -> list[Relation]:
    """Whose relation the customer is: who recommended him, where he is a business contact. One query."""
    return list(customer.related_by.filter(customer__in=Customer.objects.visible_to(by)).select_related("customer"))


def list_status_changes(customer: Customer) -> list[StatusChange]:
    """The statuses of the card, newest first (F01.16). Three queries."""
    rows = Change.objects.filter(table=Customer._meta.db_table, row=str(customer.pk), after__has_key="status")
    changes = list(rows.order_by("-id")[:MOST])
    commands = CommandRecord.objects.in_bulk([one.command for one in changes if one.command])
    authors = {command.actor.partition(":")[2] for command in commands.values() if command.actor.startswith("user:")}
    names = {f"user:{user.pk}": user.short_name for user in User.objects.filter(pk__in=authors)}
    found = []
    for change in changes:
        command = commands.get(change.command) if change.command else None
        found.append(
            StatusChange(
                at=command.at if command else change.at,
                status=(change.after or {})["status"],
                before=(change.before or {}).get("status", ""),
                by=names.get(command.actor, "") if command else "",
                why=command.why if command else "",
            )
        )
    return found
