from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from perezvon.cores.loans import (
    Debt,
    NeverPaid,
    NotBetween,
    WrongSum,
    annuity,
    due_on,
    interest,
    new_loan,
    repay_all,
    repay_part,
)

SUMS = st.decimals(D("1000.00"), D("30000000.00"), places=2)
RATES = st.decimals(D("0.0"), D("60.0"), places=1)
MONTHS = st.integers(1, 360)
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
LOAN = Debt(D("500000.00"), D("18.0"), annuity(D("500000.00"), D("18.0"), 36), date(2026, 11, 10), 36)


def covers_a_long_month(debt: D, rate: D, months: int) -> bool:
    """Of a very long loan at a high rate the annuity does not even pay the interest of 31 days."""
    return annuity(debt, rate, months) > debt * rate * 31 / 36500 * D("1.001")


class TestPayment:
    @pytest.mark.parametrize(
        ("debt", "rate", "months", "payment"),
        [
            # One month at 1 %: 1000 * 0.01 / (1 - 1 / 1.01) = 1010.
            ("1000.00", "12", 1, "1010.00"),
            # Two months at 1 %: 1000 * 0.01 / (1 - 1 / 1.0201) = 507.5124...
            ("1000.00", "12", 2, "507.51"),
            # A year at 1 %: 1.01 ** 12 = 1.126825030131969720661201, 1000 / (1 - 1 / that) = 8884.8788 for 100 000.
            ("100000.00", "12", 12, "8884.88"),
            # Nothing for the use of it: a third each.
            ("1000.00", "0", 3, "333.33"),
        ],
    )
    def test_is_the_annuity(self, debt, rate, months, payment):
        assert annuity(D(debt), D(rate), months) == D(payment)


class TestInterest:
    @pytest.mark.parametrize(
        ("since", "until", "expected"),
        [
            # 365 000 at 10 % bear 100 a day in a year of 365 days.
            (date(2026, 3, 1), date(2026, 3, 31), "3000.00"),
            # 30 days of a leap year: 365000 * 0.1 * 30 / 366 = 2991.8033
            (date(2028, 3, 1), date(2028, 3, 31), "2991.80"),
            # 16 days of 2027 at 100, then 15 of leap 2028 at 99.7268: 1600 + 1495.9016
            (date(2027, 12, 15), date(2028, 1, 15), "3095.90"),
            (date(2026, 3, 1), date(2026, 3, 1), "0.00"),
        ],
    )
    def test_is_by_days_of_each_year(self, since, until, expected):
        assert interest(D("365000.00"), D(10), since, until) == D(expected)

    @given(SUMS, RATES, DAYS, st.integers(0, 800), st.integers(0, 800))
    def test_of_two_stretches_is_that_of_both(self, debt, rate, day, first, second):
        middle, last = day + timedelta(days=first), day + timedelta(days=first + second)
        apart = interest(debt, rate, day, middle) + interest(debt, rate, middle, last)
        assert abs(apart - interest(debt, rate, day, last)) <= D("0.02")


class TestSchedule:
    def test_of_a_loan_reckoned_by_hand(self):
        """100 000 at 12 % from 10 January 2026 for three months: 34 002.21 a month.

        January to February are 31 days: 100000 * 0.12 * 31 / 365 = 1019.178 -> 1019.18, so 32 983.03 go to the debt.
        February to March are 28: 67016.97 * 0.12 * 28 / 365 = 616.92. Then 31: 33631.68 * 0.12 * 31 / 365 = 342.77.
        """
        plan = new_loan(D("100000.00"), D(12), 3, date(2026, 1, 10))
        assert plan.payment == D("34002.21")
        assert [(row.on, row.paid, row.interest, row.left) for row in plan.rows] == [
            (date(2026, 2, 10), D("34002.21"), D("1019.18"), D("67016.97")),
            (date(2026, 3, 10), D("34002.21"), D("616.92"), D("33631.68")),
            (date(2026, 4, 10), D("33974.45"), D("342.77"), D("0.00")),
        ]
        assert (plan.paid, plan.interest) == (D("101978.87"), D("1978.87"))

    def test_keeps_to_its_day_or_the_last_of_a_short_month(self):
        assert [due_on(date(2027, 10, 31), n) for n in (1, 4, 5)] == [
            date(2027, 11, 30),
            date(2028, 2, 29),
            date(2028, 3, 31),
        ]

    @given(SUMS, RATES, MONTHS, DAYS)
    def test_repays_the_debt_and_not_a_kopeck_more(self, debt, rate, months, day):
        assume(covers_a_long_month(debt, rate, months))
        plan = new_loan(debt, rate, months, day)
        assert plan.rows[-1].left == 0
        assert sum(row.principal for row in plan.rows) == debt
        assert plan.paid == debt + plan.interest
        assert all(row.paid == row.interest + row.principal and row.principal > 0 for row in plan.rows)
        assert all(row.paid == plan.payment for row in plan.rows[:-1])
        assert plan.months <= months


