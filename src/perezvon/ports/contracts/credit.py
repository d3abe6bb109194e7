"""What every connector to a credit bureau must do; each inherits these tests with a bench of its own."""

from __future__ import annotations

from datetime import date
from typing import Protocol

import pytest

from perezvon.ports.credit import Applicant, BureauAway, CreditBureau, Decision

BORN = date(1981, 5, 14)


class Bench(Protocol):
    """The other side, real, on this machine, with people of which it approves, or not."""

    bureau: CreditBureau
    approved: Applicant
    refused: Applicant

    def leave(self) -> None: ...


class Decides:
    def test_it_approves_of_one_and_refuses_another(self, bench: Bench) -> None:
        assert bench.bureau.decide(bench.approved) is Decision.APPROVED
        assert bench.bureau.decide(bench.refused) is Decision.REFUSED

    def test_the_same_person_gets_the_same_answer(self, bench: Bench) -> None:
        assert {bench.bureau.decide(bench.refused) for _time in range(3)} == {Decision.REFUSED}

    def test_one_that_is_away_decides_nothing(self, bench: Bench) -> None:
        bench.leave()

        with pytest.raises(BureauAway):
            bench.bureau.decide(bench.approved)
