"""The calculators: what each asks, how it is read, and what it comes to, in words and as rows to be drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from perezvon.cores.loans import (
    MOST_MONTHS,
    Debt,
    NeverPaid,
    NotBetween,
    Plan,
    WrongSum,
    new_loan,
    repay_all,
    repay_part,
)
from perezvon.cores.loans import annuity as annuity_of
from perezvon.foundation.fields.words import problem_words
from perezvon.foundation.ui.templatetags.ui import money
from perezvon.kernel.checks import Wrong, day, decimal

RECKON = "loans.reckon"
MOST_SUM, MOST_RATE = Decimal(10_000_000_000), Decimal(1_000)
type Given = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """figures: (what, how much), the first is what was asked for. said: one sentence for the customer and the note.
    plans: schedules to be shown, each by its title."""

    figures: list[tuple[str, str]]
    said: str
    plans: list[tuple[str, Plan]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Calculator:
    """asks: its fields, in order."""

    code: str
    title: str | Promise
    asks: tuple[str, ...]
    reckon: Callable[[Mapping[str, Any]], Found]


class Mistaken(ValueError):
    """words: what is wrong, by field."""

    def __init__(self, words: Mapping[str, str]) -> None:
        super().__init__(words)
        self.words = dict(words)


# --- what is asked ---


def _sum(text: str) -> Decimal:
    found = decimal(text, places=2)
    if not 0 < found <= MOST_SUM:
        raise Wrong("number.large" if found > 0 else "number.small", most=MOST_SUM, least="0,01")
    return found


def _rate(text: str) -> Decimal:
    found = decimal(text, places=3)
    if not 0 <= found <= MOST_RATE:
        raise Wrong("number.large" if found > 0 else "number.small", most=MOST_RATE, least=0)
    return found


def _months(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(MOST_MONTHS)):
        raise Wrong("number.between", least=1, most=MOST_MONTHS)
    if not 1 <= int(text) <= MOST_MONTHS:
        raise Wrong("number.between", least=1, most=MOST_MONTHS)
    return int(text)


def _day(text: str) -> date:
    found = day(text)
    if not 1990 <= found.year <= 2100:
        raise Wrong("date.form")
    return found


FIELDS: Mapping[str, tuple[str | Promise, str, Callable[[str], Any]]] = {
    "sum": (lazy("Sum of the loan, ₽"), "text", _sum),
    "debt": (lazy("Debt after the last payment, ₽"), "text", _sum),
    "rate": (lazy("Yearly rate, %"), "text", _rate),
    "months": (lazy("Term, months"), "text", _months),
    "left": (lazy("Payments to come"), "text", _months),
    "payment": (lazy("Monthly payment, ₽"), "text", _sum),
    "since": (lazy("Given out on"), "date", _day),
    "paid_on": (lazy("Day of the last payment"), "date", _day),
    "amount": (lazy("Repaid early, ₽"), "text", _sum),
    "on": (lazy("Day of early repayment"), "date", _day),
}
OPTIONAL = {"payment"}


def read(calculator: Calculator, given: Given) -> dict[str, Any]:
    """Values of its fields. Raises Mistaken with all that is wrong."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name in calculator.asks:
        text = given.get(name, "").strip()[:40]
        try:
            if not text and name not in OPTIONAL:
                raise Wrong("field.required")
            values[name] = FIELDS[name][2](text) if text else None
        except Wrong as error:
            wrong[name] = problem_words(error.code, error.facts)
    if wrong:
        raise Mistaken(wrong)
    return values


def reckoned(calculator: Calculator, given: Given) -> Found:
    """Raises Mistaken."""
    values = read(calculator, given)
    try:
        return calculator.reckon(values)
    except NotBetween as error:
        span = {name: f"{error.facts[name]:%d.%m.%Y}" for name in ("first", "last")}
        words = _("Between two payments: from {first} to {last}.").format(**span)
        raise Mistaken({"on": words}) from None
    except WrongSum as error:
        sums = {name: money(error.facts[name]) for name in ("least", "most")}
        raise Mistaken({"amount": _("More than {least} and less than {most}.").format(**sums)}) from None
    except NeverPaid as error:
        at = "payment" if "payment" in values else "rate"
        words = _("A payment of {payment} does not cover the interest of a month, {interest}.")
        sums = {name: money(error.facts[name]) for name in ("payment", "interest")}
        raise Mistaken({at: words.format(**sums)}) from None