class TestEarlyRepayment:
    def test_leaves_a_shorter_term_or_a_smaller_payment(self):
        """11 days of 500 000 at 18 % in 2026: 500000 * 0.18 * 11 / 365 = 2712.33, so 100 000 leave 402 712.33. With the
        payment of 18 076.20 that lasts -ln(1 - 402712.33 * 0.015 / 18076.20) / ln(1.015) = 27.3 months: 28 payments.
        """
        found = repay_part(LOAN, D("100000.00"), date(2026, 11, 21))
        assert (found.interest, found.left) == (D("2712.33"), D("402712.33"))
        assert (found.before.months, found.shorter.months, found.smaller.months) == (36, 28, 36)
        assert found.shorter.payment == LOAN.payment
        assert found.smaller.payment == annuity(D("402712.33"), D("18.0"), 36) < LOAN.payment
        assert found.shorter.rows[0].on == found.smaller.rows[0].on == date(2026, 12, 10)
        assert found.saved(found.shorter) > found.saved(found.smaller) > 0

    def test_of_all_costs_the_debt_and_the_days_of_use(self):
        assert repay_all(LOAN, date(2026, 11, 21)) == (D("502712.33"), D("2712.33"))
        assert repay_all(LOAN, date(2026, 11, 10)) == (D("500000.00"), D("0.00"))

    @given(
        SUMS, st.decimals(D("1.0"), D("60.0"), places=1), st.integers(3, 240), DAYS, st.integers(0, 27),
        st.decimals(D("0.05"), D("0.95"), places=2),
    )  # fmt: skip
    def test_is_never_dearer(self, debt, rate, months, since, days, share):
        assume(covers_a_long_month(debt, rate, months))
        loan = Debt(debt, rate, annuity(debt, rate, months), since, months)
        amount = (debt * share + interest(debt, rate, since, since + timedelta(days=days))).quantize(D("0.01"))
        found = repay_part(loan, amount, since + timedelta(days=days))
        assert found.left + amount == debt + found.interest
        assert found.shorter.months <= found.before.months
        assert found.smaller.months <= found.before.months
        assert found.saved(found.shorter) >= 0
        assert found.saved(found.smaller) >= 0

    @pytest.mark.parametrize("day", [date(2026, 11, 9), date(2026, 12, 10)])
    def test_belongs_between_two_payments(self, day):
        with pytest.raises(NotBetween) as refused:
            repay_all(LOAN, day)
        assert refused.value.facts == {"first": date(2026, 11, 10), "last": date(2026, 12, 9)}

    @pytest.mark.parametrize("amount", ["2712.33", "502712.33", "-5"])
    def test_is_more_than_the_interest_and_less_than_all(self, amount):
        with pytest.raises(WrongSum):
            repay_part(LOAN, D(amount), date(2026, 11, 21))

    def test_of_a_loan_that_never_ends_is_refused(self):
        with pytest.raises(NeverPaid):
            repay_part(Debt(D(1_000_000), D(24), D(20_000), date(2026, 11, 10), 60), D(30_000), date(2026, 11, 20))
