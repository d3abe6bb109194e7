"""What a loan costs: annuity payments, schedules by days, and what early repayment changes.

The payment is the annuity whose present value is the debt: A = S * i / (1 - (1 + i) ** -n), with i a twelfth of the
yearly rate. Interest is reckoned by days, from the day after the last payment up to and with the day of the next one
(Civil Code of Russia, art. 809 p. 4: up to and with the day of the return), on a year of its own 365 or 366 days
(Regulation of the Bank of Russia 39-P of 26.06.1998, p. 3.9). Both are rounded half up to the kopeck. Since months
differ in length, what the annuity leaves over falls on the last payment, which closes the debt.

Amounts are in the currency's units, rates in per cent a year.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from perezvon.kernel.errors import Refused

MOST_MONTHS = 600
KOPECK = Decimal("0.01")
NOTHING = Decimal(0)
_DIGITS = 40


class NeverPaid(Refused):
    """The payment does not cover the interest of a month. facts: payment, interest."""

    code = "loans.never_paid"
    http_status = 422


class NotBetween(Refused):
    """The day lies before the last payment, or a payment is due before it. facts: first, last possible day."""

    code = "loans.not_between"
    http_status = 422


class WrongSum(Refused):
    """An early repayment of too little to reach the debt, or of all of it and more. facts: least, most."""

    code = "loans.wrong_sum"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Row:
    """One payment: what of it is interest, what goes to the debt, and the debt that is left."""

    on: date
    paid: Decimal
    interest: Decimal
    principal: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """All payments to come, the last of which leaves nothing."""

    payment: Decimal
    rows: tuple[Row, ...]

    @property
    def months(self) -> int:
        return len(self.rows)

    @property
    def paid(self) -> Decimal:
        return sum((row.paid for row in self.rows), NOTHING)

    @property
    def interest(self) -> Decimal:
        return sum((row.interest for row in self.rows), NOTHING)

    @property
    def ends_on(self) -> date:
        return self.rows[-1].on


@dataclass(frozen=True, slots=True)
class Debt:
    """A loan after a payment. sum: what is owed then; since: the day of that payment; payment: each month's; months:
    how many there are to come."""

    sum: Decimal
    rate: Decimal
    payment: Decimal
    since: date
    months: int


@dataclass(frozen=True, slots=True)
class Repaid:
    """What a partial early repayment comes to. interest: the part of it that has grown since the last payment; left:
    the debt afterwards. before: as it would have gone on; shorter: the payment stays; smaller: the last day stays."""

    interest: Decimal
    left: Decimal
    before: Plan
    shorter: Plan
    smaller: Plan

    def saved(self, plan: Plan) -> Decimal:
        """Interest that is not to be paid any more."""
        return self.before.interest - self.interest - plan.interest


def annuity(debt: Decimal, rate: Decimal, months: int) -> Decimal:
    """The payment of each month that repays the debt in so many."""
    with localcontext(prec=_DIGITS):
        monthly = rate / 1200
        exact = debt * monthly / (1 - (1 + monthly) ** -months) if monthly else debt / months
        return _kopecks(exact)


def interest(debt: Decimal, rate: Decimal, since: date, until: date) -> Decimal:
    """What grows on the debt after `since`, up to and with `until`."""
    grown = NOTHING
    with localcontext(prec=_DIGITS):
        for year in range(since.year, until.year + 1):
            begins = max(since, date(year - 1, 12, 31))
            days = (min(until, date(year, 12, 31)) - begins).days
            grown += debt * rate * days / (100 * (366 if calendar.isleap(year) else 365))
        return _kopecks(grown)


def due_on(anchor: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return date(year, month + 1, min(anchor.day, calendar.monthrange(year, month + 1)[1]))


def new_loan(debt: Decimal, rate: Decimal, months: int, since: date) -> Plan:
    """A loan that is given out on the day `since`, repaid on the same day of each month."""
    return _plan(debt, rate, annuity(debt, rate, months), since, since, months)


def repay_part(debt: Debt, amount: Decimal, on: date) -> Repaid:
    """An amount paid on a day between two payments: the interest that has grown first, then the debt itself. Raises
    NotBetween, WrongSum, NeverPaid."""
    before = _plan(debt.sum, debt.rate, debt.payment, debt.since, debt.since, debt.months)
    grown = _grown(debt, on)
    if not grown < amount < debt.sum + grown:
        raise WrongSum(least=grown, most=debt.sum + grown)
    left = debt.sum + grown - amount
    lower = min(annuity(left, debt.rate, debt.months), debt.payment)
    shorter = _plan(left, debt.rate, debt.payment, on, debt.since, debt.months)
    smaller = _plan(left, debt.rate, lower, on, debt.since, debt.months)
    return Repaid(grown, left, before, shorter, smaller)


def repay_all(debt: Debt, on: date) -> tuple[Decimal, Decimal]:
    """What closes the debt on a day before the next payment, and how much of that is interest. Raises NotBetween."""
    grown = _grown(debt, on)
    return debt.sum + grown, grown


def _grown(debt: Debt, on: date) -> Decimal:
    if not debt.since <= on < due_on(debt.since, 1):
        raise NotBetween(first=debt.since, last=date.fromordinal(due_on(debt.since, 1).toordinal() - 1))
    return interest(debt.sum, debt.rate, debt.since, on)


def _plan(debt: Decimal, rate: Decimal, payment: Decimal, since: date, anchor: date, months: int) -> Plan:
    """Interest grows from `since`; payments are due on the days of `anchor`. The last of `months` closes the debt, or
    an earlier one that suffices."""
    rows: list[Row] = []
    left, before = debt, since
    for number in range(1, months + 1):
        on = due_on(anchor, number)
        grown = interest(left, rate, before, on)
        principal = left if number == months or left + grown <= payment else payment - grown
        if principal <= 0:
            raise NeverPaid(payment=payment, interest=grown)
        left -= principal
        rows.append(Row(on, principal + grown, grown, principal, left))
        if not left:
            break
        before = on
    return Plan(payment, tuple(rows))


def _kopecks(amount: Decimal) -> Decimal:
    return amount.quantize(KOPECK, ROUND_HALF_UP)
