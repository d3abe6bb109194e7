from __future__ import annotations

from dataclasses import replace

import pytest

from perezvon.connectors.trial_bureau import TrialBureau
from perezvon.ports.contracts.credit import BORN, Decides
from perezvon.ports.credit import Applicant


class Bench:
    bureau = TrialBureau()
    approved = Applicant("4509123452", BORN)
    refused = Applicant("4509123453", BORN)

    def leave(self) -> None:
        """It is away for a passport that ends in 0."""
        self.approved = replace(self.approved, passport="4509123450")


class TestTheTrialBureau(Decides):
    @pytest.fixture
    def bench(self) -> Bench:
        return Bench()