# --- what they come to ---


def _months_words(count: int) -> str:
    return ngettext("{count} month", "{count} months", count).format(count=count)


def _of_payment(values: Mapping[str, Any]) -> Found:
    plan = new_loan(values["sum"], values["rate"], values["months"], values["since"])
    return Found(
        [
            (_("Monthly payment"), money(plan.payment)),
            (_("Last payment"), f"{money(plan.rows[-1].paid)}, {date_format(plan.ends_on, 'd.m.Y')}"),
            (_("Interest of the whole term"), money(plan.interest)),
            (_("Paid in all"), money(plan.paid)),
        ],
        _("Loan of {sum} at {rate} %, {months}: {payment} a month, {interest} of interest in all.").format(
            sum=money(values["sum"]),
            rate=number_format(values["rate"]),
            months=_months_words(values["months"]),
            payment=money(plan.payment),
            interest=money(plan.interest),
        ),
        [(_("Schedule"), plan)],
    )


def _debt(values: Mapping[str, Any]) -> Debt:
    payment = values["payment"] or annuity_of(values["debt"], values["rate"], values["left"])
    return Debt(values["debt"], values["rate"], payment, values["paid_on"], values["left"])


def _of_part(values: Mapping[str, Any]) -> Found:
    found = repay_part(_debt(values), values["amount"], values["on"])
    shorter, smaller = found.shorter, found.smaller
    return Found(
        [
            (
                _("If the term gets shorter"),
                _("{months} instead of {before}, the last on {day}; {saved} of interest saved").format(
                    months=_months_words(shorter.months),
                    before=found.before.months,
                    day=date_format(shorter.ends_on, "d.m.Y"),
                    saved=money(found.saved(shorter)),
                ),
            ),
            (
                _("If the payment gets smaller"),
                _("{payment} instead of {before}; {saved} of interest saved").format(
                    payment=money(smaller.payment),
                    before=money(found.before.payment),
                    saved=money(found.saved(smaller)),
                ),
            ),
            (_("Of it interest since the last payment"), money(found.interest)),
            (_("Debt afterwards"), money(found.left)),
        ],
        _(
            "Repaid early {amount} on {day}: {months} with {payment} a month, or {lower} a month with the same term."
        ).format(
            amount=money(values["amount"]),
            day=date_format(values["on"], "d.m.Y"),
            months=_months_words(shorter.months),
            payment=money(shorter.payment),
            lower=money(smaller.payment),
        ),
        [(_("Shorter term"), shorter), (_("Smaller payment"), smaller)],
    )


def _of_all(values: Mapping[str, Any]) -> Found:
    total, grown = repay_all(Debt(values["debt"], values["rate"], values["debt"], values["paid_on"], 1), values["on"])
    shown = date_format(values["on"], "d.m.Y")
    return Found(
        [
            (_("To be paid"), money(total)),
            (_("Of it interest since the last payment"), money(grown)),
            (_("Of it the debt"), money(values["debt"])),
        ],
        _("Full early repayment on {day}: {total}, of it {interest} of interest.").format(
            day=shown, total=money(total), interest=money(grown)
        ),
    )


CALCULATORS: Mapping[str, Calculator] = {
    one.code: one
    for one in (
        Calculator("payment", lazy("Loan payment"), ("sum", "rate", "months", "since"), _of_payment),
        Calculator(
            "part",
            lazy("Partial early repayment"),
            ("debt", "rate", "left", "payment", "paid_on", "amount", "on"),
            _of_part,
        ),
        Calculator("full", lazy("Full early repayment"), ("debt", "rate", "paid_on", "on"), _of_all),
    )
}
