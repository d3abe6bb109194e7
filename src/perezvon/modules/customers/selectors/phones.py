"""Who has this telephone number?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Right

from perezvon.foundation.access import Actor
from perezvon.kernel.checks import digits_of
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers.models import ContactPoint, Customer, Kind
from perezvon.modules.customers.registry import Standing, standings_of

LAST_DIGITS = 7
PICKED_FROM = 5
MOST = 200
_NEVER = 0.0


@dataclass(frozen=True, slots=True)
class Match:
    """A card that holds the number. use: home, mobile, …; struck_reason: why it is not to be used, if so."""

    customer: Customer
    use: str
    is_main: bool
    struck_reason: str
    has_open: bool
    last_contact_at: datetime | None


@dataclass(frozen=True)
class Matches:
    """All cards that hold a number, the likeliest first; those where it is struck out stand last.

    is_guess: only its last seven digits agree. At most MOST; a line that more people share is a switchboard.
    """

    matches: tuple[Match, ...] = ()
    is_guess: bool = False

    @cached_property
    def live(self) -> tuple[Match, ...]:
        """Those whose number it still is."""
        return tuple(match for match in self.matches if not match.struck_reason)

    @property
    def kind(self) -> str:
        """What a screen makes of it.

        "none"; "one" whom the call may be linked to, perhaps beside cards where the number is struck out; "several"
        to pick from, be it a single guess; "many", where one has to search.
        """
        if not self.matches:
            return "none"
        if self.only:
            return "one"
        return "many" if len(self.matches) > PICKED_FROM else "several"

    @property
    def only(self) -> Customer | None:
        """The one customer whom a call may be linked to without asking."""
        return self.live[0].customer if len(self.live) == 1 and not self.is_guess else None


def find_by_phone(number: str, *, by: Actor) -> Matches:
    """Cards with this number, typed or delivered in any form.

    The likeliest first: something open, then the latest contact, then those whose main number it is. When nobody has
    exactly it, those whose number ends alike. Two queries and one for each module that knows of contacts.
    """
    parsed = parse_phone(number)
    exact = _points(Q(digits=parsed.digits), by) if parsed else []
    guessed = [] if exact else _points(ends_alike(number), by)
    points = _one_a_customer(exact or guessed)
    standings = standings_of([point.customer_id for point in points])
    matches = [_match(point, standings[point.customer_id]) for point in points]
    return Matches(tuple(sorted(matches, key=_likeliest_first)), bool(guessed))


def find_only_customer(digits: str) -> Customer | None:
    """The customer whose phone this is, when it is exactly one's and not struck out. One query."""
    points = ContactPoint.objects.filter(_IS_PHONE, digits=digits, struck_reason="")
    found = Customer.objects.filter(pk__in=points.values("customer_id"), deleted_at=None)[:2]
    return found[0] if len(found) == 1 else None


def owners_of_number(digits: str) -> list[UUID]:
    """Whose phone this is where it is not struck out; MOST at most. One query."""
    points = ContactPoint.objects.filter(_IS_PHONE, digits=digits, struck_reason="")
    found = Customer.objects.filter(pk__in=points.values("customer_id"), deleted_at=None)
    return list(found.order_by("pk").values_list("pk", flat=True)[:MOST])


_IS_PHONE = Q(kind=ContactPoint.Kind.PHONE) & ~Q(digits="")


def ends_alike(number: str) -> Q:
    """Points whose number ends with the digits given: the last seven are enough, more must agree as well."""
    digits = digits_of(number)
    if len(digits) < LAST_DIGITS:
        return Q(pk=None)
    # The first digit of a Russian number may be 8 or 7, or left out: ten say everything.
    return Q(last_seven=digits[-LAST_DIGITS:]) & Q(digits__endswith=digits[-10:])


def phone_points() -> QuerySet[ContactPoint]:
    return ContactPoint.objects.filter(_IS_PHONE).alias(last_seven=Right("digits", LAST_DIGITS))


def _points(condition: Q, by: Actor) -> list[ContactPoint]:
    visible = Q(customer__in=Customer.objects.visible_to(by).exclude(kind=Kind.QUASI))
    found = phone_points().filter(condition & visible).select_related("customer").order_by("id")
    return list(found[:MOST])


def _one_a_customer(points: Iterable[ContactPoint]) -> list[ContactPoint]:
    """Of two points of one customer the better: not struck, then main."""
    best: dict[UUID, ContactPoint] = {}
    for point in sorted(points, key=lambda point: (point.is_struck, not point.is_main, point.pk)):
        best.setdefault(point.customer_id, point)
    return list(best.values())


def _match(point: ContactPoint, standing: Standing) -> Match:
    return Match(point.customer, point.use, point.is_main, point.struck_reason, standing.has_open, standing.last_at)


def _likeliest_first(match: Match) -> tuple[object, ...]:
    last = match.last_contact_at.timestamp() if match.last_contact_at else _NEVER
    return (
        bool(match.struck_reason),
        not match.has_open,
        -last,
        not match.is_main,
        match.customer.sort_key,
        match.customer.number,
    )
