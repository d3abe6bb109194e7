"""What every connector to a base of customers must do; each inherits these tests with a bench of its own."""

from __future__ import annotations

from typing import Protocol

import pytest

from perezvon.kernel.errors import TryLater
from perezvon.ports.customers import MOST_FOUND, CustomerSource, OutsideCustomer

DIGITS = "79161234567"
ELENA = OutsideCustomer(
    key="C-17",
    last_name="\u0421\u043c\u0438\u0440\u043d\u043e\u0432\u0430",
    first_name="\u0415\u043b\u0435\u043d\u0430",
    phones=("+79161234567", "84951234567"),
    emails=("elena@mail.example",),
    facts=(("Tariff", "Gold"),),
    url="https://crm.example/C-17",
)
DAISY = OutsideCustomer(key="C-18", company_name="Daisy & Co", phones=("+79161234567",))


class Bench(Protocol):
    """The other side, real, on this machine. answer: "slow", "broken", "refusing" or "rubbish" from now on."""

    source: CustomerSource

    def hold(self, *customers: OutsideCustomer) -> None: ...

    def answer(self, how: str) -> None: ...

    def asked(self) -> list[str]: ...


class FindsByPhone:
    def test_all_that_is_known_comes_over(self, bench: Bench) -> None:
        bench.hold(ELENA, DAISY)

        assert list(bench.source.find_by_phone(DIGITS)) == [ELENA, DAISY]
        assert bench.asked() == [DIGITS]

    def test_nobody_is_an_answer(self, bench: Bench) -> None:
        assert list(bench.source.find_by_phone(DIGITS)) == []

    def test_a_shared_number_brings_a_few_only(self, bench: Bench) -> None:
        bench.hold(*(OutsideCustomer(key=str(number), last_name="A") for number in range(MOST_FOUND + 3)))

        assert len(bench.source.find_by_phone(DIGITS)) == MOST_FOUND

    @pytest.mark.parametrize("how", ["slow", "broken", "refusing", "rubbish"])
    def test_what_is_no_answer_is_said_to_be_none(self, bench: Bench, how: str) -> None:
        bench.hold(ELENA)
        bench.answer(how)

        with pytest.raises(TryLater):
            bench.source.find_by_phone(DIGITS)
