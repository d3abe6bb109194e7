"""The credit bureau that a bank's conversations ask."""

from __future__ import annotations

from perezvon.connectors.trial_bureau import TrialBureau
from perezvon.ports.credit import CreditBureau
from perezvon.project.environment import environment


def make_bureau() -> CreditBureau | None:
    """The bureau of this installation (settings.CREDIT_BUREAU); None: there is none."""
    return TrialBureau() if environment().credit_bureau == "trial" else None
