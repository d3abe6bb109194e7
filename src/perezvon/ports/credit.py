"""What we ask of a credit bureau: would this person be given a loan?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from perezvon.kernel.errors import TryLater


class BureauAway(TryLater):
    """It does not answer in time, refuses, or says what cannot be read: nothing is known."""

    code = "credit.bureau_away"


class Decision(StrEnum):
    """Preliminary: the bank decides when it has seen the papers."""

    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Applicant:
    """passport: the ten digits of a Russian one, series first."""

    passport: str
    born: date
    name: str = ""


class CreditBureau(Protocol):
    """Each question stands alone; any number may be asked at once."""

    def decide(self, applicant: Applicant) -> Decision:
        """Within ten seconds. Raises BureauAway."""
        ...
