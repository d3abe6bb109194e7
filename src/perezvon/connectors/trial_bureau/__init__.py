"""A credit bureau for development and demonstrations: it knows nobody and decides by the last digit of the passport."""

from __future__ import annotations

from perezvon.ports.credit import Applicant, BureauAway, Decision

# Of the passport's last digits: those that try what happens when it is away, and when it refuses.
AWAY, REFUSED = "0", frozenset("13579")


class TrialBureau:
    """A `ports.credit.CreditBureau`: even approves, odd refuses, naught is away."""

    def decide(self, applicant: Applicant) -> Decision:
        last = applicant.passport[-1:]
        if last == AWAY or not last:
            raise BureauAway
        return Decision.REFUSED if last in REFUSED else Decision.APPROVED
